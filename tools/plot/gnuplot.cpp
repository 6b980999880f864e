// SPDX-License-Identifier: Apache-2.0
#include "tools/plot/gnuplot.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "sim/error.h"

namespace ohmset::plot {
namespace {

class Pipe {
 public:
  Pipe() {
    if (pipe2(ends_.data(), O_CLOEXEC) != 0) throw world_error("gnuplot cannot be run", std::strerror(errno));
  }
  ~Pipe() {
    close_read();
    close_write();
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  [[nodiscard]] int read_end() const { return ends_[0]; }
  [[nodiscard]] int write_end() const { return ends_[1]; }
  void close_read() { close_end(ends_[0]); }
  void close_write() { close_end(ends_[1]); }

 private:
  static void close_end(int& end) {
    if (end >= 0) close(end);
    end = -1;
  }
  std::array<int, 2> ends_{-1, -1};
};

// Its answer comes after the last line of the script, so that all can be written before it is read.
std::string answer_of_gnuplot(std::string_view script) {
  Pipe in;
  Pipe out;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in.read_end(), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, out.write_end(), STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  std::string name = "gnuplot";
  std::array<char*, 2> arguments{name.data(), nullptr};
  pid_t process = 0;
  const int failed = posix_spawnp(&process, name.c_str(), &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) throw world_error("gnuplot cannot be run", "install it (gnuplot-nox), or leave out --plot");
  in.close_read();
  out.close_write();
  while (!script.empty()) {
    const ssize_t written = write(in.write_end(), script.data(), script.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) break;  // it has ended: its exit code tells
    script.remove_prefix(static_cast<std::size_t>(written));
  }
  in.close_write();
  std::string answer;
  std::array<char, 65536> block{};
  for (;;) {
    const ssize_t got = read(out.read_end(), block.data(), block.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    answer.append(block.data(), static_cast<std::size_t>(got));
  }
  int status = 0;
  while (waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0 || answer.empty()) {
    throw world_error("gnuplot could not draw the picture", "expected gnuplot 5.4 or later with svg and pngcairo");
  }
  return answer;
}

// Fonts are in points of an SVG: a PNG's are scaled with its pixels.
std::string terminal_of(const std::string& path, int width, int height) {
  return path.ends_with(".svg")
             ? fmt::format("set terminal svg size {},{} font 'sans,14' background 'white'\n", width, height)
             : fmt::format("set terminal pngcairo size {},{} font 'sans,14' fontscale 1.5 linewidth 1.5\n",
                           width * 3 / 2, height * 3 / 2);
}

}  // namespace

void check_picture(const std::string& path) {
  if (!path.ends_with(".svg") && !path.ends_with(".png")) {
    throw input_error(fmt::format("--plot {}", path), "expected a name that ends with .svg or .png");
  }
  static_cast<void>(answer_of_gnuplot(terminal_of(path, 100, 100) + "plot 0\n"));
}

std::string picture(const std::string& path, int width, int height, std::string_view script) {
  std::string text = terminal_of(path, width, height);
  text +=
      "set encoding utf8\n"
      "set border 3 linecolor '#888888'\n"
      "set tics nomirror\n"
      "set grid back linecolor '#dddddd' linetype 1\n";
  text += script;
  return answer_of_gnuplot(text);
}

std::string in_quotes(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '\n') {
      result += "\\n";
      continue;
    }
    if (c == '"' || c == '\\') result += '\\';
    result += c == '`' ? '\'' : c;
  }
  return '"' + result + '"';
}

}  // namespace ohmset::plot
