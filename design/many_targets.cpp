// SPDX-License-Identifier: Apache-2.0
#include "design/many_targets.h"

#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "design/kernels/closest.h"
#include "design/kernels/counted.h"
#include "design/kernels/fixed.h"
#include "design/kernels/half_sums.h"

namespace ohmset {
namespace {

using kernels::Fixed;
using kernels::Lane;

constexpr std::size_t most_enumerated = 19;  // items whose sums are all sorted
constexpr std::size_t least_halved = 8;      // fewer items are enumerated or taken one target at a time
constexpr std::size_t targets_per_task = 64;

// A target in the items' fixed point, even, with what its rounding adds to the margin.
struct Aim {
  std::int64_t goal = 0;
  std::int64_t margin = 0;
};
Aim aim_at(double target, const Fixed& fixed) {
  const kernels::Rounded aimed = kernels::rounded(target * fixed.scale, 2);
  const std::int64_t goal = aimed.value + fixed.turned_sum;
  const std::int64_t even = goal & ~std::int64_t{1};
  return {even, fixed.margin + (aimed.exact && even == goal ? 0 : 4)};
}

// All sums in ascending order as keys that carry their mask.
class Enumeration {
 public:
  Enumeration(const Fixed& fixed, const kernels::Kernels& set) : fixed_(fixed), bits_(static_cast<int>(fixed.count)) {
    std::array<double, most_enumerated> keys{};
    for (std::size_t k = 0; k < fixed.count; ++k) {
      keys.at(k) =
          std::ldexp(static_cast<double>(fixed.items.at(k)), bits_) + static_cast<double>(std::uint64_t{1} << k);
    }
    sums_ = set.doubles.sums(keys.data(), fixed.count, buffers_.reserve(std::size_t{1} << fixed.count));
  }
  [[nodiscard]] static int value_bits(std::size_t count) { return Lane<double>::bits - 1 - static_cast<int>(count); }

  [[nodiscard]] std::optional<std::uint64_t> closest(double target) const {
    const Aim aim = aim_at(target, fixed_);
    const double field = std::ldexp(1.0, bits_);
    const double goal = static_cast<double>(aim.goal) * field + Lane<double>::bias;
    const double* first = sums_.values;
    for (std::size_t size = sums_.count; size > 1;) {
      const std::size_t half = size / 2;
      first += first[half - 1] < goal ? half : 0;  // a conditional move
      size -= half;
    }
    // The nearest key is this one or a neighbour, the next nearest then a neighbour of that; beyond are sentinels.
    double error = Lane<double>::beyond;
    double second = error;
    double nearest = 0.0;
    for (const double* at = first - 2; at <= first + 2; ++at) {
      const double distance = std::abs(*at - goal);
      nearest = distance < error ? *at : nearest;
      second = std::min(second, std::max(distance, error));
      error = std::min(error, distance);
    }
    if (!(second > error + static_cast<double>(aim.margin + 2) * field)) return std::nullopt;
    const auto key = static_cast<std::uint64_t>(nearest - Lane<double>::bias);
    return (key & ((std::uint64_t{1} << static_cast<unsigned>(bits_)) - 1)) ^ fixed_.turned;
  }

 private:
  Fixed fixed_;
  int bits_;
  kernels::Buffers<double> buffers_{};
  kernels::SortedSums<double> sums_{};
};

// Half lists shared by all targets.
class SharedHalves {
 public:
  SharedHalves(const Fixed& fixed, const kernels::Kernels& set)
      : fixed_(fixed), set_(set), rows_(fixed.count / 2), columns_(fixed.count - rows_) {
    std::array<double, most_items> items{};
    for (std::size_t k = 0; k < fixed.count; ++k) items.at(k) = static_cast<double>(fixed.items.at(k));
    halves_ = set.doubles.halves(items.data(), rows_, columns_, buffers_.reserve(std::size_t{1} << columns_));
  }

  // Up to four targets.
  void closest(std::span<const double> targets, std::span<std::optional<std::uint64_t>> masks) const {
    std::array<double, 4> goals{};
    std::int64_t margin = 0;
    for (std::size_t k = 0; k < 4; ++k) {
      const Aim aim = aim_at(targets[std::min(k, targets.size() - 1)], fixed_);
      goals.at(k) = static_cast<double>(aim.goal);
      margin = std::max(margin, aim.margin);
    }
    std::array<kernels::Nearest<double>, 4> nearest{};
    set_.doubles.nearest_to_each(halves_, goals.data(), static_cast<double>(margin), nearest.data());
    for (std::size_t k = 0; k < targets.size(); ++k) {
      if (nearest.at(k).alone) masks[k] = mask_of(nearest.at(k));
    }
  }

 private:
  [[nodiscard]] std::optional<std::uint64_t> mask_of(const kernels::Nearest<double>& nearest) const {
    const auto integer = [](double entry) { return static_cast<std::int64_t>(entry - Lane<double>::bias); };
    const std::span<const std::int64_t> items(fixed_.items);
    const auto low = kernels::subset_of_sum(items.first(rows_), integer(halves_.rows.values[nearest.row]), set_);
    const auto high =
        kernels::subset_of_sum(items.subspan(rows_, columns_), integer(halves_.columns.values[nearest.column]), set_);
    if (!low || !high) return std::nullopt;
    return (*low | *high << rows_) ^ fixed_.turned;
  }

  Fixed fixed_;
  const kernels::Kernels& set_;
  std::size_t rows_;
  std::size_t columns_;
  kernels::Buffers<double> buffers_{};
  kernels::Halves<double> halves_{};
};

void require(std::span<const double> items, std::span<const double> targets) {
  if (items.size() > most_items) throw std::invalid_argument("many targets: too many items");
  const auto finite = [](double value) { return std::isfinite(value); };
  if (!std::all_of(items.begin(), items.end(), finite)) {
    throw std::invalid_argument("many targets: an item is not finite");
  }
  if (!std::all_of(targets.begin(), targets.end(), finite)) {
    throw std::invalid_argument("many targets: a target is not finite");
  }
}

// Runs work(first, last) for every range of targets.
template <class Work>
void for_targets(std::size_t count, int threads, const Work& work) {
  const auto all = [&] {
    tbb::parallel_for(tbb::blocked_range<std::size_t>(0, (count + targets_per_task - 1) / targets_per_task),
                      [&](const auto& range) {
                        work(range.begin() * targets_per_task, std::min(count, range.end() * targets_per_task));
                      });
  };
  if (threads == 1 || count <= targets_per_task) {
    work(std::size_t{0}, count);
  } else if (threads > 0) {
    tbb::task_arena(threads).execute(all);
  } else {
    all();
  }
}

// The masks that can be told at full speed, of items that are not 0.
std::vector<std::optional<std::uint64_t>> quick_masks(std::span<const double> items, std::span<const double> targets,
                                                      int threads) {
  std::vector<std::optional<std::uint64_t>> masks(targets.size());
  const kernels::Kernels& set = kernels::chosen();
  const kernels::Reach reach(items);
  const std::size_t n = items.size();
  std::vector<std::size_t> within;  // the targets not beyond all sums
  double largest = 0.0;
  for (std::size_t k = 0; k < targets.size(); ++k) {
    masks[k] = reach.closest_beyond(targets[k]);
    if (masks[k]) continue;
    within.push_back(k);
    largest = std::max(largest, std::abs(targets[k]));
  }
  constexpr std::size_t few = 4;
  const bool enumerate = n >= 3 && n <= most_enumerated && within.size() >= (std::size_t{1} << (n / 2));
  if (!enumerate && (n < least_halved || within.size() < few)) {
    for_targets(within.size(), threads, [&](std::size_t first, std::size_t last) {
      for (; first < last; ++first) masks[within[first]] = closest_mask(items, targets[within[first]], set);
    });
    return masks;
  }
  const std::optional<Fixed> fixed =
      kernels::fixed_point(items, largest, enumerate ? Enumeration::value_bits(n) : Lane<double>::bits - 1, 0);
  if (!fixed) return masks;
  if (enumerate) {
    const Enumeration enumeration(*fixed, set);
    for_targets(within.size(), threads, [&](std::size_t first, std::size_t last) {
      for (; first < last; ++first) masks[within[first]] = enumeration.closest(targets[within[first]]);
    });
    return masks;
  }
  const SharedHalves halves(*fixed, set);
  for_targets(within.size(), threads, [&](std::size_t first, std::size_t last) {
    for (; first < last; first += 4) {
      std::array<double, 4> four{};
      std::array<std::optional<std::uint64_t>, 4> found{};
      const std::size_t count = std::min<std::size_t>(4, last - first);
      for (std::size_t k = 0; k < count; ++k) four.at(k) = targets[within[first + k]];
      halves.closest(std::span<const double>(four).first(count), found);
      for (std::size_t k = 0; k < count; ++k) masks[within[first + k]] = found.at(k);
    }
  });
  return masks;
}

}  // namespace

std::vector<Subset> closest_to_each(std::span<const double> items, std::span<const double> targets, int threads) {
  require(items, targets);
  const kernels::Nonzero<most_items> nonzero(items);
  const std::vector<std::optional<std::uint64_t>> masks = quick_masks(nonzero.items(), targets, threads);
  std::vector<Subset> results(targets.size());
  for_targets(targets.size(), threads, [&](std::size_t first, std::size_t last) {
    for (; first < last; ++first) {
      std::optional<Subset> subset;
      if (masks[first]) subset = kernels::counted(items, targets[first], nonzero.spread(*masks[first]));
      results[first] = subset ? *subset : closest_subset_sums(items, targets[first]).subsets.front();
    }
  });
  return results;
}

}  // namespace ohmset
