// SPDX-License-Identifier: Apache-2.0
#include "design/many_targets.h"

#include <tbb/parallel_for.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "design/kernels/closest.h"
#include "design/kernels/counted.h"
#include "design/kernels/fixed.h"
#include "design/many_targets/regimes.h"
#include "design/parallel/threads.h"

namespace ohmset {
namespace {

constexpr std::size_t least_halved = 8;  // items whose halves can be scanned
constexpr std::size_t targets_per_task = 64;

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
  } else {
    parallel::on_threads(threads, all);
  }
}

// How many items go into the sorted list that sums of the others are looked up in; none where scanning two halves costs
// less. In nanoseconds of one core: a sum in the list takes 5, to make it, to index it and to find its subset again, or
// 12 in memory that is new; a lookup 3, or more in lists beyond the caches; an entry of a half 2, and a step past it
// 0.3.
std::optional<std::size_t> listed_items(std::size_t n, std::size_t targets) {
  const auto count = static_cast<double>(targets);
  const auto sums = [](std::size_t items) { return std::ldexp(1.0, static_cast<int>(items)); };
  double least = n < least_halved ? std::numeric_limits<double>::infinity()
                                  : (count * 0.5 + 2.0) * (sums(n / 2) + sums(n - n / 2));
  std::optional<std::size_t> best;
  for (std::size_t listed = std::max(n / 2, many::least_listed); listed <= std::min(n, many::most_listed); ++listed) {
    const double beyond = listed < 16 ? 0.0 : static_cast<double>(listed - 16);
    const double lookup = 3.0 + 0.4 * beyond * beyond;
    const double sum = listed < 18 ? 5.0 : 12.0;
    const double cost = sum * sums(listed) + count * lookup * sums(n - listed);
    if (cost >= least) continue;
    least = cost;
    best = listed;
  }
  return best;
}

// The masks that can be told at full speed, of items that are not 0.
std::vector<std::optional<std::uint64_t>> quick_masks(std::span<const double> items, std::span<const double> targets,
                                                      int threads) {
  std::vector<std::optional<std::uint64_t>> masks(targets.size());
  const kernels::Kernels& set = kernels::chosen();
  const kernels::Reach reach(items);
  const std::size_t n = items.size();
  std::vector<std::size_t> which;  // the targets not beyond all sums
  double largest = 0.0;
  for (std::size_t k = 0; k < targets.size(); ++k) {
    masks[k] = reach.closest_beyond(targets[k]);
    if (masks[k]) continue;
    which.push_back(k);
    largest = std::max(largest, std::abs(targets[k]));
  }
  const std::size_t count = which.size();
  constexpr std::size_t few = 4;
  const bool alone = n < many::least_listed || count < few;
  const std::optional<std::size_t> listed = alone ? std::nullopt : listed_items(n, count);
  // Lookups of targets next to each other are next to each other, which matters in long lists.
  constexpr std::size_t long_list = 14;
  if (listed && *listed >= long_list) {
    std::sort(which.begin(), which.end(), [&](auto a, auto b) { return targets[a] < targets[b]; });
  }
  std::vector<double> within;
  within.reserve(count);
  for (const std::size_t k : which) within.push_back(targets[k]);

  std::vector<std::optional<std::uint64_t>> found(count);
  const auto search = [&](const auto& regime) {
    std::vector<many::Found> sums(count);
    for_targets(count, threads, [&](std::size_t first, std::size_t last) {
      regime.seek(std::span<const double>(within).subspan(first, last - first),
                  std::span<many::Found>(sums).subspan(first, last - first));
    });
    regime.masks(sums, found);
  };
  if (alone) {
    for_targets(count, threads, [&](std::size_t first, std::size_t last) {
      for (; first < last; ++first) found[first] = closest_mask(items, within[first], set);
    });
  } else if (const auto fixed = kernels::fixed_point(items, largest, kernels::Lane<double>::bits - 1, 0)) {
    if (listed) {
      search(many::Lookup(*fixed, *listed, set));
    } else {
      search(many::SharedHalves(*fixed, set));
    }
  }
  for (std::size_t k = 0; k < count; ++k) masks[which[k]] = found[k];
  return masks;
}

}  // namespace

std::vector<Subset> closest_to_each(std::span<const double> items, std::span<const double> targets, int threads) {
  require(items, targets);
  const kernels::Nonzero<most_items> nonzero(items);
  const std::vector<std::optional<std::uint64_t>> masks = quick_masks(nonzero.items(), targets, threads);
  const kernels::Counter counter(items);
  std::vector<Subset> results(targets.size());
  for_targets(targets.size(), threads, [&](std::size_t first, std::size_t last) {
    for (; first < last; ++first) {
      std::optional<Subset> subset;
      if (masks[first]) subset = counter.count(targets[first], nonzero.spread(*masks[first]));
      results[first] = subset ? *subset : closest_subset_sums(items, targets[first]).subsets.front();
    }
  });
  return results;
}

}  // namespace ohmset
