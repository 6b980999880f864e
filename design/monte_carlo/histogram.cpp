// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>

#include "design/monte_carlo/pass.h"

namespace ohmset::mc {

void add_to(Histogram& histogram, std::span<const double> values) {
  const auto bins = static_cast<double>(histogram.counts.size());
  const double scale = bins / (histogram.high - histogram.low);
  for (const double value : values) {
    if (!(value >= histogram.low)) {
      ++histogram.below;
    } else if (!(value <= histogram.high)) {
      ++histogram.above;
    } else {
      const double place = std::min((value - histogram.low) * scale, bins - 1.0);
      ++histogram.counts[static_cast<std::size_t>(place)];
    }
  }
}

Histogram histogram_for(std::span<const double> sorted, std::size_t bins) {
  Histogram histogram{.low = 0.0, .high = 1.0, .counts = std::vector<std::uint64_t>(bins)};
  const auto* first =
      std::find_if(sorted.data(), sorted.data() + sorted.size(), [](double value) { return std::isfinite(value); });
  const auto* const last = std::find_if(first, static_cast<const double*>(sorted.data() + sorted.size()),
                                        [](double value) { return !std::isfinite(value); });
  if (first == last) return histogram;
  // Widths of doubles near the largest would be infinite.
  constexpr double most = std::numeric_limits<double>::max() / 8.0;
  const auto quantile = [&](double p) {
    const auto count = static_cast<std::uint64_t>(last - first);
    return std::clamp(first[quantile_rank(count, p) - 1], -most, most);
  };
  const double low = quantile(0.001);
  const double high = quantile(0.999);
  // Room for the bell's tails; equal values stand in the middle of something, and a bin's width has an inverse.
  const double room = std::max(high > low ? 0.2 * (high - low) : 0.5 * std::abs(low), 0x1p-990);
  histogram.low = low - room;
  histogram.high = high + room;
  return histogram;
}

}  // namespace ohmset::mc
