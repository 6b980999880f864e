// What a sample of bits says of all banks, and what rows of it say of the number of devices.
// SPDX-License-Identifier: Apache-2.0
#include <tbb/blocked_range.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numbers>
#include <numeric>
#include <stdexcept>
#include <vector>

#include "design/precision.h"
#include "sim/device.h"
#include "sim/random.h"

namespace ohmset {
namespace precision {
namespace {

constexpr double nowhere = std::numeric_limits<double>::quiet_NaN();

// Values of several banks in ascending order.
class Sorted {
 public:
  explicit Sorted(const PrecisionSample& sample) : banks_(sample.banks) {
    const std::vector<double>& bits = sample.bits;
    std::vector<std::uint32_t> order(bits.size());
    std::iota(order.begin(), order.end(), 0U);
    std::ranges::sort(order, [&bits](std::uint32_t a, std::uint32_t b) { return bits[a] < bits[b]; });
    for (const std::uint32_t k : order) {
      values_.push_back(bits[k]);
      bank_.push_back(static_cast<std::uint32_t>(k / sample.targets));
    }
  }

  [[nodiscard]] double least() const { return values_.front(); }
  [[nodiscard]] double quantile(double p) const { return values_[quantile_rank(values_.size(), p) - 1]; }

  // By order statistics. requires one value a bank
  [[nodiscard]] Interval quantile_interval(double p, double confidence) const {
    const RankInterval ranks = quantile_ranks(values_.size(), p, confidence);
    return {.low = ranks.low == 0 ? -infinity : values_[ranks.low - 1],
            .high = ranks.high > values_.size() ? infinity : values_[ranks.high - 1]};
  }

  // The quantile were there so many of each bank.
  [[nodiscard]] double quantile_of(std::span<const std::uint32_t> of_each, double p) const {
    std::uint64_t left = quantile_rank(values_.size(), p);
    std::size_t k = 0;
    for (; left > of_each[bank_[k]]; ++k) left -= of_each[bank_[k]];
    return values_[k];
  }
  [[nodiscard]] std::size_t banks() const { return banks_; }
  [[nodiscard]] std::size_t size() const { return values_.size(); }

 private:
  std::size_t banks_;
  std::vector<double> values_{};
  std::vector<std::uint32_t> bank_{};
};

// Banks drawn with replacement, as many as there are: how often each. Blocks of the stream that no Draw lies in.
std::vector<std::uint32_t> drawn_again(std::size_t banks, std::uint64_t seed, std::uint64_t time) {
  constexpr std::uint64_t block = 5;
  constexpr std::size_t at_once = 64;
  std::array<std::array<std::uint64_t, 4>, at_once> words{};
  std::vector<std::uint32_t> times(banks, 0);
  std::size_t done = 0;
  for (std::uint64_t first = 0; done < banks; first += at_once) {
    philox_blocks({.seed = seed, .die = time, .cell = 0, .device = first}, block, words);
    for (const auto& some : words) {
      for (const std::uint64_t word : some) {
        if (done++ >= banks) break;
        ++times[static_cast<std::size_t>(to_uniform(word) * static_cast<double>(banks))];
      }
    }
  }
  return times;
}

// The share of the resamples that lies beyond each end. Percentiles by themselves are too narrow for few banks, as the
// normal interval of a mean would be with the sample's own variance: as much wider as Student's interval is
// [Hesterberg15].
double expanded_tail(std::size_t banks, double confidence) {
  const auto m = static_cast<double>(banks);
  const Moments standard{.count = banks, .m2 = m - 1.0};  // of variance 1
  const double t = mean_interval(standard, confidence).high * std::sqrt(m);
  return 0.5 * std::erfc(std::sqrt(m / (m - 1.0)) * t / std::numbers::sqrt2);
}

struct Quantiles {
  Interval p01{};
  Interval median{};
};

Quantiles by_resampling(const PrecisionQuestion& question, const Sorted& sorted) {
  if (sorted.banks() < 2) return {{-infinity, infinity}, {-infinity, infinity}};
  constexpr std::size_t enough = 1000;
  constexpr std::size_t least = 200;
  constexpr std::size_t effort = 400'000'000;
  const std::size_t count = std::clamp(effort / sorted.size(), least, enough);
  std::vector<double> p01(count);
  std::vector<double> median(count);
  const auto all = [&] {
    tbb::parallel_for(std::size_t{0}, count, [&](std::size_t k) {
      const std::vector<std::uint32_t> times = drawn_again(sorted.banks(), question.seed, k);
      p01[k] = sorted.quantile_of(times, 0.01);
      median[k] = sorted.quantile_of(times, 0.5);
    });
  };
  if (question.threads > 0) {
    tbb::task_arena(question.threads).execute(all);
  } else {
    all();
  }
  const std::uint64_t rank = quantile_rank(count, expanded_tail(sorted.banks(), question.confidence));
  const auto middle_of = [rank](std::vector<double>& values) {
    std::ranges::sort(values);
    return Interval{.low = values[rank - 1], .high = values[values.size() - rank]};
  };
  return {.p01 = middle_of(p01), .median = middle_of(median)};
}

// Of the banks' means.
struct Mean {
  double value = 0.0;
  Interval interval{nowhere, nowhere};
};
Mean mean_of(const PrecisionSample& sample, double confidence) {
  std::vector<double> means(sample.banks);
  bool finite = true;
  for (std::size_t bank = 0; bank < sample.banks; ++bank) {
    const auto own = std::span(sample.bits).subspan(bank * sample.targets, sample.targets);
    means[bank] = std::accumulate(own.begin(), own.end(), 0.0) / static_cast<double>(sample.targets);
    finite = finite && std::isfinite(means[bank]);
  }
  if (!finite) return {.value = std::accumulate(means.begin(), means.end(), 0.0)};
  Moments moments;
  moments.add(means);
  return {.value = moments.mean, .interval = mean_interval(moments, confidence)};
}

double mean_square_of_targets(const PrecisionQuestion& question, const PrecisionSample& sample) {
  if (question.even == 0 && question.targets.empty()) {
    const auto [a, b] = question.interval.value_or(Interval{.low = -1.0, .high = 1.0});
    return (a * a + a * b + b * b) / 3.0;
  }
  double sum = 0.0;
  for (const double target : sample.target) sum += target * target;
  return sum / static_cast<double>(sample.target.size());
}

std::optional<double> law_of(const PrecisionQuestion& question, const PrecisionSample& sample) {
  if (sample.law.empty()) return std::nullopt;
  if (!question.family) return law_of_signed_items(sample.devices, mean_square_of_targets(question, sample));
  Moments moments;
  moments.add(sample.law);
  return moments.count == 0 ? std::nullopt : std::optional<double>(moments.mean);
}

double median_of_magnitudes(std::vector<double> values) {
  for (double& value : values) value = std::abs(value);
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(quantile_rank(values.size(), 0.5) - 1);
  std::ranges::nth_element(values, middle);
  return *middle;
}

}  // namespace
}  // namespace precision

PrecisionRow summarize(const PrecisionQuestion& question, const PrecisionSample& sample) {
  const std::size_t count = sample.banks * sample.targets;
  if (count == 0 || sample.bits.size() != count || sample.error.size() != count) {
    throw std::invalid_argument("summarize: a sample of banks x targets values");
  }
  const precision::Sorted sorted(sample);
  PrecisionRow row{.devices = sample.devices, .banks = sample.banks, .targets = sample.targets};
  row.bits_worst = sorted.least();
  row.bits_p01 = sorted.quantile(0.01);
  row.bits_median = sorted.quantile(0.5);
  row.band = {.low = sorted.quantile(0.05), .high = sorted.quantile(0.95)};
  if (sample.targets == 1) {
    row.p01 = sorted.quantile_interval(0.01, question.confidence);
    row.median = sorted.quantile_interval(0.5, question.confidence);
  } else {
    const precision::Quantiles quantiles = precision::by_resampling(question, sorted);
    row.p01 = quantiles.p01;
    row.median = quantiles.median;
  }
  const precision::Mean mean = precision::mean_of(sample, question.confidence);
  row.bits_mean = mean.value;
  row.mean = mean.interval;
  row.error_median = precision::median_of_magnitudes(sample.error);
  row.bits_law = precision::law_of(question, sample);
  return row;
}

Slope slope_of(std::span<const PrecisionRow> rows) {
  Slope slope{.bits_per_device = precision::nowhere,
              .at_zero = precision::nowhere,
              .interval = {precision::nowhere, precision::nowhere}};
  double count = 0.0;
  double devices = 0.0;
  double bits = 0.0;
  for (const PrecisionRow& row : rows) {
    if (!std::isfinite(row.bits_mean)) continue;
    count += 1.0;
    devices += static_cast<double>(row.devices);
    bits += row.bits_mean;
  }
  if (count < 2.0) return slope;
  devices /= count;
  bits /= count;
  double square = 0.0;
  double product = 0.0;
  double variance = 0.0;  // of the product, in squares of half an interval
  for (const PrecisionRow& row : rows) {
    if (!std::isfinite(row.bits_mean)) continue;
    const double from_middle = static_cast<double>(row.devices) - devices;
    const double half = 0.5 * (row.mean.high - row.mean.low);
    square += from_middle * from_middle;
    product += from_middle * (row.bits_mean - bits);
    variance += (from_middle * half) * (from_middle * half);
  }
  if (square == 0.0) return slope;
  slope.bits_per_device = product / square;
  slope.at_zero = bits - slope.bits_per_device * devices;
  const double half = std::sqrt(variance) / square;
  slope.interval = {.low = slope.bits_per_device - half, .high = slope.bits_per_device + half};
  return slope;
}

std::optional<std::size_t> stops_paying(std::span<const PrecisionRow> rows) {
  constexpr double price = 0.5;
  const PrecisionRow* best = nullptr;
  const PrecisionRow* last = nullptr;
  const auto gain = [](const PrecisionRow& row) { return row.bits_mean - price * static_cast<double>(row.devices); };
  for (const PrecisionRow& row : rows) {
    if (std::isnan(row.bits_mean)) continue;
    if (last == nullptr || row.devices > last->devices) last = &row;
    const bool better =
        best == nullptr || gain(row) > gain(*best) || (gain(row) == gain(*best) && row.devices < best->devices);
    if (better) best = &row;
  }
  if (best == last) return std::nullopt;
  return best->devices;
}

double measurement_ceiling(double noise, std::size_t devices) {
  return std::log2(1.0 / noise) + 0.5 * std::log2(0.5 * static_cast<double>(devices));
}

}  // namespace ohmset
