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

std::vector<std::uint64_t> histogram_ranks(std::span<const double> values) {
  std::uint64_t below = 0;
  std::uint64_t finite = 0;
  for (const double value : values) {
    finite += std::isfinite(value) ? 1U : 0U;
    below += value == -std::numeric_limits<double>::infinity() ? 1U : 0U;
  }
  if (finite == 0) return {};
  return {below + quantile_rank(finite, 0.001), below + quantile_rank(finite, 0.999)};
}

Histogram histogram_for(std::span<const double> values, std::span<const std::uint64_t> ranks, std::size_t bins) {
  Histogram histogram{.low = 0.0, .high = 1.0, .counts = std::vector<std::uint64_t>(bins)};
  if (ranks.empty()) return histogram;
  // Widths of doubles near the largest would be infinite.
  constexpr double most = std::numeric_limits<double>::max() / 8.0;
  const double low = std::clamp(values[static_cast<std::size_t>(ranks[0] - 1)], -most, most);
  const double high = std::clamp(values[static_cast<std::size_t>(ranks[1] - 1)], -most, most);
  // Room for the bell's tails; equal values stand in the middle of something, and a bin's width has an inverse.
  const double room = std::max(high > low ? 0.2 * (high - low) : 0.5 * std::abs(low), 0x1p-990);
  histogram.low = low - room;
  histogram.high = high + room;
  return histogram;
}

}  // namespace ohmset::mc
