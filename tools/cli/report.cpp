// SPDX-License-Identifier: Apache-2.0
#include "tools/cli/report.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstring>

#include "sim/error.h"

namespace ohmset::cli {

void print(std::string_view text) {
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  if (!written || std::fflush(stdout) != 0) throw world_error("stdout cannot be written", std::strerror(errno));
}

void note(const Common& common, std::string_view text) {
  if (!common.quiet) fmt::print(stderr, "{}\n", text);
}

std::string table(const std::vector<std::vector<std::string>>& rows, const std::vector<std::size_t>& left) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t k = 0; k < row.size(); ++k) widths[k] = std::max(widths[k], row[k].size());
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t k = 0; k < row.size(); ++k) {
      const bool to_left = std::find(left.begin(), left.end(), k) != left.end();
      line += fmt::format(fmt::runtime(to_left ? "{}{:<{}}" : "{}{:>{}}"), k == 0 ? "" : "  ", row[k], widths[k]);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

std::string seconds_text(double seconds) {
  if (seconds < 1e-3) return fmt::format("{:.0f} us", seconds * 1e6);
  if (seconds < 1.0) return fmt::format("{:.1f} ms", seconds * 1e3);
  if (seconds < 100.0) return fmt::format("{:.2f} s", seconds);
  return fmt::format("{:.0f} min {:02.0f} s", std::floor(seconds / 60.0), std::fmod(seconds, 60.0));
}

Progress::Progress(const Common& common, std::string what, std::string things)
    : what_(std::move(what)),
      things_(std::move(things)),
      on_(common.progress && !common.quiet && isatty(STDERR_FILENO) == 1) {}

Progress::~Progress() {
  if (shown_) fmt::print(stderr, "\r\033[K");
}

void Progress::show(std::size_t finished, std::size_t total) {
  if (!on_ || total == 0) return;
  const Clock::time_point now = Clock::now();
  // Quick work shows nothing, long work a few times a second.
  if (now - begin_ < std::chrono::milliseconds(500) || now - last_ < std::chrono::milliseconds(100)) return;
  last_ = now;
  shown_ = true;
  constexpr std::size_t width = 30;
  const double share = static_cast<double>(std::min(finished, total)) / static_cast<double>(total);
  const auto full = static_cast<std::size_t>(share * static_cast<double>(width));
  const double spent = std::chrono::duration<double>(now - begin_).count();
  const std::string left = share > 0.0 ? seconds_text(spent / share - spent) : "?";
  const std::string rate =
      things_.empty() ? "" : fmt::format("{:.3g} {}/s, ", static_cast<double>(finished) / spent, things_);
  fmt::print(stderr, "\r{} [{:#<{}}{:.<{}}] {:3.0f} %, {}{} left\033[K", what_, "", full, "", width - full,
             share * 100.0, rate, left);
  std::fflush(stderr);
}

std::function<bool(std::size_t, std::size_t)> Progress::callback() {
  return [this](std::size_t finished, std::size_t total) {
    show(finished, total);
    return true;
  };
}

}  // namespace ohmset::cli
