// Monte Carlo's answers against the samples themselves: quantiles, moments, yields, histograms; coverage; refusals.
// SPDX-License-Identifier: Apache-2.0
#include "design/monte_carlo.h"

#include <doctest/doctest.h>

#include <cmath>
#include <numeric>
#include <stdexcept>

#include "sim/random.h"
#include "tests/design/monte_carlo_experiments.h"
#include "tests/support/refusal.h"

using ohmset::Experiment;
using ohmset::monte_carlo;
using ohmset::MonteCarlo;
using ohmset::MonteCarloOptions;
using ohmset::MonteCarloResult;
using ohmset::SamplingMethod;
using ohmset::SeriesResult;
using ohmset::YieldEstimate;
using ohmset::test::all_values;
using ohmset::test::distributions_of_values;
using ohmset::test::experiment_of;
using ohmset::test::inf;
using ohmset::test::refusal;

namespace {

Experiment hostile() { return experiment_of(1, distributions_of_values()); }

double sum_of_normals(const double* point, std::size_t stride) {
  double sum = 0.0;
  for (std::size_t d = 0; d < 8; ++d) sum += ohmset::normal_quantile(point[d * stride]);
  return sum;
}

void check_against_all(const MonteCarloOptions& options, const MonteCarloResult& result) {
  const Experiment experiment = hostile();
  const MonteCarlo again(experiment, options);
  for (std::size_t s = 0; s < experiment.series; ++s) {
    CAPTURE(s);
    const std::vector<double> all = all_values(experiment, again.plan(), result.samples, s);
    const SeriesResult& series = result.series[s];
    const auto at_rank = [&](std::uint64_t rank) {
      if (rank == 0) return -inf;
      return rank > all.size() ? inf : all[rank - 1];
    };
    for (const ohmset::QuantileEstimate& quantile : series.quantiles) {
      CAPTURE(quantile.probability);
      const ohmset::RankInterval ranks = ohmset::quantile_ranks(all.size(), quantile.probability, options.confidence);
      CHECK(quantile.value == at_rank(ohmset::quantile_rank(all.size(), quantile.probability)));
      CHECK(quantile.interval.low == at_rank(ranks.low));
      CHECK(quantile.interval.high == at_rank(ranks.high));
    }
    for (const YieldEstimate& yield : series.yields) {
      const auto passed = std::count_if(all.begin(), all.end(), [&](double v) { return std::abs(v) <= yield.limit; });
      CHECK(yield.passed == static_cast<std::uint64_t>(passed));
      CHECK(yield.yield == static_cast<double>(passed) / static_cast<double>(all.size()));
    }
    std::vector<double> finite;
    for (const double v : all) {
      if (std::isfinite(v)) finite.push_back(v);
    }
    CHECK(series.moments.count == finite.size());
    CHECK(series.moments.infinite == all.size() - finite.size());
    CHECK(series.moments.least == (finite.empty() ? inf : finite.front()));
    CHECK(series.moments.greatest == (finite.empty() ? -inf : finite.back()));
    if (!finite.empty() && finite.back() < 1e10) {
      const double mean = std::accumulate(finite.begin(), finite.end(), 0.0) / static_cast<double>(finite.size());
      CHECK(series.moments.mean == doctest::Approx(mean).epsilon(1e-9));
    }
    const ohmset::Histogram& histogram = series.histogram;
    CHECK(histogram.low < histogram.high);
    CHECK(histogram.counts.size() == options.bins);
    CHECK(std::accumulate(histogram.counts.begin(), histogram.counts.end(), histogram.below + histogram.above) ==
          all.size());
    CHECK(histogram.below == static_cast<std::uint64_t>(
                                 std::count_if(all.begin(), all.end(), [&](double v) { return v < histogram.low; })));
    const double width = (histogram.high - histogram.low) / static_cast<double>(options.bins);
    const double third = histogram.low + 3.0 * width;
    const auto before = static_cast<std::uint64_t>(std::lower_bound(all.begin(), all.end(), third) - all.begin());
    const std::uint64_t counted = histogram.below + histogram.counts[0] + histogram.counts[1] + histogram.counts[2];
    // Ties at an edge go together to the side that rounding says.
    if (s != 1 && s != 2 && s != 6) CHECK(counted == before);
  }
}

}  // namespace

TEST_CASE("quantiles and their intervals are the order statistics of all values, however few are kept") {
  for (const std::uint64_t samples : {1ULL, 2ULL, 63ULL, 1000ULL, 60'001ULL}) {
    for (const std::size_t kept : {1U, 50U, 3000U, 1U << 20U}) {
      CAPTURE(samples);
      CAPTURE(kept);
      const MonteCarloOptions options{
          .seed = samples + kept, .samples = samples, .limits = {0.5, 0.125, 3.0}, .bins = 20, .kept = kept};
      const MonteCarloResult result = monte_carlo(hostile(), options);
      CHECK(result.samples == samples);
      check_against_all(options, result);
      if (kept >= 8 * samples) CHECK(result.passes == 1);
    }
  }
}

TEST_CASE("quantiles of Latin hypercube and Sobol points are those of all values") {
  for (const SamplingMethod method : {SamplingMethod::latin_hypercube, SamplingMethod::sobol}) {
    for (const std::size_t kept : {100U, 1U << 20U}) {
      const MonteCarloOptions options{
          .method = method, .samples = 20'000, .replicates = 11, .limits = {0.5}, .bins = 20, .kept = kept};
      const MonteCarloResult result = monte_carlo(hostile(), options);
      CHECK(result.replicates == 11);
      CHECK(result.replicate_size == (method == SamplingMethod::sobol ? 2048 : 1819));
      CHECK(result.samples == 11 * result.replicate_size);
      check_against_all(options, result);
    }
  }
}

TEST_CASE("no quantiles and no limits are answers too") {
  const MonteCarloResult result =
      monte_carlo(experiment_of(8, {sum_of_normals}), {.samples = 3000, .quantiles = {}, .kept = 10});
  CHECK(result.passes == 1);
  CHECK(result.series[0].quantiles.empty());
  CHECK(result.series[0].moments.count == 3000);
}

TEST_CASE("intervals of the mean, of the median and of the yield cover with their confidence") {
  const Experiment experiment = experiment_of(8, {sum_of_normals});
  const int repetitions = 2000;
  const double yield = std::erf(2.0 / 4.0);  // |sum| <= 2, of standard deviation sqrt(8)
  int mean = 0;
  int median = 0;
  int exact = 0;
  int about = 0;
  for (int k = 0; k < repetitions; ++k) {
    const MonteCarloResult result = monte_carlo(
        experiment, {.seed = static_cast<std::uint64_t>(k), .samples = 60, .limits = {2.0}, .quantiles = {0.5}});
    const SeriesResult& series = result.series[0];
    const auto covers = [](const ohmset::Interval& interval, double truth) {
      return interval.low <= truth && truth <= interval.high ? 1 : 0;
    };
    mean += covers(series.mean, 0.0);
    median += covers(series.quantiles[0].interval, 0.0);
    exact += covers(series.yields[0].clopper_pearson, yield);
    about += covers(series.yields[0].wilson, yield);
    CHECK(series.yields[0].interval.low == series.yields[0].clopper_pearson.low);
  }
  const double sigma = std::sqrt(0.95 * 0.05 / repetitions);
  CHECK(mean > (0.95 - 4.0 * sigma) * repetitions);
  CHECK(mean < (0.95 + 4.0 * sigma) * repetitions);
  CHECK(median > (0.95 - 3.0 * sigma) * repetitions);
  CHECK(exact > (0.95 - 3.0 * sigma) * repetitions);
  CHECK(about > 0.93 * repetitions);
  CHECK(about < 0.97 * repetitions);
}

TEST_CASE("over replicates, intervals cover as well, and those of the mean are far shorter") {
  // A mean of eight lognormals of 10 %: no sum of functions of one variable each, and yet nearly.
  const auto smooth = [](const double* point, std::size_t stride) {
    double sum = 0.0;
    for (std::size_t d = 0; d < 8; ++d) sum += std::exp(-0.1 * ohmset::normal_quantile(point[d * stride]));
    return 8.0 / sum - 1.0;
  };
  const Experiment experiment = experiment_of(8, {smooth});
  const double truth = monte_carlo(experiment, {.method = SamplingMethod::sobol, .seed = 99, .samples = 1U << 18U})
                           .series[0]
                           .moments.mean;
  const double plain = [&] {
    const ohmset::Interval interval = monte_carlo(experiment, {.samples = 1024}).series[0].mean;
    return interval.high - interval.low;
  }();
  for (const SamplingMethod method : {SamplingMethod::latin_hypercube, SamplingMethod::sobol}) {
    CAPTURE(name_of(method));
    const int repetitions = 400;
    int covered = 0;
    double length = 0.0;
    for (int k = 0; k < repetitions; ++k) {
      const SeriesResult series =
          monte_carlo(experiment,
                      {.method = method, .seed = static_cast<std::uint64_t>(k), .samples = 1024, .limits = {0.03}})
              .series[0];
      covered += series.mean.low <= truth && truth <= series.mean.high ? 1 : 0;
      length += (series.mean.high - series.mean.low) / repetitions;
      CHECK(series.yields[0].interval.low <= series.yields[0].yield);
      CHECK(series.yields[0].interval.high >= series.yields[0].yield);
    }
    CHECK(covered > (0.95 - 4.5 * std::sqrt(0.95 * 0.05 / repetitions)) * repetitions);
    CHECK(length < plain / 5.0);
  }
}

TEST_CASE("the intervals over replicates are those of each replicate's own mean and yield") {
  const auto product = [](const double* u, std::size_t stride) { return u[0] * u[stride]; };
  const Experiment experiment = experiment_of(2, {product});
  // Blocks that hold many replicates, one, or a part of one.
  for (const std::uint64_t size : {10U, 63U, 100U, 1819U}) {
    for (const std::uint64_t replicates : {2U, 30U, 2100U}) {
      if (size * replicates > 300'000) continue;
      CAPTURE(size);
      CAPTURE(replicates);
      const MonteCarloOptions options{.method = SamplingMethod::latin_hypercube,
                                      .samples = size * replicates,
                                      .replicates = replicates,
                                      .limits = {0.1}};
      const SeriesResult series = monte_carlo(experiment, options).series[0];
      const MonteCarlo again(experiment, options);
      ohmset::Moments means;
      ohmset::Moments yields;
      std::vector<double> points(2 * size);
      for (std::uint64_t r = 0; r < replicates; ++r) {
        again.plan().points(r * size, size, points);
        double mean = 0.0;
        double passed = 0.0;
        for (std::size_t s = 0; s < size; ++s) {
          mean += product(points.data() + s, size) / static_cast<double>(size);
          passed += product(points.data() + s, size) <= 0.1 ? 1.0 : 0.0;
        }
        const double yield = passed / static_cast<double>(size);
        means.add({&mean, 1});
        yields.add({&yield, 1});
      }
      const ohmset::Interval mean = ohmset::mean_interval(means, 0.95);
      const ohmset::Interval yield = ohmset::mean_interval(yields, 0.95);
      CHECK(series.mean.low == doctest::Approx(mean.low).epsilon(1e-10));
      CHECK(series.mean.high == doctest::Approx(mean.high).epsilon(1e-10));
      if (yields.least == yields.greatest) continue;
      CHECK(series.yields[0].interval.low == doctest::Approx(std::max(0.0, yield.low)).epsilon(1e-9));
      CHECK(series.yields[0].interval.high == doctest::Approx(std::min(1.0, yield.high)).epsilon(1e-9));
    }
  }
}

TEST_CASE("replicates that all have the same yield give Clopper's and Pearson's interval") {
  const auto value = [](const double* u, std::size_t) { return *u; };
  for (const double limit : {0.5, 2.0}) {
    const YieldEstimate yield =
        monte_carlo(experiment_of(1, {value}),
                    {.method = SamplingMethod::latin_hypercube, .samples = 1600, .replicates = 4, .limits = {limit}})
            .series[0]
            .yields[0];
    CHECK(yield.yield == std::min(1.0, limit));
    CHECK(yield.interval.low == yield.clopper_pearson.low);
    CHECK(yield.interval.low < yield.yield);
  }
}

TEST_CASE("until_interval goes on in doubling rounds until the yield of the last series is that narrow") {
  const auto value = [](const double* u, std::size_t) { return *u; };
  const Experiment experiment = experiment_of(1, {value, value});
  for (const std::size_t kept : {10U, 4000U, 1U << 20U}) {
    CAPTURE(kept);
    MonteCarloOptions options{
        .samples = 100, .limits = {0.3}, .until_interval = 0.02, .most_samples = 100'000, .kept = kept};
    const MonteCarloResult result = monte_carlo(experiment, options);
    CHECK(result.narrow_enough);
    const auto width = [](const YieldEstimate& yield) { return yield.interval.high - yield.interval.low; };
    CHECK(width(result.series[1].yields[0]) <= 0.02);
    CHECK(result.samples == 12'800);
    options.samples = result.samples / 2;
    options.until_interval.reset();
    CHECK(width(monte_carlo(experiment, options).series[1].yields[0]) > 0.02);
    // Moments of rounds are merged in other pieces than those of one; everything that is counted is the same.
    options.samples = result.samples;
    const MonteCarloResult at_once = monte_carlo(experiment, options);
    for (std::size_t q = 0; q < at_once.series[0].quantiles.size(); ++q) {
      CHECK(at_once.series[0].quantiles[q].value == result.series[0].quantiles[q].value);
      CHECK(at_once.series[0].quantiles[q].interval.low == result.series[0].quantiles[q].interval.low);
    }
    CHECK(at_once.series[0].histogram.counts == result.series[0].histogram.counts);
    CHECK(at_once.series[0].moments.mean == doctest::Approx(result.series[0].moments.mean).epsilon(1e-14));
    options.most_samples = 5000;
    options.samples = 100;
    options.until_interval = 0.02;
    const MonteCarloResult capped = monte_carlo(experiment, options);
    CHECK(!capped.narrow_enough);
    CHECK(capped.samples == 5000);
  }
}

TEST_CASE("rounds of Latin hypercube and Sobol points add replicates") {
  const auto product = [](const double* u, std::size_t stride) { return u[0] * u[stride]; };
  for (const SamplingMethod method : {SamplingMethod::latin_hypercube, SamplingMethod::sobol}) {
    const MonteCarloResult result = monte_carlo(
        experiment_of(2, {product}),
        {.method = method, .samples = 400, .replicates = 4, .limits = {0.2}, .until_interval = 0.01, .kept = 50});
    CHECK(result.narrow_enough);
    CHECK(result.replicate_size == (method == SamplingMethod::sobol ? 128 : 100));
    CHECK(result.replicates > 4);
    CHECK(result.samples == result.replicates * result.replicate_size);
    CHECK(std::abs(result.series[0].moments.mean - 0.25) < 0.01);
  }
}

TEST_CASE("the points that an experiment sees are the plan's, and what it throws comes through") {
  Experiment experiment = experiment_of(1, {[](const double* u, std::size_t) { return *u; }});
  experiment.evaluate = [](std::uint64_t, std::size_t, std::span<const double>, std::span<double>) {
    throw std::runtime_error("no such thing");
  };
  CHECK_THROWS_AS((void)monte_carlo(experiment, {.samples = 10}), const std::runtime_error&);
  experiment.evaluate = [](std::uint64_t, std::size_t, std::span<const double>, std::span<double> values) {
    for (double& value : values) value = std::nan("");
  };
  CHECK_THROWS_AS((void)monte_carlo(experiment, {.samples = 10}), const std::invalid_argument&);
}

TEST_CASE("options that make no sense are refused in one line") {
  const auto refused = [](const MonteCarloOptions& options) {
    return refusal([&] { const MonteCarlo any(hostile(), options); });
  };
  CHECK(refused({.samples = 0}) == "0 samples: expected 1 to 1000000000000");
  CHECK(refused({.samples = 1'000'000'000'000'000'000}) == "1000000000000000000 samples: expected 1 to 1000000000000");
  CHECK(refused({.most_samples = 1'000'000'000'000'000'000}) ==
        "at most 1000000000000000000 samples: expected 1 to 2^52");
  CHECK(refused({.method = SamplingMethod::sobol, .replicates = 1}) == "1 replicates: expected 2 to 65536");
  CHECK(refused({.method = SamplingMethod::sobol, .samples = 900'000'000'000}) ==
        "56250000000 Sobol points in each of 16 replicates: expected 2^32 at most; give more replicates");
  CHECK(refused({.confidence = 1.0}) == "a confidence of 1: expected between 0 and 1");
  CHECK(refused({.limits = {-0.5}}) == "a limit of -0.5: expected finite and not negative");
  CHECK(refused({.limits = {inf}}) == "a limit of inf: expected finite and not negative");
  CHECK(refused({.quantiles = {0.5, 1.0}}) == "a quantile of probability 1: expected between 0 and 1");
  CHECK(refused({.until_interval = 0.01}) == "an interval to reach without a limit: expected a limit, for a yield");
  CHECK(refused({.limits = {0.5}, .until_interval = 0.0}) == "an interval of 0: expected above 0");
  CHECK(refused({.bins = 0}) == "0 bins: expected 1 to 1000000");
  CHECK(refused({.kept = 0}) == "no values kept: expected 1 or more");
}
