// One line for what went wrong, and the nearest name for what was misspelt.
// SPDX-License-Identifier: Apache-2.0
#include "sim/error.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <random>
#include <string>

using ohmset::Fault;
using ohmset::input_error;
using ohmset::nearest_name;
using ohmset::Where;
using ohmset::world_error;

namespace {

// Levenshtein's recursion, as slow as it is plain.
std::size_t distance(std::string_view a, std::string_view b) {
  if (a.empty()) return b.size();
  if (b.empty()) return a.size();
  if (a.front() == b.front()) return distance(a.substr(1), b.substr(1));
  return 1 + std::min({distance(a.substr(1), b), distance(a, b.substr(1)), distance(a.substr(1), b.substr(1))});
}

std::string any_word(std::mt19937_64& random) {
  std::string word(random() % 7, ' ');
  for (char& c : word) c = static_cast<char>('a' + random() % 3);
  return word;
}

}  // namespace

TEST_CASE("An error reads FILE:LINE: wrong: expected, without the parts that are unknown") {
  const std::string wrong = "sigma is negative";
  CHECK(input_error(Where{"a.toml", 3}, wrong, "expected 0 or more").what() ==
        std::string("a.toml:3: sigma is negative: expected 0 or more"));
  CHECK(input_error(Where{"a.toml", 0}, wrong, "expected 0").what() ==
        std::string("a.toml: sigma is negative: expected 0"));
  CHECK(input_error(Where{}, wrong).what() == wrong);
  CHECK(input_error(wrong).what() == wrong);
  CHECK(world_error(wrong, "expected none").what() == std::string("sigma is negative: expected none"));
}

TEST_CASE("An error says whose fault it is") {
  CHECK(input_error("x").fault() == Fault::input);
  CHECK(input_error(Where{"f", 1}, "x").fault() == Fault::input);
  CHECK(world_error("x").fault() == Fault::world);
}

TEST_CASE("The nearest name is the first of least edit distance within half the word's length") {
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    const std::string word = any_word(random);
    const std::array<std::string, 4> names{any_word(random), any_word(random), any_word(random), any_word(random)};
    const std::array<std::string_view, 4> candidates{names[0], names[1], names[2], names[3]};
    std::string_view expected;
    std::size_t least = word.size() / 2 + 1;
    for (const std::string_view candidate : candidates) {
      if (distance(word, candidate) >= least) continue;
      least = distance(word, candidate);
      expected = candidate;
    }
    CHECK(nearest_name(word, candidates) == expected);
  }
}

TEST_CASE("Nothing is near when nothing is offered or all is too far") {
  CHECK(nearest_name("sigma", {}).empty());
  constexpr std::array<std::string_view, 2> keys{"sigma", "nominal"};
  CHECK(nearest_name("simga", keys) == "sigma");
  CHECK(nearest_name("nominals", keys) == "nominal");
  CHECK(nearest_name("xyzzy", keys).empty());
  CHECK(nearest_name("", keys).empty());
}
