// SPDX-License-Identifier: Apache-2.0
#include "design/subset_sum/subsets_of_sums.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <utility>

namespace ohmset::windows {
namespace {

// Numbers the sums that were asked for, and tells of most others that they were not.
class Numbers {
 public:
  explicit Numbers(std::size_t sums)
      : shift_(64U - std::clamp<unsigned>(static_cast<unsigned>(std::bit_width(16 * sums)), 12U, 24U)),
        filter_(std::size_t{1} << (64U - shift_)),
        slots_(std::bit_ceil(4 * sums + 1)) {}

  // The number of the sum, a new one where it has none yet.
  std::uint32_t add(std::uint64_t sum) {
    const std::uint64_t hashed = hash(sum);
    filter_[hashed >> shift_] = 1;
    Slot& slot = slots_[place(sum, hashed)];
    if (slot.number == none) slot = {sum, count_++};
    return slot.number;
  }
  [[nodiscard]] bool may_hold(std::uint64_t sum) const { return filter_[hash(sum) >> shift_] != 0; }
  [[nodiscard]] std::uint32_t find(std::uint64_t sum) const { return slots_[place(sum, hash(sum))].number; }
  [[nodiscard]] std::uint32_t count() const { return count_; }
  static constexpr std::uint32_t none = ~std::uint32_t{0};

 private:
  struct Slot {
    std::uint64_t sum = 0;
    std::uint32_t number = none;
  };
  // Multiples of the golden ratio, whose first bits spread.
  [[nodiscard]] static std::uint64_t hash(std::uint64_t sum) { return sum * 0x9e3779b97f4a7c15U; }
  [[nodiscard]] std::size_t place(std::uint64_t sum, std::uint64_t hashed) const {
    std::size_t at = (hashed >> 32U) & (slots_.size() - 1);
    while (slots_[at].number != none && slots_[at].sum != sum) at = (at + 1) & (slots_.size() - 1);
    return at;
  }

  unsigned shift_;
  std::vector<std::uint8_t> filter_;  // bytes, which are quicker than bits
  std::vector<Slot> slots_;
  std::uint32_t count_ = 0;
};

// The subsets of the first items by number of items, so that those of too many need not be looked at.
struct FirstItems {
  static constexpr std::size_t most = 10;
  std::size_t items;
  std::array<std::uint64_t, std::size_t{1} << most> sums{};
  std::array<std::uint32_t, std::size_t{1} << most> masks{};
  std::array<std::size_t, most + 2> end{};  // of those of up to so many items

  explicit FirstItems(std::span<const std::uint64_t> all) : items(std::min(all.size(), most)) {
    std::array<std::uint64_t, std::size_t{1} << most> by_mask{};
    std::array<std::uint8_t, std::size_t{1} << most> counts{};
    for (std::size_t item = 0; item < items; ++item) {
      const std::size_t size = std::size_t{1} << item;
      for (std::size_t k = 0; k < size; ++k) {
        by_mask.at(size + k) = by_mask.at(k) + all[item];
        counts.at(size + k) = static_cast<std::uint8_t>(counts.at(k) + 1);
      }
    }
    for (std::size_t mask = 0; mask < std::size_t{1} << items; ++mask) ++end.at(counts.at(mask) + std::size_t{1});
    for (std::size_t count = 1; count < end.size(); ++count) end.at(count) += end.at(count - 1);
    for (std::uint32_t mask = 0; mask < std::uint32_t{1} << items; ++mask) {
      const std::size_t at = end.at(counts.at(mask))++;
      sums.at(at) = by_mask.at(mask);
      masks.at(at) = mask;
    }
  }
};

}  // namespace

SubsetsOfSums::SubsetsOfSums(std::span<const std::uint64_t> items, std::span<const std::uint64_t> sums,
                             std::size_t at_most) {
  Numbers numbers(sums.size());
  group_.reserve(sums.size());
  for (const std::uint64_t sum : sums) group_.push_back(numbers.add(sum));

  const FirstItems first(items);
  std::vector<std::pair<std::uint32_t, std::uint32_t>> found;  // group, mask
  std::uint64_t base = 0;
  std::uint64_t gray = 0;
  const std::uint64_t steps = std::uint64_t{1} << (items.size() - first.items);
  for (std::uint64_t step = 0; step < steps; ++step) {
    if (step != 0) {
      const int bit = std::countr_zero(step);
      gray ^= std::uint64_t{1} << static_cast<unsigned>(bit);
      const std::uint64_t item = items[first.items + static_cast<std::size_t>(bit)];
      base += ((gray >> static_cast<unsigned>(bit)) & 1U) != 0 ? item : 0 - item;
    }
    const auto taken = static_cast<std::size_t>(std::popcount(gray));
    if (taken > at_most) continue;
    const std::size_t all = first.end.at(std::min(first.items, at_most - taken));
    for (std::size_t k = 0; k < all; ++k) {
      const std::uint64_t sum = base + first.sums[k];
      if (!numbers.may_hold(sum)) continue;
      const std::uint32_t number = numbers.find(sum);
      if (number == Numbers::none) continue;
      found.emplace_back(number, static_cast<std::uint32_t>(gray << first.items) | first.masks[k]);
    }
  }

  first_.assign(numbers.count() + std::size_t{1}, 0);
  for (const auto& [group, mask] : found) ++first_[group + 1];
  for (std::size_t k = 0; k < numbers.count(); ++k) first_[k + 1] += first_[k];
  masks_.resize(found.size());
  std::vector<std::uint32_t> next(first_.begin(), first_.end());
  for (const auto& [group, mask] : found) masks_[next[group]++] = mask;
  for (std::size_t k = 0; k < numbers.count(); ++k) std::sort(masks_.data() + first_[k], masks_.data() + first_[k + 1]);
}

}  // namespace ohmset::windows
