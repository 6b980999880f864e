// Folders that vanish and, in the tests of the command line, the tool itself run in them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <string_view>

namespace ohmset::test {

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "ohmset-test-XXXXXX").string();
    REQUIRE(mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  [[nodiscard]] std::string path(std::string_view name = {}) const { return (path_ / name).string(); }

  std::string write(std::string_view name, std::string_view bytes) const {
    std::ofstream(path_ / name, std::ios::binary) << bytes;
    return path(name);
  }
  [[nodiscard]] std::string read(std::string_view name) const {
    std::ifstream file(path_ / name, std::ios::binary);
    REQUIRE_MESSAGE(file.good(), name);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  [[nodiscard]] bool has(std::string_view name) const { return std::filesystem::exists(path_ / name); }

  // Every file in it, with the folders they are in.
  [[nodiscard]] std::set<std::string> names() const {
    std::set<std::string> result;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path_)) {
      result.insert(entry.path().lexically_relative(path_).string());
    }
    return result;
  }

 private:
  std::filesystem::path path_;
};

inline bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

inline std::string replaced(std::string text, std::string_view part, std::string_view by) {
  const std::size_t at = text.find(part);
  REQUIRE_MESSAGE(at != std::string::npos, part);
  return text.replace(at, part.size(), by);
}

#ifdef OHMSET_TOOL
struct ToolRun {
  int exit_code = -1;
  std::string out{};
  std::string error{};
};

// Runs `ohmset ARGUMENTS` in the folder; the arguments are words for the shell.
inline ToolRun run_tool(const TemporaryFolder& folder, const std::string& arguments, const std::string& before = {}) {
  const TemporaryFolder streams;
  const std::string command = "cd '" + folder.path() + "' && " + before + " '" OHMSET_TOOL "' " + arguments + " >'" +
                              streams.path("out") + "' 2>'" + streams.path("error") + "' </dev/null";
  const int status = std::system(command.c_str());
  ToolRun run{.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1};
  run.out = streams.read("out");
  run.error = streams.read("error");
  return run;
}

// What every refusal must be: the exit code, one line that starts with the tool's name and holds the words, nothing on
// stdout and no file that was not there.
inline void check_refused(const TemporaryFolder& folder, const std::string& arguments, int exit_code,
                          std::initializer_list<std::string_view> words) {
  CAPTURE(arguments);
  const std::set<std::string> before = folder.names();
  const ToolRun run = run_tool(folder, arguments);
  CAPTURE(run.error);
  CHECK(run.exit_code == exit_code);
  CHECK(run.out.empty());
  CHECK(run.error.starts_with("ohmset: "));
  CHECK(run.error.find('\n') == run.error.size() - 1);
  for (const std::string_view word : words) CHECK_MESSAGE(contains(run.error, word), word);
  CHECK(folder.names() == before);
}
#endif

}  // namespace ohmset::test
