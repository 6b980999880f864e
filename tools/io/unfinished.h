// Paths that are half written, for a signal handler to remove. Holds at most a few dozen at a time.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

namespace ohmset::io {

// A temporary file or folder: removed when this goes out of scope or a signal ends the process, unless it was kept.
// Within a folder, files are made after it and go before it.
class Unfinished {
 public:
  explicit Unfinished(std::string path);
  ~Unfinished();
  Unfinished(const Unfinished&) = delete;
  Unfinished& operator=(const Unfinished&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }
  void keep();  // finished: renamed to where it belongs

 private:
  std::string path_;
  std::size_t slot_;
};

}  // namespace ohmset::io
