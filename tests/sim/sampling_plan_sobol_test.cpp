// Sobol's points before they are scrambled, against Boost.Random's own; keyed permutations.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <boost/random/sobol.hpp>
#include <numeric>
#include <vector>

#include "sim/sampling_plan.h"
#include "sim/sampling_plan/coordinates.h"

namespace sampling = ohmset::sampling;

namespace {

std::uint64_t from_reversed(std::uint64_t digits) {
  std::uint64_t x = 0;
  for (unsigned bit = 0; bit < 32; ++bit) x |= ((digits >> bit) & 1U) << (63U - bit);
  return x;
}

}  // namespace

TEST_CASE("unscrambled, a point is Boost's of the same number, in all dimensions and at any place") {
  const std::size_t dimensions = ohmset::most_sobol_dimensions;
  const std::vector<sampling::Directions> directions = sampling::sobol_directions(dimensions);
  boost::random::sobol engine(dimensions);
  for (const std::uint64_t start : {1ULL, 2ULL, 100ULL, 65'535ULL, 1'000'003ULL, 4'294'967'294ULL}) {
    engine.seed(start - 1);
    for (std::uint64_t point = start; point < start + 2 && point < 4'294'967'296ULL; ++point) {
      std::size_t wrong = 0;
      for (std::size_t d = 0; d < dimensions; ++d) {
        if (engine() != from_reversed(sampling::sobol_digits(directions[d], point))) ++wrong;
      }
      CHECK(wrong == 0);
    }
  }
  CHECK(sampling::sobol_digits(directions[5], 0) == 0);
}

TEST_CASE("the permutation of any size is one, and another for another key") {
  for (std::uint64_t size = 1; size <= 300; ++size) {
    CAPTURE(size);
    std::vector<std::uint64_t> to(size);
    std::iota(to.begin(), to.end(), 0);
    std::vector<std::uint64_t> other = to;
    sampling::permute(to, size, {1, 2, 3, 4});
    sampling::permute(other, size, {1, 2, 3, 5});
    std::size_t same = 0;
    for (std::uint64_t index = 0; index < size; ++index) {
      if (to[index] == other[index]) ++same;
      std::array<std::uint64_t, 1> alone{index};
      sampling::permute(alone, size, {1, 2, 3, 4});
      CHECK(alone[0] == to[index]);
    }
    if (size > 20) CHECK(same < size / 2);
    std::sort(to.begin(), to.end());
    for (std::uint64_t index = 0; index < size; ++index) CHECK(to[index] == index);
  }
  std::vector<std::uint64_t> far(1000);
  std::iota(far.begin(), far.end(), 999'999'999'000ULL);
  sampling::permute(far, 1'000'000'000'007ULL, {1, 2, 3, 4});
  for (const std::uint64_t number : far) CHECK(number < 1'000'000'000'007ULL);
}
