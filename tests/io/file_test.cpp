// SPDX-License-Identifier: Apache-2.0
#include "tools/io/file.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "sim/error.h"
#include "tests/support/tool.h"
#include "tools/io/unfinished.h"

using namespace ohmset;
using namespace ohmset::io;
using ohmset::test::contains;
using ohmset::test::TemporaryFolder;

namespace {

template <class Action>
std::string refusal(Fault fault, const Action& action) {
  try {
    action();
  } catch (const Error& error) {
    CHECK(error.fault() == fault);
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("what is written reads back, zero bytes included") {
  const TemporaryFolder folder;
  const std::string bytes("a\0b\nc\xff", 6);
  write_file(folder.path("f"), bytes, false);
  CHECK(read_file(folder.path("f")) == bytes);
  write_file(folder.path("empty"), "", false);
  CHECK(read_file(folder.path("empty")).empty());
  CHECK(folder.names() == std::set<std::string>{"empty", "f"});
}

TEST_CASE("an existing file is replaced only by force") {
  const TemporaryFolder folder;
  const std::string path = folder.write("f", "old");
  CHECK(contains(refusal(Fault::input, [&] { write_file(path, "new", false); }), "--force"));
  CHECK(contains(refusal(Fault::input, [&] { check_output(path, false); }), "--force"));
  CHECK(folder.read("f") == "old");
  check_output(path, true);
  write_file(path, "new", true);
  CHECK(folder.read("f") == "new");
  CHECK(folder.names() == std::set<std::string>{"f"});
}

TEST_CASE("a replaced file keeps its permissions, and a link stays a link") {
  const TemporaryFolder folder;
  const std::string path = folder.write("f", "old");
  REQUIRE(chmod(path.c_str(), 0600) == 0);
  REQUIRE(symlink("f", folder.path("link").c_str()) == 0);
  write_file(folder.path("link"), "new", true);
  struct stat status {};
  REQUIRE(lstat(folder.path("link").c_str(), &status) == 0);
  CHECK(S_ISLNK(status.st_mode));
  CHECK(folder.read("f") == "new");
  REQUIRE(stat(path.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777U) == 0600U);
}

TEST_CASE("what cannot be read is the input's fault, what cannot be written the world's") {
  const TemporaryFolder folder;
  CHECK(contains(refusal(Fault::input, [&] { static_cast<void>(read_file(folder.path("none"))); }), "No such file"));
  CHECK(contains(refusal(Fault::input, [&] { static_cast<void>(read_file(folder.path())); }), "is a folder"));
  folder.write("f", "12345");
  CHECK(contains(refusal(Fault::input, [&] { static_cast<void>(read_file(folder.path("f"), 4)); }), "too large"));
  CHECK(read_file(folder.path("f"), 5) == "12345");
  CHECK(contains(refusal(Fault::input, [&] { static_cast<void>(read_file("/dev/zero", 1000)); }), "too large"));

  CHECK(!refusal(Fault::world, [&] { check_output(folder.path("none/f"), false); }).empty());
  CHECK(!refusal(Fault::world, [&] { check_output(folder.path("f/g"), false); }).empty());
  CHECK(!refusal(Fault::world, [&] { check_output("/proc/f", false); }).empty());
  CHECK(!refusal(Fault::world, [&] { write_folder("/proc/d", {{"a", "1"}}, false); }).empty());
  CHECK(contains(refusal(Fault::world, [&] { write_file("/dev/full", "bytes", false); }), "No space left"));
  CHECK(contains(refusal(Fault::input, [&] { check_output(folder.path(), true); }), "is a folder"));
  CHECK(!refusal(Fault::input, [&] { check_output("", false); }).empty());
  write_file("/dev/null", "bytes", false);
  CHECK(folder.names() == std::set<std::string>{"f"});
}

TEST_CASE("a folder appears whole, and only its like is replaced") {
  const TemporaryFolder folder;
  const std::string path = folder.path("d");
  write_folder(path + "/", {{"a", "1"}, {"b", "2"}}, false);
  CHECK(folder.names() == std::set<std::string>{"d", "d/a", "d/b"});
  CHECK(contains(refusal(Fault::input, [&] { write_folder(path, {{"a", "3"}}, false); }), "--force"));
  CHECK(contains(refusal(Fault::input, [&] { write_folder(path, {{"a", "3"}}, true); }), "other files (b)"));
  CHECK(folder.read("d/a") == "1");
  write_folder(path, {{"a", "3"}, {"c", "4"}}, true, {"b"});
  CHECK(folder.names() == std::set<std::string>{"d", "d/a", "d/c"});
  CHECK(folder.read("d/a") == "3");
}

TEST_CASE("folders within a folder appear and vanish with it, and only their like is replaced") {
  const TemporaryFolder folder;
  const std::string path = folder.path("d");
  const std::vector<std::string> like = {"a", "b/a", "b/c"};
  write_folder(path, {{"a", "1"}, {"b/a", "2"}, {"b/c", "3"}}, false, like);
  CHECK(folder.names() == std::set<std::string>{"d", "d/a", "d/b", "d/b/a", "d/b/c"});
  CHECK(folder.read("d/b/c") == "3");
  write_folder(path, {{"b/c", "4"}}, true, like);
  CHECK(folder.names() == std::set<std::string>{"d", "d/b", "d/b/c"});
  CHECK(folder.read("d/b/c") == "4");
  CHECK(contains(refusal(Fault::input, [&] { write_folder(path, {{"a", "5"}}, true); }), "other files (b)"));
  write_folder(path, {{"a", "5"}}, true, like);
  CHECK(folder.names() == std::set<std::string>{"d", "d/a"});

  // A file where a folder would be, a folder where a file would be, and what is deeper than we write.
  folder.write("d/b", "mine");
  CHECK(contains(refusal(Fault::input, [&] { write_folder(path, {{"b/c", "6"}}, true, like); }), "other files (b)"));
  std::filesystem::remove(folder.path("d/b"));
  std::filesystem::remove(folder.path("d/a"));
  std::filesystem::create_directories(folder.path("d/a"));
  CHECK(contains(refusal(Fault::input, [&] { write_folder(path, {{"b/c", "6"}}, true, like); }), "other files (a)"));
  std::filesystem::remove(folder.path("d/a"));
  std::filesystem::create_directories(folder.path("d/b/c"));
  CHECK(contains(refusal(Fault::input, [&] { write_folder(path, {{"b/c", "6"}}, true, like); }), "other files (b/c)"));
}

TEST_CASE("an empty folder may be filled by force; a file is never replaced by a folder") {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder.path("d"));
  write_folder(folder.path("d"), {{"a", "1"}}, true);
  CHECK(folder.read("d/a") == "1");
  folder.write("f", "");
  CHECK(contains(refusal(Fault::input, [&] { write_folder(folder.path("f"), {{"a", "1"}}, true); }), "is a file"));
}

TEST_CASE("a folder that cannot be completed leaves nothing") {
  const TemporaryFolder folder;
  CHECK(!refusal(Fault::world, [&] {
           write_folder(folder.path("d"), {{"a", "1"}, {"b/c", "2"}, {"b/d/e", "3"}}, false);
         }).empty());
  CHECK(folder.names().empty());
}

TEST_CASE("a signal removes what is unfinished, then ends the process as it would have") {
  for (const int signal_number : {SIGINT, SIGTERM}) {
    const TemporaryFolder folder;
    std::filesystem::create_directory(folder.path("d"));
    folder.write("d/a", "half");
    folder.write("f", "half");
    folder.write("kept", "whole");
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      remove_unfinished_on_signal();
      const Unfinished file(folder.path("f"));
      const Unfinished inner_folder(folder.path("d"));
      const Unfinished inner(folder.path("d/a"));
      Unfinished finished(folder.path("kept"));
      finished.keep();
      raise(signal_number);
      _exit(0);
    }
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    CHECK(WIFSIGNALED(status));
    CHECK(WTERMSIG(status) == signal_number);
    CHECK(folder.names() == std::set<std::string>{"kept"});
  }
}

TEST_CASE("more unfinished files than there are slots are still removed when they go out of scope") {
  const TemporaryFolder folder;
  {
    std::vector<std::unique_ptr<Unfinished>> files;
    for (int k = 0; k < 100; ++k) {
      const std::string name = std::to_string(k);
      files.push_back(std::make_unique<Unfinished>(folder.write(name, "half")));
    }
  }
  CHECK(folder.names().empty());
}
