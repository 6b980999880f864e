// SPDX-License-Identifier: Apache-2.0
#include "design/subset_sum/subsets_of_sums.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <utility>

namespace ohmset::windows {
namespace {

// Which sums may be among those asked for: a bit for each value of a hash.
class Filter {
 public:
  explicit Filter(std::span<const std::uint64_t> sums)
      : shift_(64U - std::clamp<unsigned>(static_cast<unsigned>(std::bit_width(64 * sums.size())), 6U, 24U)),
        words_((std::size_t{1} << (64U - shift_)) / 64) {
    for (const std::uint64_t sum : sums) words_[hash(sum) / 64] |= std::uint64_t{1} << (hash(sum) % 64);
  }
  [[nodiscard]] bool may_hold(std::uint64_t sum) const {
    return ((words_[hash(sum) / 64] >> (hash(sum) % 64)) & 1U) != 0;
  }

 private:
  // The golden ratio's multiples, which spread [Knuth98].
  [[nodiscard]] std::size_t hash(std::uint64_t sum) const { return (sum * 0x9e3779b97f4a7c15U) >> shift_; }

  unsigned shift_;
  std::vector<std::uint64_t> words_;
};

}  // namespace

SubsetsOfSums subsets_of_sums(std::span<const std::uint64_t> items, std::span<const std::uint64_t> sums) {
  constexpr std::size_t most_low = 10;
  std::array<std::uint64_t, std::size_t{1} << most_low> table{};
  const std::size_t low = std::min(items.size(), most_low);
  for (std::size_t item = 0; item < low; ++item) {
    const std::size_t size = std::size_t{1} << item;
    for (std::size_t k = 0; k < size; ++k) table.at(size + k) = table.at(k) + items[item];
  }
  const std::span<const std::uint64_t> part(table.data(), std::size_t{1} << low);

  const Filter filter(sums);
  std::vector<std::pair<std::uint32_t, std::uint32_t>> found;  // sum, mask
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
      if (!filter.may_hold(sum)) continue;
      const auto at = std::lower_bound(sums.begin(), sums.end(), sum);
      if (at == sums.end() || *at != sum) continue;
      found.emplace_back(static_cast<std::uint32_t>(at - sums.begin()), static_cast<std::uint32_t>(gray << low | k));
    }
  }
  std::sort(found.begin(), found.end());
  SubsetsOfSums result;
  result.first.assign(sums.size() + 1, 0);
  for (const auto& [sum, mask] : found) {
    ++result.first[sum + 1];
    result.masks.push_back(mask);
  }
  for (std::size_t k = 0; k < sums.size(); ++k) result.first[k + 1] += result.first[k];
  return result;
}

}  // namespace ohmset::windows
