// The closest of 41 to 64 items: quarters, windows, and an exact comparison of all that rounding cannot tell apart.
// SPDX-License-Identifier: Apache-2.0
#include <tbb/blocked_range.h>
#include <tbb/enumerable_thread_specific.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cmath>
#include <ranges>
#include <stdexcept>
#include <utility>

#include "design/kernels/closest.h"
#include "design/kernels/fixed.h"
#include "design/large_search.h"
#include "design/large_search/closest_in_windows.h"
#include "design/large_search/windows.h"
#include "design/subset_sum/exact_sum.h"
#include "sim/error.h"

namespace ohmset {
namespace {

using exact::ExactSum;
using exact::Frame;
using kernels::Fixed;
using large::Quarter;

constexpr std::size_t least_window = std::size_t{1} << 15;
constexpr std::size_t parts = 16;  // of the range of values
constexpr std::size_t most_threads = 64;

// Keeps the first of the subsets it is shown, by exact errors in V.
template <class V>
class First {
 public:
  First(std::span<const double> items, double target, const Frame& frame) {
    const auto exactly = [&](double value) {
      ExactSum sum(frame);
      sum.add(value);
      return sum.quarters<V>(frame.unit);
    };
    for (const double item : items) items_.push_back(exactly(item));
    target_ = exactly(target);
  }
  void show(std::uint64_t mask) {
    V error = -target_;
    for (std::uint64_t rest = mask; rest != 0; rest &= rest - 1) {
      error = error + items_[static_cast<std::size_t>(std::countr_zero(rest))];
    }
    if (error < V{}) error = -error;
    const int count = std::popcount(mask);
    if (any_ && (error > error_ || (error == error_ && std::pair(count, mask) >= std::pair(count_, mask_)))) return;
    any_ = true;
    error_ = error;
    count_ = count;
    mask_ = mask;
  }
  [[nodiscard]] std::uint64_t mask() const { return mask_; }

 private:
  std::vector<V> items_{};
  V target_{};
  bool any_ = false;
  V error_{};
  int count_ = 0;
  std::uint64_t mask_ = 0;
};

// Of equal positive items only the first ones are taken: the others give the same sums with greater masks. Where
// nothing is rounded, one subset stands for all with its sum.
Quarter quarter_of(std::span<const std::int64_t> fixed, std::span<const double> items, bool nothing_rounded,
                   std::uint64_t turned) {
  struct Entry {
    std::int64_t value;
    int count;  // items, not turned round
    std::uint32_t mask;
  };
  std::vector<Entry> entries{{0, std::popcount(turned), 0}};
  for (std::size_t k = 0; k < items.size(); ++k) {
    std::uint32_t equals = 0;
    for (std::size_t other = 0; other < k; ++other) {
      if (items[other] == items[k]) equals |= std::uint32_t{1} << other;
    }
    const bool turns = ((turned >> k) & 1U) != 0;
    const std::size_t size = entries.size();
    for (std::size_t e = 0; e < size; ++e) {
      if (!turns && (entries[e].mask & equals) != equals) continue;
      entries.push_back(
          {entries[e].value + fixed[k], entries[e].count + (turns ? -1 : 1), entries[e].mask | std::uint32_t{1} << k});
    }
  }
  std::sort(entries.begin(), entries.end(), [&](const Entry& a, const Entry& b) {
    if (a.value != b.value) return a.value < b.value;
    if (a.count != b.count) return a.count < b.count;
    return (a.mask ^ turned) < (b.mask ^ turned);
  });
  Quarter quarter;
  for (const Entry& entry : entries) {
    if (nothing_rounded && !quarter.values.empty() && quarter.values.back() == entry.value) continue;
    quarter.values.push_back(entry.value);
    quarter.masks.push_back(entry.mask);
  }
  return quarter;
}

class Search {
 public:
  Search(std::span<const double> items, double target, const Fixed& fixed, const LargeSearchOptions& options)
      : items_(items), fixed_(fixed), options_(options) {
    const kernels::Rounded aimed = kernels::rounded(target * fixed.scale, 1);
    goal_ = aimed.value + fixed.turned_sum;
    margin_ = fixed.margin + (aimed.exact ? 0 : 2);
    const std::size_t n = items.size();
    std::size_t first = 0;
    for (std::size_t k = 0; k < 4; ++k) {
      const std::size_t count = n / 4 + (k < n % 4 ? 1 : 0);
      starts_.at(k) = first;
      first += count;
      longest_ = std::max(longest_, std::size_t{1} << count);
    }
    starts_.at(4) = n;
    window_ = std::max(least_window, 8 * longest_);
    // Entries being sorted and lists; of each thread, windows with room to grow and their bins, rows and columns.
    const std::size_t lists = 4 * longest_ * 48;
    const std::size_t each = window_ * 100 + 4 * longest_ * 16;
    if (lists + each > options.memory_limit) {
      throw input_error("a search among " + std::to_string(n) + " items needs " + std::to_string((lists + each) >> 20) +
                        " MB, above the memory limit");
    }
    threads_ = static_cast<int>(std::min<std::size_t>((options.memory_limit - lists) / each, most_threads));
    for (std::size_t k = 0; k < 4; ++k) {
      const std::size_t begin = starts_.at(k);
      const std::size_t count = starts_.at(k + 1) - begin;
      quarters_.at(k) =
          quarter_of(std::span<const std::int64_t>(fixed.items).subspan(begin, count), items.subspan(begin, count),
                     margin_ == 0, (fixed.turned >> begin) & ((std::uint64_t{1} << count) - 1));
    }
  }

  // Shows `first` every subset that may be the first one; false when they were more than allowed. Parts of the range of
  // values know nothing of each other, so that nothing depends on how many threads there are.
  template <class First>
  bool run(First& first) {
    const std::int64_t met = std::min(greedy(first), std::int64_t{1} << 60);
    const std::int64_t begin = std::max<std::int64_t>(0, goal_ - greatest(2, 3) - met - margin_);
    const std::int64_t end = std::min(greatest(0, 1), goal_ + met + margin_) + 1;
    const double pairs = static_cast<double>(longest_) * static_cast<double>(longest_);
    const double width =
        static_cast<double>(greatest(0, 1)) /
        std::max(1.0, 4.0 * pairs / static_cast<double>(window_));  // four times the mean in the middle
    const std::int64_t part = (end - begin) / parts + 1;
    const std::uint64_t allowed = options_.most_candidates / parts;
    std::vector<First> firsts(parts, first);
    std::atomic<std::size_t> last = parts;  // the first part with too many, behind which nothing counts
    tbb::enumerable_thread_specific<large::Windows> windows([&] { return streams(); });
    tbb::task_arena arena(std::min(threads_, tbb::this_task_arena::max_concurrency()));
    arena.execute([&] {
      tbb::parallel_for(
          tbb::blocked_range<std::size_t>(0, parts, 1),
          [&](const tbb::blocked_range<std::size_t>& range) {
            for (std::size_t k = range.begin(); k < range.end(); ++k) {
              if (k > last.load()) continue;
              const std::int64_t from = begin + part * static_cast<std::int64_t>(k);
              std::int64_t best = met;
              std::uint64_t shown = 0;
              const bool complete = windows.local().run(
                  from, std::min(end, from + part), width, [&] { return best + margin_; },
                  [&](large::Stream::Place sum, large::Stream::Place rest, std::int64_t apart) {
                    firsts[k].show(mask_of(sum, rest));
                    best = std::min(best, apart);
                    return ++shown <= allowed;
                  });
              if (complete) continue;
              std::size_t known = last.load();
              while (k < known && !last.compare_exchange_weak(known, k)) {
              }
            }
          },
          tbb::simple_partitioner());
    });
    for (std::size_t k = 0; k < parts && k <= last.load(); ++k) first.show(firsts[k].mask());
    return last.load() == parts;
  }

 private:
  [[nodiscard]] std::int64_t greatest(std::size_t a, std::size_t b) const {
    return quarters_.at(a).values.back() + quarters_.at(b).values.back();
  }
  // Sums of the first two quarters, and what they leave to the goal for the others.
  [[nodiscard]] large::Windows streams() const {
    std::vector<std::int64_t> rows;
    std::vector<std::int64_t> columns;
    for (const std::int64_t value : std::ranges::reverse_view(quarters_[3].values)) {
      rows.push_back(goal_ - value);
    }
    for (const std::int64_t value : std::ranges::reverse_view(quarters_[2].values)) {
      columns.push_back(-value);
    }
    const kernels::Kernels& set = kernels::chosen();
    return {large::Stream(quarters_[1].values, quarters_[0].values, set),
            large::Stream(std::move(rows), std::move(columns), set), window_, options_.memory_limit};
  }

  [[nodiscard]] std::uint64_t mask_of(large::Stream::Place sum, large::Stream::Place rest) const {
    const std::array<std::size_t, 4> entries{sum.column, sum.row, quarters_[2].values.size() - 1 - rest.column,
                                             quarters_[3].values.size() - 1 - rest.row};
    std::uint64_t mask = 0;
    for (std::size_t k = 0; k < 4; ++k) {
      mask |= std::uint64_t{quarters_.at(k).masks[entries.at(k)]} << starts_.at(k);
    }
    return mask ^ fixed_.turned;
  }

  // A good subset to begin with: the last items greedily, the first ones by an exact search. Returns its error.
  template <class First>
  std::int64_t greedy(First& first) {
    const std::size_t searched = std::min<std::size_t>(36, 3 * items_.size() / 4);
    std::int64_t middle = 0;
    for (std::size_t k = 0; k < searched; ++k) middle += fixed_.items.at(k) / 2;
    std::int64_t rest = goal_ - middle;
    std::uint64_t mask = 0;
    for (std::size_t k = searched; k < items_.size(); ++k) {
      if (std::abs(rest - fixed_.items.at(k)) >= std::abs(rest)) continue;
      rest -= fixed_.items.at(k);
      mask |= std::uint64_t{1} << k;
    }
    std::vector<double> some;
    for (std::size_t k = 0; k < searched; ++k) some.push_back(static_cast<double>(fixed_.items.at(k)));
    const auto missing = static_cast<double>(rest + middle);
    const std::optional<std::uint64_t> quick = closest_mask(some, missing);
    mask |= quick ? *quick : closest_subset_sums(some, missing).subsets.front().mask;
    std::int64_t error = -goal_;
    for (std::size_t k = 0; k < items_.size(); ++k) error += ((mask >> k) & 1U) != 0 ? fixed_.items.at(k) : 0;
    first.show(mask ^ fixed_.turned);
    return std::abs(error);
  }

  std::span<const double> items_;
  const Fixed& fixed_;
  const LargeSearchOptions& options_;
  std::int64_t goal_ = 0;
  std::int64_t margin_ = 0;
  std::size_t longest_ = 0;
  std::size_t window_ = 0;
  int threads_ = 1;
  std::array<std::size_t, 5> starts_{};
  std::array<Quarter, 4> quarters_{};
};

template <class V>
std::pair<std::uint64_t, bool> search_in(std::span<const double> items, double target, const Frame& frame,
                                         const Fixed& fixed, const LargeSearchOptions& options) {
  First<V> first(items, target, frame);
  Search search(items, target, fixed, options);
  const bool proven = search.run(first);
  return {first.mask(), proven};
}

std::pair<std::uint64_t, bool> search_nonzero(std::span<const double> items, double target,
                                              const LargeSearchOptions& options) {
  const std::optional<std::uint64_t> beyond = kernels::Reach(items).closest_beyond(target);
  if (beyond) return {*beyond, true};
  if (items.size() <= most_items) return {closest_subset_sums(items, target).subsets.front().mask, true};
  return large::closest_in_windows(items, target, options);
}

}  // namespace

std::pair<std::uint64_t, bool> large::closest_in_windows(std::span<const double> items, double target,
                                                         const LargeSearchOptions& options) {
  const std::optional<Fixed> fixed = kernels::fixed_point(items, target, kernels::Lane<std::int64_t>::bits, 0);
  if (!fixed) throw input_error("a search among more than 40 items takes sums between 1e-250 and 1e250");
  const Frame frame = exact::join(exact::frame_of(items), exact::frame_of({&target, 1}));
  const int bits = frame.bits + 10;
  if (bits <= exact::Traits<exact::Int128>::bits) {
    return search_in<exact::Int128>(items, target, frame, *fixed, options);
  }
  return search_in<exact::Wide<exact::most_limbs>>(items, target, frame, *fixed, options);
}

LargeSearchResult closest_of_many(std::span<const double> items, double target, const LargeSearchOptions& options) {
  if (items.size() > most_large_items) throw std::invalid_argument("large search: too many items");
  if (!std::isfinite(target)) throw std::invalid_argument("large search: the target is not finite");
  for (const double item : items) {
    if (!std::isfinite(item)) throw std::invalid_argument("large search: an item is not finite");
  }
  const kernels::Nonzero<most_large_items> nonzero(items);
  const auto [mask, proven] = search_nonzero(nonzero.items(), target, options);
  LargeSearchResult result{.subset = {.mask = nonzero.spread(mask)}, .proven = proven};
  ExactSum sum(exact::join(exact::frame_of(items), exact::frame_of({&target, 1})));
  for (std::uint64_t rest = result.subset.mask; rest != 0; rest &= rest - 1) {
    sum.add(items[static_cast<std::size_t>(std::countr_zero(rest))]);
  }
  result.subset.sum = sum.rounded();
  sum.subtract(target);
  result.subset.error = sum.rounded();
  return result;
}

}  // namespace ohmset
