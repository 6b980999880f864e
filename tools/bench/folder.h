// A folder for files that other programs read and write, gone with its object.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <filesystem>
#include <random>
#include <string>
#include <system_error>

namespace ohmset::bench {

class Folder {
 public:
  Folder() : path_(std::filesystem::temp_directory_path() / fmt::format("ohmset_bench_{}", std::random_device{}())) {
    std::filesystem::create_directory(path_);
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder(Folder&&) = delete;
  Folder& operator=(const Folder&) = delete;
  Folder& operator=(Folder&&) = delete;
  [[nodiscard]] std::string file(const char* name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

}  // namespace ohmset::bench
