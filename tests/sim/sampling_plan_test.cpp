// Sampling plans: random access, strata, nets, independence, and means that are better than plain ones.
// SPDX-License-Identifier: Apache-2.0
#include "sim/sampling_plan.h"

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <map>
#include <numeric>
#include <set>
#include <stdexcept>
#include <vector>

#include "sim/random.h"
#include "tests/support/statistics.h"

using ohmset::SamplingMethod;
using ohmset::SamplingOptions;
using ohmset::SamplingPlan;
using ohmset::support::kolmogorov_smirnov;

namespace {

constexpr std::array<SamplingMethod, 3> methods{SamplingMethod::plain, SamplingMethod::latin_hypercube,
                                                SamplingMethod::sobol};

std::vector<double> points(const SamplingPlan& plan, std::uint64_t first, std::size_t count) {
  std::vector<double> out(plan.options().dimensions * count);
  plan.points(first, count, out);
  return out;
}

// Which of `parts` equal intervals; a power of two keeps the product exact.
std::uint64_t interval_of(double u, std::uint64_t parts) {
  return static_cast<std::uint64_t>(u * static_cast<double>(parts));
}

double correlation(const double* x, const double* y, std::size_t count) {
  double sum = 0.0;
  for (std::size_t s = 0; s < count; ++s) sum += (x[s] - 0.5) * (y[s] - 0.5);
  return 12.0 * sum / static_cast<double>(count);
}

}  // namespace

TEST_CASE("a coordinate depends on the seed, the sample and the dimension alone") {
  for (const SamplingMethod method : methods) {
    CAPTURE(name_of(method));
    const SamplingPlan plan({.method = method, .seed = 5, .dimensions = 7, .replicate_size = 128});
    const std::size_t count = 600;  // several replicates
    const std::vector<double> all = points(plan, 70, count);
    for (const std::size_t s : {0U, 1U, 57U, 58U, 59U, 311U, 599U}) {
      const std::vector<double> one = points(plan, 70 + s, 1);
      for (std::size_t d = 0; d < 7; ++d) CHECK(one[d] == all[d * count + s]);
    }
    const std::vector<double> middle = points(plan, 101, 333);
    for (std::size_t d = 0; d < 7; ++d) {
      for (std::size_t s = 0; s < 333; ++s) CHECK(middle[d * 333 + s] == all[d * count + 31 + s]);
    }
    const SamplingPlan wider({.method = method, .seed = 5, .dimensions = 9, .replicate_size = 128});
    const std::vector<double> more = points(wider, 70, count);
    CHECK(std::equal(all.begin(), all.end(), more.begin()));
    const SamplingPlan other({.method = method, .seed = 6, .dimensions = 7, .replicate_size = 128});
    CHECK(points(other, 70, 1)[0] != all[0]);
  }
}

TEST_CASE("plain coordinates are the words of Philox, four dimensions to a block that fabrication does not use") {
  const SamplingPlan plan({.seed = 11, .dimensions = 6});
  const std::vector<double> all = points(plan, 1000, 5);
  for (std::size_t d = 0; d < 6; ++d) {
    for (std::size_t s = 0; s < 5; ++s) {
      const ohmset::Stream stream{.seed = 11, .die = 0, .cell = 1000 + s, .device = d / 4};
      CHECK(all[d * 5 + s] == ohmset::to_uniform(ohmset::philox_block(stream, 65536)[d % 4]));
    }
  }
}

TEST_CASE("a Latin hypercube has one point in each interval of each dimension, in every replicate") {
  for (const std::uint64_t size : {1U, 2U, 3U, 5U, 7U, 10U, 64U, 100U, 1000U, 4097U}) {
    CAPTURE(size);
    const SamplingPlan plan(
        {.method = SamplingMethod::latin_hypercube, .seed = 3, .dimensions = 5, .replicate_size = size});
    for (const std::uint64_t replicate : {0U, 1U, 17U}) {
      const std::vector<double> all = points(plan, replicate * size, size);
      for (std::size_t d = 0; d < 5; ++d) {
        std::vector<int> hits(size, 0);
        for (std::size_t s = 0; s < size; ++s) {
          const double u = all[d * size + s];
          REQUIRE((u > 0.0 && u < 1.0));
          ++hits[static_cast<std::size_t>(static_cast<long double>(u) * static_cast<long double>(size))];
        }
        CHECK(std::count(hits.begin(), hits.end(), 1) == static_cast<std::ptrdiff_t>(size));
      }
    }
  }
}

TEST_CASE("the order of a Latin hypercube's intervals is any permutation, as often as any other") {
  for (const std::uint64_t size : {3U, 4U}) {
    CAPTURE(size);
    const SamplingPlan plan(
        {.method = SamplingMethod::latin_hypercube, .seed = 9, .dimensions = 4, .replicate_size = size});
    std::map<std::vector<std::uint64_t>, double> seen;
    const std::size_t replicates = 3000;
    for (std::size_t r = 0; r < replicates; ++r) {
      const std::vector<double> all = points(plan, r * size, size);
      for (std::size_t d = 0; d < 4; ++d) {
        std::vector<std::uint64_t> order;
        for (std::size_t s = 0; s < size; ++s) order.push_back(interval_of(all[d * size + s], size));
        ++seen[order];
      }
    }
    const double orders = size == 3 ? 6.0 : 24.0;
    REQUIRE(static_cast<double>(seen.size()) == orders);
    const double expected = static_cast<double>(4 * replicates) / orders;
    double chi_square = 0.0;
    for (const auto& [order, times] : seen) chi_square += (times - expected) * (times - expected) / expected;
    CHECK(chi_square < orders + 4.5 * std::sqrt(2.0 * orders));
  }
}

TEST_CASE("a Latin hypercube of 2^52 intervals stays within the unit interval") {
  const SamplingPlan plan(
      {.method = SamplingMethod::latin_hypercube, .dimensions = 2, .replicate_size = std::uint64_t{1} << 52U});
  for (const double u : points(plan, (std::uint64_t{1} << 52U) - 500, 1000)) CHECK((u > 0.0 && u < 1.0));
}

// A net: every elementary interval of the unit square holds its share exactly.
TEST_CASE("scrambled Sobol points keep the net in one and in two dimensions") {
  for (const std::uint64_t seed : {1U, 2U, 77U}) {
    const unsigned bits = 9;
    const std::uint64_t size = std::uint64_t{1} << bits;
    const SamplingPlan plan({.method = SamplingMethod::sobol, .seed = seed, .dimensions = 40, .replicate_size = size});
    const std::vector<double> all = points(plan, 3 * size, size);  // the fourth replicate
    for (std::size_t d = 0; d < 40; ++d) {
      std::set<std::uint64_t> hit;
      for (std::size_t s = 0; s < size; ++s) hit.insert(interval_of(all[d * size + s], size));
      CHECK(hit.size() == size);
    }
    // The first two dimensions are a (0, 2)-sequence.
    for (unsigned wide = 0; wide <= bits; ++wide) {
      std::set<std::pair<std::uint64_t, std::uint64_t>> hit;
      for (std::size_t s = 0; s < size; ++s) {
        hit.emplace(interval_of(all[s], std::uint64_t{1} << wide),
                    interval_of(all[size + s], std::uint64_t{1} << (bits - wide)));
      }
      CHECK(hit.size() == size);
    }
  }
}

TEST_CASE("scrambling moves every digit: coordinates are uniform over replicates at each place of the sequence") {
  for (const std::size_t place : {0U, 1U, 5U}) {
    std::vector<double> first;
    std::vector<double> third;
    const SamplingPlan plan({.method = SamplingMethod::sobol, .seed = 4, .dimensions = 3, .replicate_size = 8});
    for (std::uint64_t r = 0; r < 4000; ++r) {
      const std::vector<double> one = points(plan, 8 * r + place, 1);
      first.push_back(one[0]);
      third.push_back(one[2]);
    }
    CHECK(std::abs(correlation(first.data(), third.data(), first.size())) < 4.5 / std::sqrt(4000.0));
    CHECK(std::abs(correlation(first.data(), first.data() + 1, first.size() - 1)) < 4.5 / std::sqrt(4000.0));
    // The sixteen lowest of the 52 digits as well.
    std::vector<double> low;
    for (const double u : first) low.push_back(std::fmod(u, 0x1p-36) * 0x1p36);
    const auto uniform = [](double u) { return u; };
    CHECK(kolmogorov_smirnov(first, uniform) < 2.2);
    CHECK(kolmogorov_smirnov(third, uniform) < 2.2);
    CHECK(kolmogorov_smirnov(low, uniform) < 2.2);
  }
}

// Owen: the coin that flips a digit belongs to the digits before it. The variance of a mean asks of pairs of coins that
// they be independent.
TEST_CASE("the coins of a scrambling's first four digits are fair and independent in pairs") {
  const std::size_t size = 16;
  const SamplingPlan plan({.method = SamplingMethod::sobol, .seed = 8, .dimensions = 1, .replicate_size = size});
  const std::size_t replicates = 10'000;
  std::array<std::array<std::array<double, 4>, 15>, 15> seen{};
  // A dimension's points unscrambled: the numbers 0 to 15 with their digits in reverse, in Gray code order.
  std::array<std::size_t, size> unscrambled{};
  for (std::size_t s = 0; s < size; ++s) {
    const std::size_t code = s ^ (s >> 1U);
    unscrambled[s] = ((code & 1U) << 3U) | ((code & 2U) << 1U) | ((code & 4U) >> 1U) | (code >> 3U);
  }
  for (std::size_t r = 0; r < replicates; ++r) {
    const std::vector<double> all = points(plan, size * r, size);
    std::array<std::uint64_t, size> flips{};
    for (std::size_t s = 0; s < size; ++s) flips[unscrambled[s]] = interval_of(all[s], size) ^ unscrambled[s];
    std::vector<std::size_t> coins;
    for (unsigned digit = 0; digit < 4; ++digit) {
      for (std::size_t from = 0; from < size; from += size >> digit)
        coins.push_back((flips[from] >> (3U - digit)) & 1U);
    }
    for (std::size_t a = 0; a < 15; ++a) {
      for (std::size_t b = 0; b < a; ++b) ++seen[a][b][2 * coins[a] + coins[b]];
    }
  }
  for (std::size_t a = 0; a < 15; ++a) {
    for (std::size_t b = 0; b < a; ++b) {
      CAPTURE(a);
      CAPTURE(b);
      const double expected = static_cast<double>(replicates) / 4.0;
      double chi_square = 0.0;
      for (const double times : seen[a][b]) chi_square += (times - expected) * (times - expected) / expected;
      CHECK(chi_square < 30.0);  // three degrees of freedom: once in 700,000
    }
  }
}

TEST_CASE("coordinates are uniform and uncorrelated between dimensions and between replicates") {
  for (const SamplingMethod method : methods) {
    CAPTURE(name_of(method));
    const std::size_t size = 64;
    const std::size_t count = 64 * size;
    const SamplingPlan plan({.method = method, .seed = 21, .dimensions = 12, .replicate_size = size});
    const std::vector<double> all = points(plan, 0, count);
    for (std::size_t d = 0; d < 12; ++d) {
      const double* const row = all.data() + d * count;
      CHECK(kolmogorov_smirnov({row, row + count}, [](double u) { return u; }) < 2.2);
      for (std::size_t other = 0; other < d; ++other) {
        CHECK(std::abs(correlation(row, all.data() + other * count, count)) < 4.5 / std::sqrt(count));
      }
      // Two scrambled replicates have their first digits flipped as a whole.
      const auto pairs = static_cast<double>(method == SamplingMethod::sobol ? count / size : count);
      CHECK(std::abs(correlation(row, row + size, count - size)) < 4.5 / std::sqrt(pairs));
    }
  }
}

TEST_CASE("beyond Sobol's dimensions, those not ranked first get the plain draws") {
  const std::size_t dimensions = ohmset::most_sobol_dimensions + 5;
  const SamplingPlan plan({.method = SamplingMethod::sobol,
                           .seed = 2,
                           .dimensions = dimensions,
                           .replicate_size = 16,
                           .ranking = {3671, 3667}});
  const SamplingPlan plain({.seed = 2, .dimensions = dimensions});
  CHECK(plan.unranked() == 5);
  CHECK(plain.unranked() == 0);
  const std::vector<double> ours = points(plan, 16, 16);
  const std::vector<double> draws = points(plain, 16, 16);
  std::vector<std::size_t> same;
  for (std::size_t d = 0; d < dimensions; ++d) {
    if (std::equal(ours.begin() + 16 * d, ours.begin() + 16 * (d + 1), draws.begin() + 16 * d)) same.push_back(d);
  }
  CHECK(same == std::vector<std::size_t>{3665, 3666, 3668, 3669, 3670});
  // The dimension ranked first has the first of Sobol's; the next named has the second.
  const SamplingPlan short_plan(
      {.method = SamplingMethod::sobol, .seed = 2, .dimensions = 3, .replicate_size = 16, .ranking = {2}});
  CHECK(short_plan.unranked() == 0);
}

TEST_CASE("the mean over replicates is unbiased, and of a smooth function far better than a plain one") {
  // Conductance of sixteen parallel lognormal resistors of 5 %: its mean is known.
  const std::size_t devices = 16;
  const std::size_t size = 256;
  const std::size_t replicates = 200;
  const double truth = static_cast<double>(devices) * std::exp(0.5 * 0.05 * 0.05);
  std::array<double, 3> variance{};
  for (const SamplingMethod method : methods) {
    CAPTURE(name_of(method));
    const SamplingPlan plan({.method = method, .seed = 31, .dimensions = devices, .replicate_size = size});
    double sum = 0.0;
    double squares = 0.0;
    for (std::size_t r = 0; r < replicates; ++r) {
      double mean = 0.0;
      for (const double u : points(plan, r * size, size)) mean += std::exp(0.05 * ohmset::normal_quantile(u));
      mean = mean / static_cast<double>(size) - truth;
      sum += mean;
      squares += mean * mean;
    }
    const double spread = squares / static_cast<double>(replicates);
    CHECK(std::abs(sum / static_cast<double>(replicates)) < 4.5 * std::sqrt(spread / static_cast<double>(replicates)));
    variance.at(static_cast<std::size_t>(method)) = spread;
  }
  CHECK(variance[0] == doctest::Approx(16.0 * 0.0025 / 256.0).epsilon(0.5));
  CHECK(variance[1] < variance[0] / 1000.0);
  CHECK(variance[2] < variance[0] / 1000.0);
}

TEST_CASE("a sampling plan refuses what makes no sense and knows its methods' names") {
  const auto refused = [](const SamplingOptions& options) {
    CHECK_THROWS_AS(SamplingPlan{options}, const std::invalid_argument&);
  };
  refused({.dimensions = 3, .replicate_size = 0});
  refused({.dimensions = 3, .replicate_size = (std::uint64_t{1} << 52U) + 1});
  refused({.method = SamplingMethod::sobol, .dimensions = 3, .replicate_size = (std::uint64_t{1} << 32U) + 1});
  refused({.dimensions = 3, .ranking = {3}});
  refused({.dimensions = 3, .ranking = {1, 1}});
  std::vector<double> small(5);
  CHECK_THROWS_AS(SamplingPlan({.dimensions = 3}).points(0, 2, small), const std::invalid_argument&);
  for (const SamplingMethod method : methods) CHECK(ohmset::sampling_method_named(name_of(method)) == method);
  CHECK(!ohmset::sampling_method_named("sobel"));
}
