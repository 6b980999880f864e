// SPDX-License-Identifier: Apache-2.0
#include "design/many_targets/regimes.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <utility>

#include "design/subset_sum.h"
#include "design/subset_sum/subsets_of_sums.h"

namespace ohmset::many {
namespace {

using kernels::Fixed;
using kernels::Lane;

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

std::uint64_t sum_of(double entry) { return static_cast<std::uint64_t>(entry - Lane<double>::bias); }

// The subsets behind one of the two sums of all that were found alone.
class Recovered {
 public:
  Recovered(std::span<const std::uint64_t> items, std::span<const Found> found, std::uint64_t Found::*sum,
            const kernels::Kernels& set) {
    std::vector<std::uint64_t> sums;
    std::vector<std::size_t> which;
    for (std::size_t k = 0; k < found.size(); ++k) {
      if (!found[k].alone) continue;
      sums.push_back(found[k].*sum);
      which.push_back(k);
    }
    masks_.resize(found.size());
    // One by one, or of all by making all sums once more.
    if (sums.size() < (std::size_t{1} << items.size()) / 2048) {
      std::array<std::int64_t, most_items> integers{};
      std::copy(items.begin(), items.end(), integers.begin());
      const std::span<const std::int64_t> all(integers.data(), items.size());
      for (std::size_t k = 0; k < sums.size(); ++k) {
        masks_[which[k]] = *kernels::subset_of_sum(all, static_cast<std::int64_t>(sums[k]), set);
      }
    } else {
      const windows::SubsetsOfSums subsets(items, sums);
      for (std::size_t k = 0; k < sums.size(); ++k) masks_[which[k]] = subsets.masks(subsets.group(k)).front();
    }
  }
  [[nodiscard]] std::uint64_t mask(std::size_t target) const { return masks_[target]; }

 private:
  std::vector<std::uint64_t> masks_{};  // of each target
};

}  // namespace

// ------------------------------------------------------------------------------------------------ looked up
struct Lookup::Memory {
  kernels::Buffers<double> sums{};
  std::vector<std::uint32_t> first{};
};

std::unique_ptr<Lookup::Memory>& Lookup::spare() {
  thread_local std::unique_ptr<Memory> memory;
  return memory;
}

Lookup::~Lookup() {
  constexpr std::size_t most_kept = std::size_t{1} << 20;
  if (memory_->first.size() <= most_kept) spare() = std::move(memory_);
}

Lookup::Lookup(const Fixed& fixed, std::size_t listed, const kernels::Kernels& set)
    : fixed_(fixed), set_(set), order_(fixed.count), left_(fixed.count - listed), memory_(std::move(spare())) {
  if (!memory_) memory_ = std::make_unique<Memory>();
  std::iota(order_.begin(), order_.end(), std::size_t{0});
  std::sort(order_.begin(), order_.end(), [&](std::size_t a, std::size_t b) {
    return std::pair(fixed.items.at(a), a) < std::pair(fixed.items.at(b), b);
  });
  for (const std::size_t k : order_) integers_.push_back(static_cast<std::uint64_t>(fixed.items.at(k)));
  rows_.resize(std::size_t{1} << left_);
  for (std::size_t item = 0; item < left_; ++item) {
    const std::size_t size = std::size_t{1} << item;
    for (std::size_t k = 0; k < size; ++k) rows_[size + k] = rows_[k] + static_cast<double>(integers_[item]);
  }
  std::array<double, most_listed> items{};
  std::transform(integers_.begin() + static_cast<std::ptrdiff_t>(left_), integers_.end(), items.begin(),
                 [](std::uint64_t item) { return static_cast<double>(item); });
  const kernels::SortedSums<double> sums =
      set.doubles.sums(items.data(), listed, memory_->sums.reserve(std::size_t{1} << listed));
  if (memory_->first.size() < sums.count + 1) memory_->first.resize(sums.count + 1);
  index_ = set.index_of(sums, memory_->first.data());
}

void Lookup::seek(std::span<const double> targets, std::span<Found> found) const {
  std::vector<kernels::Sought> sought(targets.size());
  std::int64_t margin = 0;
  for (std::size_t k = 0; k < targets.size(); ++k) {
    const Aim aim = aim_at(targets[k], fixed_);
    sought[k].goal = static_cast<double>(aim.goal);
    margin = std::max(margin, aim.margin);
  }
  set_.look_up(index_, rows_.data(), rows_.size(), static_cast<double>(margin), sought.data(), sought.size());
  for (std::size_t k = 0; k < targets.size(); ++k) {
    found[k] = {.alone = sought[k].second > sought[k].error + static_cast<double>(margin),
                .low = sought[k].row,
                .high = sum_of(index_.values[sought[k].column])};
  }
}

void Lookup::masks(std::span<const Found> found, Masks masks) const {
  const Recovered listed(std::span<const std::uint64_t>(integers_).subspan(left_), found, &Found::high, set_);
  for (std::size_t k = 0; k < found.size(); ++k) {
    if (!found[k].alone) continue;
    std::uint64_t mask = 0;
    for (std::uint64_t ordered = listed.mask(k) << left_ | found[k].low; ordered != 0; ordered &= ordered - 1) {
      mask |= std::uint64_t{1} << order_[static_cast<std::size_t>(std::countr_zero(ordered))];
    }
    masks[k] = mask ^ fixed_.turned;
  }
}

// ------------------------------------------------------------------------------------------------ scanned
SharedHalves::SharedHalves(const Fixed& fixed, const kernels::Kernels& set)
    : fixed_(fixed), set_(set), rows_(fixed.count / 2), columns_(fixed.count - rows_) {
  std::array<double, most_items> items{};
  for (std::size_t k = 0; k < fixed.count; ++k) items.at(k) = static_cast<double>(fixed.items.at(k));
  halves_ = set.doubles.halves(items.data(), rows_, columns_, buffers_.reserve(std::size_t{1} << columns_));
}

void SharedHalves::seek(std::span<const double> targets, std::span<Found> found) const {
  constexpr std::size_t at_once = 4;
  for (std::size_t first = 0; first < targets.size(); first += at_once) {
    std::array<double, at_once> goals{};
    std::int64_t margin = 0;
    for (std::size_t k = 0; k < at_once; ++k) {
      const Aim aim = aim_at(targets[std::min(first + k, targets.size() - 1)], fixed_);
      goals.at(k) = static_cast<double>(aim.goal);
      margin = std::max(margin, aim.margin);
    }
    std::array<kernels::Nearest<double>, at_once> nearest{};
    set_.doubles.nearest_to_each(halves_, goals.data(), static_cast<double>(margin), nearest.data());
    for (std::size_t k = 0; k < at_once && first + k < targets.size(); ++k) {
      found[first + k] = {.alone = nearest.at(k).alone,
                          .low = sum_of(halves_.rows.values[nearest.at(k).row]),
                          .high = sum_of(halves_.columns.values[nearest.at(k).column])};
    }
  }
}

void SharedHalves::masks(std::span<const Found> found, Masks masks) const {
  std::array<std::uint64_t, most_items> integers{};
  std::copy_n(fixed_.items.begin(), fixed_.count, integers.begin());
  const std::span<const std::uint64_t> items(integers);
  const Recovered low(items.first(rows_), found, &Found::low, set_);
  const Recovered high(items.subspan(rows_, columns_), found, &Found::high, set_);
  for (std::size_t k = 0; k < found.size(); ++k) {
    if (found[k].alone) masks[k] = (low.mask(k) | high.mask(k) << rows_) ^ fixed_.turned;
  }
}

}  // namespace ohmset::many
