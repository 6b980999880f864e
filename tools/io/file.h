// Whole files in and out. What is written appears complete or not at all.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace ohmset::io {

class Unfinished;

// Throws Error{input} when the file is missing, is a folder, cannot be read or is larger than `most` bytes.
[[nodiscard]] std::string read_file(const std::string& path, std::size_t most = std::size_t{8} << 30U);

// Whether `path` may be written: throws Error{input} when it exists and `force` is false, Error{world} when its folder
// cannot be written. Called before long work starts. Devices and pipes ("/dev/null") may always be written.
void check_output(const std::string& path, bool force);

// Throws Error{input} when two outputs, given as `first` and `second`, are the same file. "" is none.
void check_apart(const std::string& first, const std::string& path, const std::string& second,
                 const std::string& other);

// Devices and pipes, which take whatever is written, by any name.
[[nodiscard]] bool is_written_in_place(const std::string& path);

// Writes to a temporary name beside `path`, then renames. Throws Error{input} when it exists and `force` is false,
// Error{world} when the outside world fails; the temporary file is removed, on signals too (see
// remove_unfinished_on_signal). Devices and pipes are written in place.
void write_file(const std::string& path, std::string_view bytes, bool force);

// A file that is written piece by piece and appears at its name when it is finished; until then, or when something
// fails, it is as if it had never been.
class GrowingFile {
 public:
  // Throws as check_output does.
  GrowingFile(const std::string& path, bool force);
  ~GrowingFile();
  GrowingFile(const GrowingFile&) = delete;
  GrowingFile& operator=(const GrowingFile&) = delete;

  void append(std::string_view bytes);  // throws Error{world}
  void finish();

 private:
  std::string path_;    // as the user typed it
  std::string target_;  // "" when it is written in place
  std::unique_ptr<Unfinished> unfinished_;
  int descriptor_ = -1;
};

// A file of a folder: its name ("design.json", "first/design.json" for one in a folder within) and its bytes, those
// that are its own and those that it borrows to spare a copy.
struct FolderFile {
  std::string name{};
  std::string bytes{};
  std::string_view rest{};
};
using FolderFiles = std::vector<FolderFile>;

// A folder of files, written under a temporary name, then renamed; an existing folder is replaced with `force`, but
// only when it holds nothing but files of those names and of the names in `replaceable`.
void write_folder(const std::string& path, const FolderFiles& files, bool force,
                  const std::vector<std::string>& replaceable = {});
// The same refusals as write_folder, before long work starts.
void check_output_folder(const std::string& path, bool force, const std::vector<std::string>& replaceable);

// SIGINT and SIGTERM remove what is half written, then end the process as the signal would.
void remove_unfinished_on_signal();

}  // namespace ohmset::io
