// Moments, and intervals from distributions of Boost.Math, which is included here alone.
// SPDX-License-Identifier: Apache-2.0
#include "design/statistics.h"

#include <algorithm>
#include <array>
#include <boost/math/distributions/students_t.hpp>
#include <boost/math/special_functions/beta.hpp>
#include <cmath>
#include <stdexcept>

#include "sim/random.h"

namespace ohmset {
namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

// Sums of `term` over the values, in eight lanes: a loop that vectorises without changing the order.
template <class Term>
double lane_sum(std::span<const double> values, const Term& term) {
  constexpr std::size_t lanes = 8;
  std::array<double, lanes> sums{};
  std::size_t k = 0;
  for (; k + lanes <= values.size(); k += lanes) {
    for (std::size_t lane = 0; lane < lanes; ++lane) sums[lane] += term(values[k + lane]);
  }
  for (std::size_t lane = 0; k < values.size(); ++k, ++lane) sums[lane] += term(values[k]);
  return ((sums[0] + sums[4]) + (sums[2] + sums[6])) + ((sums[1] + sums[5]) + (sums[3] + sums[7]));
}

Moments of_finite(std::span<const double> values) {
  Moments moments;
  moments.count = values.size();
  if (values.empty()) return moments;
  const auto n = static_cast<double>(values.size());
  double mean = lane_sum(values, [](double x) { return x; }) / n;
  if (!std::isfinite(mean)) mean = lane_sum(values, [n](double x) { return x / n; });
  moments.mean = mean;
  moments.m2 = lane_sum(values, [mean](double x) { return (x - mean) * (x - mean); });
  moments.m3 = lane_sum(values, [mean](double x) { return (x - mean) * (x - mean) * (x - mean); });
  moments.m4 = lane_sum(values, [mean](double x) { return ((x - mean) * (x - mean)) * ((x - mean) * (x - mean)); });
  const auto [least, greatest] = std::minmax_element(values.begin(), values.end());
  moments.least = *least;
  moments.greatest = *greatest;
  return moments;
}

void check_confidence(double confidence) {
  if (!(confidence > 0.0 && confidence < 1.0)) throw std::invalid_argument("a confidence lies between 0 and 1");
}

// Of the numbers from 0 to `last`, the largest that `holds`, which is true up to some number and false beyond; true of
// 0. The search spreads from `start`.
template <class Predicate>
std::uint64_t largest_that(std::uint64_t last, double start, const Predicate& holds) {
  const double within = std::clamp(start, 0.0, static_cast<double>(last));
  std::uint64_t low = std::min(last, static_cast<std::uint64_t>(within));
  std::uint64_t step = 1;
  std::uint64_t high = last + 1;  // what does not hold
  while (!holds(low)) {
    high = low;
    low = low > step ? low - step : 0;
    step *= 2;
  }
  for (step = 1; high > last && low < last; step *= 2) {
    const std::uint64_t next = last - low > step ? low + step : last;
    if (!holds(next)) {
      high = next;
    } else {
      low = next;
    }
  }
  while (high - low > 1) {
    const std::uint64_t middle = low + (high - low) / 2;
    (holds(middle) ? low : high) = middle;
  }
  return low;
}

// P(B >= successes) of a binomial B.
double binomial_at_least(std::uint64_t successes, std::uint64_t trials, double p) {
  if (successes == 0) return 1.0;
  if (successes > trials) return 0.0;
  return boost::math::ibeta(static_cast<double>(successes), static_cast<double>(trials - successes + 1), p);
}

// P(B <= successes).
double binomial_at_most(std::uint64_t successes, std::uint64_t trials, double p) {
  if (successes >= trials) return 1.0;
  return boost::math::ibetac(static_cast<double>(successes + 1), static_cast<double>(trials - successes), p);
}

}  // namespace

void Moments::add(std::span<const double> values) {
  constexpr std::size_t at_once = 512;
  std::array<double, at_once> finite{};
  for (std::size_t done = 0; done < values.size(); done += at_once) {
    const std::span<const double> part = values.subspan(done, std::min(at_once, values.size() - done));
    // The exponent of infinities is all ones; a sum of differences with themselves is 0 for finite values only.
    if (lane_sum(part, [](double x) { return x - x; }) == 0.0) {
      merge(of_finite(part));
      continue;
    }
    std::size_t kept = 0;
    for (const double value : part) {
      if (std::isfinite(value)) finite[kept++] = value;
    }
    infinite += part.size() - kept;
    merge(of_finite({finite.data(), kept}));
  }
}

void Moments::merge(const Moments& later) {
  infinite += later.infinite;
  if (later.count == 0) return;
  if (count == 0) {
    const std::uint64_t both = infinite;
    *this = later;
    infinite = both;
    return;
  }
  const auto a = static_cast<double>(count);
  const auto b = static_cast<double>(later.count);
  const double n = a + b;
  const double delta = later.mean - mean;
  const double square = delta * delta;
  m4 += later.m4 + square * square * (a * b / n) * ((a * a - a * b + b * b) / (n * n)) +
        6.0 * square * ((a / n) * (a / n) * later.m2 + (b / n) * (b / n) * m2) +
        4.0 * delta * ((a / n) * later.m3 - (b / n) * m3);
  m3 += later.m3 + square * delta * (a * b / n) * ((a - b) / n) + 3.0 * delta * ((a / n) * later.m2 - (b / n) * m2);
  m2 += later.m2 + square * (a * b / n);
  mean += delta * (b / n);
  count += later.count;
  least = std::min(least, later.least);
  greatest = std::max(greatest, later.greatest);
}

double Moments::variance() const { return count < 2 ? not_a_number : m2 / static_cast<double>(count - 1); }

double Moments::stddev() const { return std::sqrt(variance()); }

double Moments::skewness() const {
  if (count < 2 || !(m2 > 0.0)) return not_a_number;
  const auto n = static_cast<double>(count);
  const double square = m2 / n;
  return m3 / n / (square * std::sqrt(square));
}

double Moments::kurtosis() const {
  if (count < 2 || !(m2 > 0.0)) return not_a_number;
  const auto n = static_cast<double>(count);
  return (m4 / m2) / (m2 / n) - 3.0;
}

Interval mean_interval(const Moments& moments, double confidence) {
  check_confidence(confidence);
  if (moments.count < 2) return {.low = not_a_number, .high = not_a_number};
  const auto n = static_cast<double>(moments.count);
  const boost::math::students_t distribution(n - 1.0);
  const double half = boost::math::quantile(boost::math::complement(distribution, 0.5 * (1.0 - confidence))) *
                      moments.stddev() / std::sqrt(n);
  return {.low = moments.mean - half, .high = moments.mean + half};
}

// The bounds are the probabilities at which so many or more, or so few or fewer, come about with half of what the
// confidence leaves: quantiles of beta distributions.
Interval clopper_pearson(std::uint64_t successes, std::uint64_t trials, double confidence) {
  check_confidence(confidence);
  if (successes > trials) throw std::invalid_argument("clopper_pearson: more successes than trials");
  const double tail = 0.5 * (1.0 - confidence);
  const auto x = static_cast<double>(successes);
  const auto rest = static_cast<double>(trials - successes);
  Interval interval{.low = 0.0, .high = 1.0};
  if (successes > 0) interval.low = boost::math::ibeta_inv(x, rest + 1.0, tail);
  if (successes < trials) interval.high = boost::math::ibetac_inv(x + 1.0, rest, tail);
  return interval;
}

Interval wilson(std::uint64_t successes, std::uint64_t trials, double confidence) {
  check_confidence(confidence);
  if (successes > trials) throw std::invalid_argument("wilson: more successes than trials");
  if (trials == 0) return {.low = 0.0, .high = 1.0};
  const double z = -normal_quantile(0.5 * (1.0 - confidence));
  const auto n = static_cast<double>(trials);
  const double share = static_cast<double>(successes) / n;
  const double rest = static_cast<double>(trials - successes) / n;
  const double middle = (share + z * z / (2.0 * n)) / (1.0 + z * z / n);
  const double half = z / (1.0 + z * z / n) * std::sqrt(share * rest / n + z * z / (4.0 * n * n));
  return {.low = successes == 0 ? 0.0 : std::max(0.0, middle - half),
          .high = successes == trials ? 1.0 : std::min(1.0, middle + half)};
}

// So many of `count` values lie below the quantile as a binomial variable says: the low rank is too high when it lies
// above all of those, the high one too low when so many or more lie below.
RankInterval quantile_ranks(std::uint64_t count, double p, double confidence) {
  check_confidence(confidence);
  if (!(p > 0.0 && p < 1.0)) throw std::invalid_argument("quantile_ranks: a probability between 0 and 1");
  const double tail = 0.5 * (1.0 - confidence);
  const auto n = static_cast<double>(count);
  const double reach = -normal_quantile(tail) * std::sqrt(n * p * (1.0 - p));
  const auto low_holds = [&](std::uint64_t low) { return low == 0 || binomial_at_most(low - 1, count, p) <= tail; };
  const auto high_holds = [&](std::uint64_t above) { return binomial_at_least(count + 1 - above, count, p) <= tail; };
  return {.low = largest_that(count, n * p - reach, low_holds),
          .high = count + 1 - largest_that(count, n * (1.0 - p) - reach, high_holds)};
}

std::uint64_t quantile_rank(std::uint64_t count, double p) {
  const double exact = p * static_cast<double>(count);
  const double whole = std::round(exact);
  // 0.07 times 100 is 7, though not among doubles.
  const double rank = std::abs(exact - whole) <= 0x1p-51 * exact ? whole : std::ceil(exact);
  return std::clamp<std::uint64_t>(static_cast<std::uint64_t>(rank), 1, std::max<std::uint64_t>(count, 1));
}

double sample_quantile(std::span<double> values, double p) {
  const auto place = values.begin() + static_cast<std::ptrdiff_t>(quantile_rank(values.size(), p) - 1);
  std::ranges::nth_element(values, place);
  return *place;
}

}  // namespace ohmset
