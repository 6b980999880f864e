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
      : bits_(std::clamp<unsigned>(static_cast<unsigned>(std::bit_width(64 * sums)), 10U, 26U)),
        filter_((std::size_t{1} << bits_) / 64),
        slots_(std::bit_ceil(4 * sums + 1)) {}

  // The number of the sum, a new one where it has none yet.
  std::uint32_t add(std::uint64_t sum) {
    const std::uint64_t hashed = hash(sum);
    const std::uint64_t bit = hashed >> (64U - bits_);
    filter_[bit / 64] |= std::uint64_t{1} << (bit % 64);
    Slot& slot = slots_[place(sum, hashed)];
    if (slot.number == none) slot = {sum, count_++};
    return slot.number;
  }
  [[nodiscard]] bool may_hold(std::uint64_t sum) const {
    const std::uint64_t bit = hash(sum) >> (64U - bits_);
    return ((filter_[bit / 64] >> (bit % 64)) & 1U) != 0;
  }
  [[nodiscard]] std::uint32_t find(std::uint64_t sum) const { return slots_[place(sum, hash(sum))].number; }
  [[nodiscard]] std::uint32_t count() const { return count_; }
  static constexpr std::uint32_t none = ~std::uint32_t{0};

 private:
  struct Slot {
    std::uint64_t sum = 0;
    std::uint32_t number = none;
  };
  // The golden ratio's multiples, whose first bits spread [Knuth98].
  [[nodiscard]] static std::uint64_t hash(std::uint64_t sum) { return sum * 0x9e3779b97f4a7c15U; }
  [[nodiscard]] std::size_t place(std::uint64_t sum, std::uint64_t hashed) const {
    std::size_t at = (hashed >> 32U) & (slots_.size() - 1);
    while (slots_[at].number != none && slots_[at].sum != sum) at = (at + 1) & (slots_.size() - 1);
    return at;
  }

  unsigned bits_;
  std::vector<std::uint64_t> filter_;
  std::vector<Slot> slots_;
  std::uint32_t count_ = 0;
};

}  // namespace

SubsetsOfSums::SubsetsOfSums(std::span<const std::uint64_t> items, std::span<const std::uint64_t> sums) {
  Numbers numbers(sums.size());
  group_.reserve(sums.size());
  for (const std::uint64_t sum : sums) group_.push_back(numbers.add(sum));

  constexpr std::size_t most_low = 10;
  std::array<std::uint64_t, std::size_t{1} << most_low> table{};
  const std::size_t low = std::min(items.size(), most_low);
  for (std::size_t item = 0; item < low; ++item) {
    const std::size_t size = std::size_t{1} << item;
    for (std::size_t k = 0; k < size; ++k) table.at(size + k) = table.at(k) + items[item];
  }
  const std::span<const std::uint64_t> part(table.data(), std::size_t{1} << low);
  std::vector<std::pair<std::uint32_t, std::uint32_t>> found;  // group, mask
  std::uint64_t base = 0;
  std::uint64_t gray = 0;
  const std::uint64_t steps = std::uint64_t{1} << (items.size() - low);
  for (std::uint64_t step = 0; step < steps; ++step) {
    if (step != 0) {
      const int bit = std::countr_zero(step);
      gray ^= std::uint64_t{1} << static_cast<unsigned>(bit);
      const std::uint64_t item = items[low + static_cast<std::size_t>(bit)];
      base += ((gray >> static_cast<unsigned>(bit)) & 1U) != 0 ? item : 0 - item;
    }
    for (std::size_t k = 0; k < part.size(); ++k) {
      const std::uint64_t sum = base + part[k];
      if (!numbers.may_hold(sum)) continue;
      const std::uint32_t number = numbers.find(sum);
      if (number != Numbers::none) found.emplace_back(number, static_cast<std::uint32_t>(gray << low | k));
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
