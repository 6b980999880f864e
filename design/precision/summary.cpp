// What a sample of bits says of all banks, and what rows of it say of the number of devices.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <optional>
#include <span>
#include <stdexcept>
#include <vector>

#include "design/precision.h"
#include "design/statistics.h"
#include "sim/device.h"

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

  // The values between which the quantile of all banks' values lies: order statistics. Where banks have several values,
  // those of a sample of as many independent values as say as much of the share of values up to the quantile as these
  // do [Woodruff52, KornGraubard98].
  [[nodiscard]] Interval quantile_interval(double p, double confidence) const {
    if (banks_ < 2) return {.low = -infinity, .high = infinity};
    const std::uint64_t count = values_.size();
    const std::uint64_t independent = count == banks_ ? count : independent_values(p, confidence);
    const RankInterval ranks = quantile_ranks(independent, p, confidence);
    const std::uint64_t low = std::max(ranks.low * count / independent, std::uint64_t{1});
    const std::uint64_t high = std::min((ranks.high * count + independent - 1) / independent, count);
    Interval interval{.low = -infinity, .high = infinity};
    if (ranks.low > 0) interval.low = values_[low - 1];
    if (ranks.high <= independent) interval.high = values_[high - 1];
    return interval;
  }

 private:
  // From how much the banks' own shares differ.
  [[nodiscard]] std::uint64_t independent_values(double p, double confidence) const {
    const std::uint64_t count = values_.size();
    const double quantile_value = quantile(p);
    const auto up_to = static_cast<std::size_t>(std::ranges::upper_bound(values_, quantile_value) - values_.begin());
    std::vector<double> shares(banks_, 0.0);
    const double each = static_cast<double>(banks_) / static_cast<double>(count);
    for (std::size_t k = 0; k < up_to; ++k) shares[bank_[k]] += each;
    Moments moments;
    moments.add(shares);
    const double share = moments.mean;
    const double variance = moments.variance() / static_cast<double>(banks_);
    const auto most = static_cast<double>(count);
    double number = variance > 0.0 ? std::min(share * (1.0 - share) / variance, most) : most;
    // The variance itself is known from few banks.
    const double ratio = student(count, confidence) / student(banks_, confidence);
    number *= ratio * ratio;
    return std::max(static_cast<std::uint64_t>(number), std::uint64_t{1});
  }

  // By how many of its standard deviations the mean of so many normal values may be off.
  static double student(std::uint64_t count, double confidence) {
    const auto n = static_cast<double>(count);
    const Moments of_variance_one{.count = count, .m2 = n - 1.0};
    return mean_interval(of_variance_one, confidence).high * std::sqrt(n);
  }

  std::size_t banks_;
  std::vector<double> values_{};
  std::vector<std::uint32_t> bank_{};
};

std::vector<double> bank_means_of(const PrecisionSample& sample) {
  std::vector<double> means(sample.banks);
  for (std::size_t bank = 0; bank < sample.banks; ++bank) {
    const auto own = std::span(sample.bits).subspan(bank * sample.targets, sample.targets);
    means[bank] = std::accumulate(own.begin(), own.end(), 0.0) / static_cast<double>(sample.targets);
  }
  return means;
}

struct Mean {
  double value = 0.0;
  Interval interval{nowhere, nowhere};
};
Mean mean_of(std::span<const double> values, double confidence) {
  if (!std::ranges::all_of(values, [](double value) { return std::isfinite(value); })) {
    return {.value = std::accumulate(values.begin(), values.end(), 0.0)};
  }
  Moments moments;
  moments.add(values);
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

// Values of dead banks are NaN.
std::vector<double> without_dead(std::vector<double> values) {
  std::erase_if(values, [](double value) { return std::isnan(value); });
  return values;
}

std::size_t dead_banks(const PrecisionSample& sample) {
  const auto values = std::ranges::count_if(sample.target, [](double target) { return std::isnan(target); });
  return static_cast<std::size_t>(values) / sample.targets;
}

std::optional<double> law_of(const PrecisionQuestion& question, const PrecisionSample& sample) {
  if (sample.law.empty()) return std::nullopt;
  double law = 0.0;
  if (!question.family) {
    law = law_of_signed_items(sample.devices, mean_square_of_targets(question, sample));
  } else {
    Moments moments;
    moments.add(without_dead(sample.law));
    law = moments.count == 0 ? -infinity : moments.mean;
  }
  return law < 0.0 ? std::nullopt : std::optional(law);
}

double median_of_magnitudes(std::vector<double> values) {
  if (values.empty()) return nowhere;
  for (double& value : values) value = std::abs(value);
  return sample_quantile(values, 0.5);
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
  row.p01 = sorted.quantile_interval(0.01, question.confidence);
  row.median = sorted.quantile_interval(0.5, question.confidence);
  row.bank_means = precision::bank_means_of(sample);
  const precision::Mean mean = precision::mean_of(row.bank_means, question.confidence);
  row.bits_mean = mean.value;
  row.mean = mean.interval;
  row.dead = precision::dead_banks(sample);
  row.error_median = precision::median_of_magnitudes(precision::without_dead(sample.error));
  row.bits_law = precision::law_of(question, sample);
  return row;
}

Slope slope_of(std::span<const PrecisionRow> rows, double confidence) {
  Slope slope{.bits_per_device = precision::nowhere,
              .at_zero = precision::nowhere,
              .interval = {precision::nowhere, precision::nowhere}};
  std::vector<const PrecisionRow*> finite;
  double devices = 0.0;
  double bits = 0.0;
  for (const PrecisionRow& row : rows) {
    if (!std::isfinite(row.bits_mean)) continue;
    finite.push_back(&row);
    devices += static_cast<double>(row.devices);
    bits += row.bits_mean;
  }
  if (finite.size() < 2) return slope;
  devices /= static_cast<double>(finite.size());
  bits /= static_cast<double>(finite.size());
  const auto from_middle = [devices](const PrecisionRow* row) { return static_cast<double>(row->devices) - devices; };
  double square = 0.0;
  double product = 0.0;
  for (const PrecisionRow* row : finite) {
    square += from_middle(row) * from_middle(row);
    product += from_middle(row) * (row->bits_mean - bits);
  }
  if (square == 0.0) return slope;
  slope.bits_per_device = product / square;
  slope.at_zero = bits - slope.bits_per_device * devices;

  std::vector<double> own(finite.front()->bank_means.size());
  for (const PrecisionRow* row : finite) {
    if (row->bank_means.size() != own.size()) return slope;
    for (std::size_t bank = 0; bank < own.size(); ++bank) {
      own[bank] += from_middle(row) / square * row->bank_means[bank];
    }
  }
  slope.interval = precision::mean_of(own, confidence).interval;
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

}  // namespace ohmset
