// SPDX-License-Identifier: Apache-2.0
#include "design/kernels/closest.h"

#include <bit>

#include "design/kernels/counted.h"
#include "design/kernels/fixed.h"
#include "design/kernels/half_sums.h"

namespace ohmset {
namespace {

using kernels::Fixed;
using kernels::Kernels;
using kernels::Lane;

constexpr std::size_t kept_out = 2;           // items that shift the target instead of doubling the lists
constexpr std::size_t most_by_force = 10;     // items that are enumerated
constexpr std::size_t most_in_doubles = 40;   // beyond, too many neighbours are within the rounding of 51 bits
constexpr std::size_t most_in_integers = 50;  // and of 60 bits
constexpr std::size_t most_kept = 40;         // items whose lists a thread keeps

std::optional<std::uint64_t> by_force(std::span<const double> items, double target, const Kernels& set) {
  const std::size_t n = items.size();
  const std::optional<Fixed> fixed = kernels::fixed_point(items, target, 52 - static_cast<int>(n), 0);
  if (!fixed) return std::nullopt;
  const kernels::Rounded goal = kernels::rounded(target * fixed->scale, 1);
  const double field = std::ldexp(1.0, static_cast<int>(n));
  std::array<double, most_by_force> keys{};
  for (std::size_t k = 0; k < n; ++k) {
    keys.at(k) = static_cast<double>(fixed->items.at(k)) * field + static_cast<double>(std::uint64_t{1} << k);
  }
  const std::int64_t whole = goal.value + fixed->turned_sum;
  const double aim = static_cast<double>(whole) * field;
  const kernels::NearestKey nearest = set.nearest_key(keys.data(), n, aim);
  const double margin = static_cast<double>(fixed->margin + (goal.exact ? 2 : 3)) * field;
  if (!(nearest.second > nearest.error + margin)) return std::nullopt;
  const std::int64_t centre = static_cast<std::int64_t>(aim);
  const std::int64_t error = static_cast<std::int64_t>(nearest.error);
  for (const std::int64_t reached : {centre - error, centre + error}) {
    const std::uint64_t mask = static_cast<std::uint64_t>(reached) & ((std::uint64_t{1} << n) - 1);
    double sum = 0.0;
    for (std::size_t k = 0; k < n; ++k) sum += ((mask >> k) & 1U) != 0 ? keys.at(k) : 0.0;
    if (static_cast<std::int64_t>(sum) == reached) return mask ^ fixed->turned;
  }
  return std::nullopt;
}

template <class T>
const kernels::Loops<T>& loops_of(const Kernels& set) {
  if constexpr (std::is_same_v<T, double>) {
    return set.doubles;
  } else {
    return set.integers;
  }
}

template <class T>
std::optional<std::uint64_t> in_the_middle(std::span<const double> items, double target, const Kernels& set) {
  constexpr bool in_doubles = std::is_same_v<T, double>;
  constexpr std::int64_t quantum = in_doubles ? 2 : 1;
  const std::size_t n = items.size();
  const std::optional<Fixed> fixed = kernels::fixed_point(items, target, Lane<T>::bits, in_doubles ? kept_out : 0);
  if (!fixed) return std::nullopt;
  const kernels::Rounded aimed = kernels::rounded(target * fixed->scale, quantum);
  // The turned items may sum to an odd number.
  const std::int64_t goal = (aimed.value + fixed->turned_sum) & ~(quantum - 1);
  const bool exact = aimed.exact && goal == aimed.value + fixed->turned_sum;
  const std::int64_t margin = fixed->margin + (exact ? 0 : 2 * quantum);
  const std::int64_t a = fixed->items[0];
  const std::int64_t b = fixed->items[1];
  const std::array<T, 4> targets{static_cast<T>(goal), static_cast<T>(goal - a), static_cast<T>(goal - b),
                                 static_cast<T>(goal - a - b)};
  std::array<T, most_in_integers> values{};
  for (std::size_t k = kept_out; k < n; ++k) values.at(k - kept_out) = static_cast<T>(fixed->items.at(k));

  const std::size_t rows = (n - kept_out) / 2;
  const std::size_t columns = n - kept_out - rows;
  thread_local kernels::Buffers<T> kept;
  kernels::Buffers<T> passing;
  kernels::Buffers<T>& buffers = n <= most_kept ? kept : passing;
  const kernels::Loops<T>& loops = loops_of<T>(set);
  const kernels::Halves<T> halves =
      loops.halves(values.data(), rows, columns, buffers.reserve(std::size_t{1} << columns));
  const kernels::Nearest<T> nearest = loops.nearest_of_any(halves, targets.data(), static_cast<T>(margin));
  if (!nearest.alone) return std::nullopt;
  const auto sum_of = [](T entry) { return static_cast<std::int64_t>(entry - Lane<T>::bias); };
  const std::span<const std::int64_t> all(fixed->items);
  const auto low = kernels::subset_of_sum(all.subspan(kept_out, rows), sum_of(halves.rows.values[nearest.row]), set);
  const auto high =
      kernels::subset_of_sum(all.subspan(kept_out + rows, columns), sum_of(halves.columns.values[nearest.column]), set);
  if (!low || !high) return std::nullopt;
  return (nearest.target | *low << kept_out | *high << (kept_out + rows)) ^ fixed->turned;
}

std::optional<std::uint64_t> of_nonzero(std::span<const double> items, double target, const Kernels& set) {
  const std::optional<std::uint64_t> beyond = kernels::Reach(items).closest_beyond(target);
  if (beyond) return beyond;
  if (items.empty()) return 0;
  if (items.size() <= most_by_force) return by_force(items, target, set);
  if (items.size() <= most_in_doubles) {
    const std::optional<std::uint64_t> mask = in_the_middle<double>(items, target, set);
    if (mask) return mask;
  }
  return in_the_middle<std::int64_t>(items, target, set);
}

}  // namespace

std::optional<std::uint64_t> closest_mask(std::span<const double> items, double target, const Kernels& set) {
  if (items.size() > most_quick_items) return std::nullopt;
  const kernels::Nonzero<most_quick_items> nonzero(items);
  const std::optional<std::uint64_t> found = of_nonzero(nonzero.items(), target, set);
  if (!found) return std::nullopt;
  return nonzero.spread(*found);
}

std::optional<std::uint64_t> closest_mask(std::span<const double> items, double target) {
  return closest_mask(items, target, kernels::chosen());
}

std::optional<Subset> closest_quickly(std::span<const double> items, double target) {
  if (!std::isfinite(target)) return std::nullopt;
  for (const double item : items) {
    if (!std::isfinite(item)) return std::nullopt;
  }
  const std::optional<std::uint64_t> mask = closest_mask(items, target);
  if (!mask) return std::nullopt;
  return kernels::counted(items, target, *mask);
}

}  // namespace ohmset
