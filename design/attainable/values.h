// Values that groups of a series-parallel tree can take, fast: plain sums kept in order by merging, equal ones not told
// apart. Sums of terms >= 0 and their reciprocals err by a few units in the last place per device and level.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "design/attainable/memory.h"
#include "sim/bank.h"

namespace ohmset::attainable {

// A sum of members in their group's unit and the inserted devices that give it.
struct Value {
  double value = 0.0;
  std::uint64_t mask = 0;
};

// Merges two runs in order of their `value` members, the first one's entries first among equals.
template <class T>
void merge(std::span<const T> first, std::span<const T> second, T* out) {
  if (first.size() == second.size()) {
    // Two chains that do not wait for each other: from the front and from the back, half of the entries each.
    const T* a = first.data();
    const T* b = second.data();
    const T* last_a = a + first.size() - 1;
    const T* last_b = b + second.size() - 1;
    T* last = out + first.size() + second.size() - 1;
    for (std::size_t k = 0; k < first.size(); ++k) {
      const std::ptrdiff_t take_b = b->value < a->value ? 1 : 0;
      *out++ = a[(b - a) * take_b];
      b += take_b;
      a += 1 - take_b;
      const std::ptrdiff_t take_a = last_b->value < last_a->value ? 1 : 0;
      *last-- = last_b[(last_a - last_b) * take_a];
      last_a -= take_a;
      last_b -= 1 - take_a;
    }
    return;
  }
  const T* a = first.data();
  const T* b = second.data();
  const T* const end_a = a + first.size();
  const T* const end_b = b + second.size();
  while (a != end_a && b != end_b) {
    const std::ptrdiff_t take_b = b->value < a->value ? 1 : 0;
    *out++ = a[(b - a) * take_b];
    b += take_b;
    a += 1 - take_b;
  }
  while (a != end_a) *out++ = *a++;
  while (b != end_b) *out++ = *b++;
}

// Merges neighbouring runs, `ends` of which follow each other in `runs`, until one is left; `spare` has as much room.
template <class T>
void merge_all(Column<T>& runs, Column<T>& spare, std::vector<std::size_t> ends) {
  const std::size_t size = ends.empty() ? 0 : ends.back();
  ends.insert(ends.begin(), 0);
  while (ends.size() > 2) {
    std::size_t kept = 1;
    for (std::size_t run = 0; run + 1 < ends.size(); run += 2) {
      const std::size_t middle = ends[run + 1];
      const std::size_t last = ends[std::min(run + 2, ends.size() - 1)];
      merge<T>({runs.data() + ends[run], middle - ends[run]}, {runs.data() + middle, last - middle},
               spare.data() + ends[run]);
      ends[kept++] = last;
    }
    ends.resize(kept);
    std::swap(runs, spare);
  }
  runs.shrink(size);
}

// Sums of some members of a group of that arrangement, ascending; only those with at most `at_most` inserted devices.
[[nodiscard]] Column<Value> values_of(const Bank& bank, Seen seen, std::size_t at_most, Arrangement arrangement,
                                      std::span<const Group* const> members);

}  // namespace ohmset::attainable
