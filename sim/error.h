// What can go wrong outside the program's control, said in one line.
// A broken precondition of a function throws std::invalid_argument instead.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

namespace ohmset {

// Whose fault it is decides the command line's exit code.
enum class Fault {
  input,  // bad usage or bad input: exit code 2
  world,  // a failure of the outside world (ngspice missing, disk full): exit code 3
};

// `what()` reads "FILE:LINE: what is wrong: what was expected"; parts that are unknown are left out.
class Error : public std::runtime_error {
 public:
  Error(Fault fault, const std::string& message) : std::runtime_error(message), fault_(fault) {}
  [[nodiscard]] Fault fault() const { return fault_; }

 private:
  Fault fault_;
};

// A place in a file that a person wrote. line 0: the file as a whole.
struct Where {
  std::string file{};
  std::size_t line = 0;
};

// Bad input, with where it stands and what was expected there ("" for none).
[[nodiscard]] Error input_error(const Where& where, std::string_view wrong, std::string_view expected = {});
[[nodiscard]] Error input_error(std::string_view wrong, std::string_view expected = {});
[[nodiscard]] Error world_error(std::string_view wrong, std::string_view expected = {});

// The candidate nearest to `word` by edit distance, "" when none is within half its length.
[[nodiscard]] std::string nearest_name(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace ohmset
