// What a person sees: text on stdout, notes and progress on stderr.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/cli/command_line.h"

namespace ohmset::cli {

// To stdout, at once. Throws Error{world} when it cannot be written (closed pipe, full disk).
void print(std::string_view text);

// One line on stderr, unless --quiet.
void note(const Common& common, std::string_view text);

// Columns padded to their widest cell, two spaces between; the first column to the left, the others to the right
// unless `left` says otherwise. One line per row.
[[nodiscard]] std::string table(const std::vector<std::vector<std::string>>& rows,
                                const std::vector<std::size_t>& left = {0});

[[nodiscard]] std::string seconds_text(double seconds);

// A bar with the time that is left, and with the rate where the things counted have a name, on stderr when it is a
// terminal and nobody asked for silence.
class Progress {
 public:
  Progress(const Common& common, std::string what, std::string things = {});
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void show(std::size_t finished, std::size_t total);
  // For the libraries' progress callbacks: never stops them.
  [[nodiscard]] std::function<bool(std::size_t, std::size_t)> callback();

 private:
  using Clock = std::chrono::steady_clock;
  std::string what_;
  std::string things_;
  bool shown_ = false;  // something stands in the terminal's line
  bool on_;
  Clock::time_point begin_ = Clock::now();
  Clock::time_point last_{};
};

class Stopwatch {
 public:
  [[nodiscard]] double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
  }

 private:
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

}  // namespace ohmset::cli
