// Streams of random numbers: known answers, independence, the normal quantile.
// SPDX-License-Identifier: Apache-2.0
#include "sim/random.h"

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <limits>
#include <random>
#include <set>
#include <stdexcept>
#include <vector>

#include "tests/support/statistics.h"

using ohmset::Draw;
using ohmset::normal_quantile;
using ohmset::philox_block;
using ohmset::Stream;
using ohmset::to_uniform;
using ohmset::uniform;
using ohmset::support::kolmogorov_smirnov;
using ohmset::support::normal_probability;

namespace {

constexpr std::uint64_t ones = std::numeric_limits<std::uint64_t>::max();
constexpr std::array<Draw, 9> quantities{Draw::resistance,   Draw::device_fault, Draw::switch_on,
                                         Draw::switch_fault, Draw::tc1,          Draw::tc2,
                                         Draw::measurement,  Draw::lot,          Draw::choice};

// Philox4x64-10 once more, straight from its definition.
struct Product {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
};

Product multiply(std::uint64_t a, std::uint64_t b) {
  constexpr std::uint64_t half = 0xffffffffU;
  const std::uint64_t low = (a & half) * (b & half);
  const std::uint64_t first = (a >> 32U) * (b & half) + (low >> 32U);
  const std::uint64_t second = (a & half) * (b >> 32U) + (first & half);
  return {.high = (a >> 32U) * (b >> 32U) + (first >> 32U) + (second >> 32U), .low = a * b};
}

using Words = std::array<std::uint64_t, 4>;

Words philox(Words x, std::array<std::uint64_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    const Product even = multiply(0xD2E7470EE14C6C93U, x[0]);
    const Product odd = multiply(0xCA5A826395121157U, x[2]);
    x = {odd.high ^ x[1] ^ key[0], odd.low, even.high ^ x[3] ^ key[1], even.low};
    key[0] += 0x9E3779B97F4A7C15U;
    key[1] += 0xBB67AE8584CAA73BU;
  }
  return x;
}

}  // namespace

TEST_CASE("The definition of Philox4x64-10 gives the published vectors, and every block is that function") {
  CHECK(philox({0, 0, 0, 0}, {0, 0}) ==
        Words{0x16554d9eca36314cU, 0xdb20fe9d672d0fdcU, 0xd7e772cee186176bU, 0x7e68b68aec7ba23bU});
  CHECK(philox({ones, ones, ones, ones}, {ones, ones}) ==
        Words{0x87b092c3013fe90bU, 0x438c3c67be8d0224U, 0x9cc7d7c69cd777b6U, 0xa09caebf594f0ba0U});
  CHECK(philox({0x243f6a8885a308d3U, 0x13198a2e03707344U, 0xa4093822299f31d0U, 0x082efa98ec4e6c89U},
               {0x452821e638d01377U, 0xbe5466cf34e90c6cU}) ==
        Words{0xa528f45403e61d95U, 0x38c72dbd566e9788U, 0xa5a1610e72fd18b5U, 0x57bd43b5e52b7fe6U});
  CHECK(philox_block({.seed = 0, .die = 0, .cell = 0, .device = 0}, 0) == philox({0, 0, 0, 0}, {0, 0}));
  CHECK(philox_block({.seed = ones, .die = ones, .cell = ones, .device = ones}, ones) ==
        philox({ones, ones, ones, 0}, {ones, ones}));
  std::mt19937_64 random(1);
  for (int k = 0; k < 1000; ++k) {
    CAPTURE(k);
    const Stream stream{.seed = random(), .die = random(), .cell = random(), .device = random()};
    const std::uint64_t block = random();
    CHECK(philox_block(stream, block) == philox({stream.cell, stream.device, block, 0}, {stream.seed, stream.die}));
  }
}

TEST_CASE("Every quantity is a word of its own, and every coordinate of a stream changes all of them") {
  const Stream base{.seed = 1, .die = 2, .cell = 3, .device = 4};
  std::set<double> seen;
  std::vector<Stream> streams{base, base, base, base, base};
  streams[1].seed = 5;
  streams[2].die = 5;
  streams[3].cell = 5;
  streams[4].device = 5;
  for (const Stream& stream : streams) {
    for (const Draw quantity : quantities) {
      seen.insert(uniform(stream, quantity));
      const auto number = static_cast<std::uint64_t>(quantity);
      CHECK(uniform(stream, quantity) == to_uniform(philox_block(stream, number / 4)[number % 4]));
    }
  }
  CHECK(seen.size() == streams.size() * quantities.size());
}

TEST_CASE("Uniforms lie inside (0, 1) and are symmetric about 1/2 to the last bit") {
  CHECK(to_uniform(0) == 0x1p-53);
  CHECK(to_uniform(ones) == 1.0 - 0x1p-53);
  CHECK(to_uniform(ones) < 1.0);
  std::mt19937_64 random(1);
  for (int k = 0; k < 100'000; ++k) {
    const std::uint64_t word = random();
    REQUIRE(to_uniform(word) == 1.0 - to_uniform(~word));
  }
}

TEST_CASE("Uniform draws of neighbouring devices, cells, dies and quantities are uniform and uncorrelated") {
  constexpr std::size_t count = 200'000;
  const double bound = 5.0 / std::sqrt(static_cast<double>(count));
  const auto series = [](const auto& stream_at, Draw quantity) {
    std::vector<double> draws(count);
    for (std::size_t k = 0; k < count; ++k) draws[k] = uniform(stream_at(k), quantity);
    return draws;
  };
  const auto by_cell = [](std::size_t k) { return Stream{.seed = 7, .die = 0, .cell = k, .device = 0}; };
  const auto by_device = [](std::size_t k) { return Stream{.seed = 7, .die = 0, .cell = 0, .device = k}; };
  const auto by_die = [](std::size_t k) { return Stream{.seed = 7, .die = k, .cell = 0, .device = 0}; };
  const auto by_seed = [](std::size_t k) { return Stream{.seed = k, .die = 0, .cell = 0, .device = 0}; };
  const std::vector<std::vector<double>> draws{series(by_cell, Draw::resistance), series(by_cell, Draw::device_fault),
                                               series(by_cell, Draw::tc1),        series(by_device, Draw::resistance),
                                               series(by_die, Draw::resistance),  series(by_seed, Draw::resistance)};
  for (std::size_t a = 0; a < draws.size(); ++a) {
    CAPTURE(a);
    CHECK(kolmogorov_smirnov(draws[a], [](double u) { return u; }) < 2.2);
    double lag = 0.0;
    for (std::size_t k = 1; k < count; ++k) lag += (draws[a][k] - 0.5) * (draws[a][k - 1] - 0.5);
    CHECK(std::abs(lag * 12.0 / count) < bound);
    for (std::size_t b = 0; b < a; ++b) {
      CAPTURE(b);
      double sum = 0.0;
      // The first draw of every series but two is one and the same.
      for (std::size_t k = 1; k < count; ++k) sum += (draws[a][k] - 0.5) * (draws[b][k] - 0.5);
      CHECK(std::abs(sum * 12.0 / count) < bound);
    }
  }
}

TEST_CASE("The normal quantile inverts the distribution function and is odd about 1/2 to the last bit") {
  CHECK(normal_quantile(0.5) == 0.0);
  CHECK_FALSE(std::signbit(normal_quantile(0.5)));
  for (int k = -1; k >= -1000; --k) {
    CAPTURE(k);
    const double u = std::ldexp(1.0, k);
    const double z = normal_quantile(u);
    // d ln Phi / dz is about -z in the tail: an ulp of z moves Phi by z^2 ulps.
    CHECK(std::abs(normal_probability(z) / u - 1.0) < 1e-15 * (8.0 + 4.0 * z * z));
  }
  std::mt19937_64 random(3);
  for (int k = 0; k < 100'000; ++k) {
    const double u = to_uniform(random());
    const double z = normal_quantile(u);
    REQUIRE(z == -normal_quantile(1.0 - u));
    REQUIRE(std::abs(normal_probability(z) - u) < 1e-15);
    REQUIRE(normal_quantile(std::nextafter(u, 1.0)) >= z - 1e-15 * (1.0 + std::abs(z)));
  }
}

TEST_CASE("The normal quantile refuses 0, 1 and what lies outside") {
  for (const double u :
       {0.0, -0.0, 1.0, -0.5, 1.5, std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()}) {
    CHECK_THROWS_AS((void)normal_quantile(u), std::invalid_argument);
  }
}
