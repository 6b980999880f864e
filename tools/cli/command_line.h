// Commands, their options and their help: the one place that knows CLI11.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/error.h"

namespace ohmset::cli {

// What every command takes.
struct Common {
  std::uint64_t seed = 1;
  bool seed_given = false;
  std::size_t threads = 0;  // 0: all
  std::string output{};     // -o; "" for none
  bool force = false;       // an existing output may be replaced
  bool quiet = false;       // no tables, notes or progress: errors and what was asked for alone
  bool json = false;        // one document on stdout
  bool progress = true;     // bars, when stderr is a terminal
};

inline constexpr int done = 0;
inline constexpr int check_failed = 1;
inline constexpr int bad_input = 2;
inline constexpr int world_failed = 3;

// The options of one command. Values are written when the command line is parsed, so they must outlive it.
// `shown` is the value's name in the help.
class Command {
 public:
  void positional(const std::string& shown, std::string& value, const std::string& help, bool required = true);
  void flag(const std::string& name, bool& value, const std::string& help);
  void text(const std::string& name, const std::string& shown, std::string& value, const std::string& help,
            bool required = false);
  void texts(const std::string& name, const std::string& shown, std::vector<std::string>& values,
             const std::string& help);  // repeatable
  void choice(const std::string& name, const std::vector<std::string>& words, std::string& value,
              const std::string& help);
  void whole(const std::string& name, std::uint64_t& value, const std::string& help, std::uint64_t least = 0);
  void whole(const std::string& name, std::optional<std::size_t>& value, const std::string& help,
             std::size_t least = 0);
  // A quantity in `unit`, not negative.
  void quantity(const std::string& name, const std::string& unit, std::optional<double>& value,
                const std::string& help);

 private:
  friend class CommandLine;
  explicit Command(void* app) : app_(app) {}
  void* app_;  // CLI::App, which only the source knows
};

class CommandLine {
 public:
  CommandLine();
  ~CommandLine();
  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;

  // `output` says in the help what -o holds. `example` is a command line that works.
  [[nodiscard]] Command add(const std::string& name, const std::string& summary, const std::string& output,
                            const std::string& example, std::function<int(const Common&)> action);

  // Parses, then does what was asked for; the exit code. Throws Error{input} for bad usage.
  [[nodiscard]] int run(int count, const char* const* arguments);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// "3.3k" given to the option `name`. Throws Error{input} that names the option. requires a value >= 0 (inf allowed)
[[nodiscard]] double quantity_of(const std::string& name, std::string_view text, const std::string& unit);

// "A,B" given to the option `name`, or "64x64": the two sides of `separator`.
[[nodiscard]] std::pair<std::string, std::string> pair_of(const std::string& name, std::string_view text,
                                                          char separator);
[[nodiscard]] std::uint64_t whole_of(const std::string& name, std::string_view text, std::uint64_t least = 0);

void add_sample(CommandLine& line);
void add_design(CommandLine& line);
void add_combine(CommandLine& line);
void add_subset_sum(CommandLine& line);
void add_compile(CommandLine& line);
void add_mvm(CommandLine& line);
void add_solve(CommandLine& line);
void add_netlist(CommandLine& line);
void add_verify(CommandLine& line);
void add_tolerance(CommandLine& line);
void add_precision(CommandLine& line);
void add_lottery(CommandLine& line);

}  // namespace ohmset::cli
