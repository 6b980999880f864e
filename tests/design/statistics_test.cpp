// Moments against long double; intervals against their definitions, with coverages that are computed, not simulated.
// SPDX-License-Identifier: Apache-2.0
#include "design/statistics.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <stdexcept>
#include <vector>

using ohmset::clopper_pearson;
using ohmset::Interval;
using ohmset::mean_interval;
using ohmset::Moments;
using ohmset::quantile_rank;
using ohmset::quantile_ranks;
using ohmset::RankInterval;
using ohmset::wilson;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

std::vector<double> lognormals(std::size_t count, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::lognormal_distribution<double> distribution(-5.0, 0.5);
  std::vector<double> values(count);
  for (double& value : values) value = distribution(random);
  return values;
}

// Straight from the definitions, by long double sums.
struct Naive {
  long double mean = 0.0L;
  long double variance = 0.0L;
  long double skewness = 0.0L;
  long double kurtosis = 0.0L;

  explicit Naive(const std::vector<double>& values) {
    const auto n = static_cast<long double>(values.size());
    for (const double x : values) mean += x / n;
    long double second = 0.0L;
    long double third = 0.0L;
    long double fourth = 0.0L;
    for (const double x : values) {
      const long double d = x - mean;
      second += d * d / n;
      third += d * d * d / n;
      fourth += d * d * d * d / n;
    }
    variance = second * n / (n - 1.0L);
    skewness = third / (second * std::sqrt(second));
    kurtosis = fourth / (second * second) - 3.0L;
  }
};

void check_against(const Moments& moments, const Naive& naive) {
  CHECK(moments.mean == doctest::Approx(static_cast<double>(naive.mean)).epsilon(1e-13));
  CHECK(moments.variance() == doctest::Approx(static_cast<double>(naive.variance)).epsilon(1e-12));
  CHECK(moments.skewness() == doctest::Approx(static_cast<double>(naive.skewness)).epsilon(1e-11));
  CHECK(moments.kurtosis() == doctest::Approx(static_cast<double>(naive.kurtosis)).epsilon(1e-11));
}

// Probabilities of 0 .. n successes, by long double logarithms.
std::vector<double> binomial(unsigned n, double p) {
  std::vector<double> probabilities(n + 1);
  for (unsigned k = 0; k <= n; ++k) {
    const long double ways = std::lgamma(n + 1.0L) - std::lgamma(k + 1.0L) - std::lgamma(n - k + 1.0L);
    const auto log_p = static_cast<long double>(k) * std::log(static_cast<long double>(p)) +
                       static_cast<long double>(n - k) * std::log1p(-static_cast<long double>(p));
    probabilities[k] = static_cast<double>(std::exp(ways + log_p));
  }
  return probabilities;
}

double sum(const std::vector<double>& probabilities, std::uint64_t first, std::uint64_t last) {
  double total = 0.0;
  for (std::uint64_t k = first; k < last; ++k) total += probabilities[k];
  return total;
}

}  // namespace

TEST_CASE("moments are those of the definitions, added at once or merged from pieces of any size") {
  for (const std::size_t count : {2U, 3U, 17U, 1000U, 20'000U}) {
    CAPTURE(count);
    std::vector<double> values = lognormals(count, count);
    const Naive naive(values);
    Moments at_once;
    at_once.add(values);
    check_against(at_once, naive);
    CHECK(at_once.least == *std::min_element(values.begin(), values.end()));
    CHECK(at_once.greatest == *std::max_element(values.begin(), values.end()));
    std::mt19937_64 random(count);
    Moments pieces;
    for (std::size_t done = 0; done < count;) {
      const std::size_t part = std::min<std::size_t>(random() % 700, count - done);
      Moments piece;
      piece.add({values.data() + done, part});
      pieces.merge(piece);
      done += part;
    }
    CHECK(pieces.count == count);
    check_against(pieces, naive);
  }
}

TEST_CASE("moments keep their digits far away from zero") {
  std::vector<double> values = lognormals(5000, 3);
  for (double& value : values) value = 1e6 + value;
  const Naive naive(values);
  Moments moments;
  moments.add(values);
  CHECK(moments.variance() == doctest::Approx(static_cast<double>(naive.variance)).epsilon(1e-9));
  CHECK(moments.skewness() == doctest::Approx(static_cast<double>(naive.skewness)).epsilon(1e-6));
}

TEST_CASE("infinite values are counted apart, and moments without spread or values are not numbers") {
  Moments moments;
  moments.add(std::vector<double>{1.0, infinity, 3.0, -infinity, 2.0});
  CHECK(moments.count == 3);
  CHECK(moments.infinite == 2);
  CHECK(moments.mean == 2.0);
  CHECK(moments.variance() == 1.0);
  CHECK(moments.greatest == 3.0);
  Moments others;
  others.add(std::vector<double>{infinity});
  others.merge(moments);
  CHECK(others.infinite == 3);
  CHECK(others.mean == 2.0);
  Moments none;
  CHECK(std::isnan(none.variance()));
  none.add(std::vector<double>{4.0, 4.0});
  CHECK(none.stddev() == 0.0);
  CHECK(std::isnan(none.skewness()));
  CHECK(std::isnan(none.kurtosis()));
  Moments huge;
  huge.add(std::vector<double>{1e308, 1.5e308, 1.7e308});
  CHECK(huge.mean == doctest::Approx(1.4e308));
}

TEST_CASE("the interval of the mean is Student's") {
  Moments five;
  five.add(std::vector<double>{1.0, 2.0, 3.0, 4.0, 5.0});
  const Interval interval = mean_interval(five, 0.95);
  // t of 4 degrees of freedom at 97.5 %, from tables.
  CHECK(interval.high - 3.0 == doctest::Approx(2.7764451051977987 * std::sqrt(2.5 / 5.0)).epsilon(1e-12));
  CHECK(interval.low + interval.high == doctest::Approx(6.0));
  Moments two;
  two.add(std::vector<double>{-1.0, 1.0});
  CHECK(mean_interval(two, 0.9).high == doctest::Approx(std::tan(0.45 * 3.14159265358979323846)).epsilon(1e-12));
  Moments one;
  one.add(std::vector<double>{1.0});
  CHECK(std::isnan(mean_interval(one, 0.95).low));
  Moments many = five;
  many.count = 1'000'000'000'000;
  many.m2 = 1e12;
  CHECK(mean_interval(many, 0.95).high - 3.0 == doctest::Approx(1.959963984540054e-6).epsilon(1e-9));
}

TEST_CASE("Clopper's and Pearson's bounds leave half of the rest to each tail") {
  for (const unsigned n : {1U, 2U, 7U, 30U, 60U}) {
    for (unsigned x = 0; x <= n; ++x) {
      CAPTURE(n);
      CAPTURE(x);
      const Interval interval = clopper_pearson(x, n, 0.9);
      if (x == 0) {
        CHECK(interval.low == 0.0);
      } else {
        CHECK(sum(binomial(n, interval.low), x, n + 1) == doctest::Approx(0.05).epsilon(1e-10));
      }
      if (x == n) {
        CHECK(interval.high == 1.0);
      } else {
        CHECK(sum(binomial(n, interval.high), 0, x + 1) == doctest::Approx(0.05).epsilon(1e-10));
      }
    }
  }
  CHECK(clopper_pearson(0, 0, 0.95).low == 0.0);
  CHECK(clopper_pearson(0, 0, 0.95).high == 1.0);
  // All passed: the lower bound is the n-th root.
  CHECK(clopper_pearson(1000, 1000, 0.95).low == doctest::Approx(std::pow(0.025, 0.001)).epsilon(1e-12));
  const Interval huge = clopper_pearson(999'000'000'000, 1'000'000'000'000, 0.95);
  const double half = 1.959963984540054 * std::sqrt(0.999 * 0.001 / 1e12);
  CHECK(huge.high - 0.999 == doctest::Approx(half).epsilon(1e-4));
  CHECK(0.999 - huge.low == doctest::Approx(half).epsilon(1e-4));
}

TEST_CASE("Clopper's and Pearson's interval covers with its confidence at any probability, Wilson's on average") {
  for (const unsigned n : {1U, 5U, 10U, 23U, 40U, 60U}) {
    std::vector<Interval> exact;
    std::vector<Interval> about;
    for (unsigned x = 0; x <= n; ++x) {
      exact.push_back(clopper_pearson(x, n, 0.95));
      about.push_back(wilson(x, n, 0.95));
      CHECK(about.back().low >= 0.0);
      CHECK(about.back().high <= 1.0);
      CHECK(about.back().low <= static_cast<double>(x) / n);
      CHECK(about.back().high >= static_cast<double>(x) / n);
    }
    double least = 1.0;
    double mean = 0.0;
    const unsigned places = 997;
    for (unsigned place = 1; place < places; ++place) {
      const double p = static_cast<double>(place) / places;
      const std::vector<double> probabilities = binomial(n, p);
      double covered = 0.0;
      for (unsigned x = 0; x <= n; ++x) {
        if (exact[x].low <= p && p <= exact[x].high) covered += probabilities[x];
        if (about[x].low <= p && p <= about[x].high) mean += probabilities[x] / (places - 1.0);
      }
      least = std::min(least, covered);
    }
    CAPTURE(n);
    CHECK(least >= 0.95 - 1e-12);
    if (n >= 5) CHECK(std::abs(mean - 0.95) < 0.02);
  }
}

TEST_CASE("Wilson's bounds are where the score test just accepts") {
  const double z = 1.959963984540054;
  for (const unsigned x : {1U, 13U, 39U}) {
    const Interval interval = wilson(x, 40, 0.95);
    for (const double p : {interval.low, interval.high}) {
      CHECK(std::abs(x / 40.0 - p) == doctest::Approx(z * std::sqrt(p * (1.0 - p) / 40.0)).epsilon(1e-12));
    }
  }
  CHECK(wilson(0, 40, 0.95).low == 0.0);
  CHECK(wilson(40, 40, 0.95).high == 1.0);
}

TEST_CASE("ranks enclose a quantile with at least the confidence, and no narrower ones do in either tail") {
  for (const unsigned n : {1U, 2U, 5U, 10U, 37U, 100U, 400U}) {
    for (const double p : {0.001, 0.05, 0.3, 0.5, 0.77, 0.99}) {
      for (const double confidence : {0.5, 0.95, 0.999}) {
        CAPTURE(n);
        CAPTURE(p);
        CAPTURE(confidence);
        const double tail = 0.5 * (1.0 - confidence);
        const std::vector<double> probabilities = binomial(n, p);
        const RankInterval ranks = quantile_ranks(n, p, confidence);
        REQUIRE(ranks.low <= n);
        REQUIRE((ranks.high >= 1 && ranks.high <= n + 1));
        CHECK(ranks.low < ranks.high);
        // Number below the quantile: fewer than the low rank, or no fewer than the high one, is a miss.
        const double slack = 1e-12;
        CHECK(sum(probabilities, 0, ranks.low) <= tail + slack);
        if (ranks.low < n) CHECK(sum(probabilities, 0, ranks.low + 1) > tail - slack);
        CHECK(sum(probabilities, ranks.high, n + 1) <= tail + slack);
        if (ranks.high > 1) CHECK(sum(probabilities, ranks.high - 1, n + 1) > tail - slack);
      }
    }
  }
}

TEST_CASE("ranks of a trillion values come from the normal distribution's") {
  const double n = 1e12;
  for (const double p : {0.001, 0.5, 0.99}) {
    const RankInterval ranks = quantile_ranks(1'000'000'000'000, p, 0.95);
    const double reach = 1.959963984540054 * std::sqrt(n * p * (1.0 - p));
    CHECK(std::abs(n * p - reach - static_cast<double>(ranks.low)) < 4.0);
    CHECK(std::abs(n * p + reach - static_cast<double>(ranks.high)) < 4.0);
  }
  const RankInterval loose = quantile_ranks(1'000'000'000'000, 0.5, 0.001);
  CHECK(loose.low <= 500'000'000'000);
  CHECK(loose.high > 499'999'999'999);
}

TEST_CASE("a sample's quantile has rank ceil(p n)") {
  CHECK(quantile_rank(100, 0.5) == 50);
  CHECK(quantile_rank(101, 0.5) == 51);
  CHECK(quantile_rank(100, 0.07) == 7);
  CHECK(quantile_rank(100, 0.55) == 55);
  CHECK(quantile_rank(10, 0.001) == 1);
  CHECK(quantile_rank(10, 0.999) == 10);
  CHECK(quantile_rank(1'000'000'000'000, 0.999) == 999'000'000'000);
}

TEST_CASE("statistics refuse what is no probability and more successes than trials") {
  CHECK_THROWS_AS((void)clopper_pearson(3, 2, 0.95), const std::invalid_argument&);
  CHECK_THROWS_AS((void)wilson(3, 2, 0.95), const std::invalid_argument&);
  CHECK_THROWS_AS((void)wilson(1, 2, 1.0), const std::invalid_argument&);
  CHECK_THROWS_AS((void)quantile_ranks(5, 0.0, 0.95), const std::invalid_argument&);
  CHECK_THROWS_AS((void)quantile_ranks(5, 0.5, 0.0), const std::invalid_argument&);
}
