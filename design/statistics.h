// Moments, and what can be said of a population from a sample. Pure numbers.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <span>

namespace ohmset {

struct Interval {
  double low = 0.0;
  double high = 0.0;
};

// Central moments, kept so that parts merge [Pebay08]. Merging the same parts in the same order gives the same bits.
// Infinite values are counted apart. Powers beyond the largest double are infinite, and what is made of them may be
// NaN.
struct Moments {
  std::uint64_t count = 0;  // finite values
  std::uint64_t infinite = 0;
  double mean = 0.0;
  double m2 = 0.0;  // sums of powers of the deviations from the mean
  double m3 = 0.0;
  double m4 = 0.0;
  double least = std::numeric_limits<double>::infinity();
  double greatest = -std::numeric_limits<double>::infinity();

  void add(std::span<const double> values);  // requires no NaN
  void merge(const Moments& later);
  [[nodiscard]] double variance() const;  // unbiased; NaN below two values
  [[nodiscard]] double stddev() const;
  [[nodiscard]] double skewness() const;  // m3 / m2^1.5, normalised by the count; NaN without spread
  [[nodiscard]] double kurtosis() const;  // excess: 0 for a normal distribution; NaN without spread
};

// Two-sided, at the confidence. Exact for independent normal values: Student's t.  NaN below two values
[[nodiscard]] Interval mean_interval(const Moments& moments, double confidence);

// Of a probability, from `successes` of `trials` independent ones; [0, 1] without trials. The first covers at least
// with its confidence whatever the probability [ClopperPearson34], the second about so, and is shorter [Wilson27].
[[nodiscard]] Interval clopper_pearson(std::uint64_t successes, std::uint64_t trials, double confidence);
[[nodiscard]] Interval wilson(std::uint64_t successes, std::uint64_t trials, double confidence);

// Ranks, from 1, of the order statistics between which the p-quantile of any distribution lies with at least that
// confidence: 0 stands for -infinity, count + 1 for +infinity, where the sample is too small.
struct RankInterval {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
};
[[nodiscard]] RankInterval quantile_ranks(std::uint64_t count, double p, double confidence);
// The rank, from 1, of the sample's own p-quantile: ceil(p count), at least 1.
[[nodiscard]] std::uint64_t quantile_rank(std::uint64_t count, double p);
// The value of that rank; puts the values into another order. requires one value or more, no NaN
[[nodiscard]] double sample_quantile(std::span<double> values, double p);

}  // namespace ohmset
