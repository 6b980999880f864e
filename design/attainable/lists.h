// Values that groups of a series-parallel tree can take, each with the switches that give it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "sim/bank.h"
#include "sim/compensated_sum.h"

namespace ohmset::attainable {

inline constexpr std::size_t most_entries = std::size_t{1} << 25;

// A sum of members in their group's unit (ohm in series, siemens in parallel) as the closed form carries it. Equal
// entries give equal results whatever is added to them.
struct Entry {
  CompensatedSum sum{};
  std::uint64_t mask = 0;

  [[nodiscard]] double value() const { return sum.value(); }
};

// How the lists of a bank are made.
class ListMaker {
 public:
  // Of configurations that give equal values, the `wanted` first in order of (inserted devices, mask) are kept, and
  // only those with at most `at_most` inserted devices; of each number of them the `wanted` first when at least so many
  // must be inserted.
  ListMaker(const Bank& bank, Seen seen, std::size_t wanted, std::size_t at_least, std::size_t at_most)
      : bank_(bank), seen_(seen), wanted_(wanted), at_least_(at_least), at_most_(at_most) {}

  // How many entries `sums` will have, at most, where devices that contribute the same are told apart by nothing.
  [[nodiscard]] double predicted(Arrangement arrangement, std::span<const Group* const> members) const;
  // How many of the subsets of some switches may be inserted.
  [[nodiscard]] double subsets(std::size_t switches) const;
  // Sums of some members of a group, in the group's unit. Throws Error{input} above most_entries.
  [[nodiscard]] std::vector<Entry> sums(Arrangement arrangement, std::span<const Group* const> members) const;
  // Switches free to choose below a group.
  [[nodiscard]] std::size_t free_switches(const Group& group) const;
  [[nodiscard]] bool allowed(std::uint64_t mask) const;
  [[noreturn]] void refuse() const;

 private:
  // What a member of a group of that arrangement can contribute to it.
  [[nodiscard]] std::vector<Entry> contributions(Arrangement arrangement, const Group& member) const;
  [[nodiscard]] double combinations(Arrangement arrangement, std::span<const Group* const> members) const;
  // Leaves the entries in ascending order.
  void deduplicate(std::vector<Entry>& entries) const;

  const Bank& bank_;
  Seen seen_;
  std::size_t wanted_;
  std::size_t at_least_;
  std::size_t at_most_;
};

// 1/x with 1/0 = infinity.
[[nodiscard]] inline double reciprocal(double x) { return x == 0.0 ? infinity : 1.0 / x; }

}  // namespace ohmset::attainable
