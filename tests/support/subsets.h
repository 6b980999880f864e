// Brute force over subsets in exact integers, and instances that try a search: ties, zeros, huge ranges, denormals.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <bit>
#include <boost/multiprecision/cpp_int.hpp>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include "design/subset_sum.h"

namespace ohmset::test {

using Big = boost::multiprecision::cpp_int;

inline constexpr std::size_t everything = std::numeric_limits<std::size_t>::max();

// A double in units of 2^-1074.
inline Big big(double value) {
  int exponent = 0;
  const double fraction = std::frexp(value, &exponent);
  const Big mantissa(static_cast<long long>(std::ldexp(fraction, 53)));
  const int shift = exponent - 53 + 1074;
  return shift >= 0 ? Big(mantissa << static_cast<unsigned>(shift))
                    : Big(mantissa / (Big(1) << static_cast<unsigned>(-shift)));
}

// No double lies closer to the exact value.
inline bool rounds_to(const Big& exact, double value) {
  if (std::isinf(value)) return abs(exact) >= big(std::numeric_limits<double>::max());
  const Big distance = abs(exact - big(value));
  for (const double side : {-std::numeric_limits<double>::infinity(), std::numeric_limits<double>::infinity()}) {
    const double neighbour = std::nextafter(value, side);
    if (std::isfinite(neighbour) && abs(exact - big(neighbour)) < distance) return false;
  }
  return true;
}

struct Entry {
  Big sum;
  Big error;  // absolute
  std::uint64_t mask = 0;
};

// Every subset, in the order of the header.
inline std::vector<Entry> all_subsets(const std::vector<double>& items, double target) {
  std::vector<Entry> entries(std::size_t{1} << items.size());
  const Big aim = big(target);
  for (std::uint64_t mask = 0; mask < entries.size(); ++mask) {
    Entry& entry = entries[mask];
    entry.mask = mask;
    if (mask != 0) {
      entry.sum = entries[mask & (mask - 1)].sum + big(items[static_cast<std::size_t>(std::countr_zero(mask))]);
    }
    entry.error = abs(entry.sum - aim);
  }
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    const int order = a.error.compare(b.error);
    if (order != 0) return order < 0;
    const int items_a = std::popcount(a.mask);
    const int items_b = std::popcount(b.mask);
    return items_a != items_b ? items_a < items_b : a.mask < b.mask;
  });
  return entries;
}

template <class Keep>
std::vector<std::uint64_t> first_masks(const std::vector<Entry>& entries, std::size_t count, Keep keep) {
  std::vector<std::uint64_t> masks;
  for (const Entry& entry : entries) {
    if (masks.size() == count) break;
    if (keep(entry)) masks.push_back(entry.mask);
  }
  return masks;
}

inline std::vector<std::uint64_t> masks_of(const SubsetSumResult& result) {
  std::vector<std::uint64_t> masks;
  for (const Subset& subset : result.subsets) masks.push_back(subset.mask);
  return masks;
}

struct Instance {
  std::vector<double> items;
  double target = 0.0;
};

inline constexpr int kinds = 14;

inline double draw(int kind, std::mt19937_64& random) {
  const double u = std::uniform_real_distribution<double>(-1.0, 1.0)(random);
  const auto sign = u < 0.0 ? -1.0 : 1.0;
  const double v = std::abs(u);
  switch (kind) {
    case 0:
      return u;
    case 1:
      return 1e-4 * std::exp(0.3 * std::normal_distribution<double>()(random));
    case 2:
      return 0.1;  // all equal
    case 3:
      return sign * std::ldexp(1.0, static_cast<int>(std::floor(v * 12.0)));
    case 4:
      return std::floor(u * 6.0);  // small integers: many ties
    case 5:
      return v < 0.4 ? 0.0 : u;
    case 6:
      return sign * std::pow(10.0, 18.0 * v);
    case 7:
      return sign * std::floor(v * 1000.0) * std::numeric_limits<double>::denorm_min();
    case 8:
      return u * 1e300;
    case 9:
      return u * std::numeric_limits<double>::max();
    case 10:
      return sign * std::pow(10.0, 600.0 * v - 300.0);
    case 11:
      return sign * (v < 0.5 ? 1.0 : 1e-17);  // ties that only exact sums tell apart
    case 12:
      return sign * std::pow(10.0, 40.0 * v);
    default:
      return 1.0 + std::floor(v * 4.0) * std::numeric_limits<double>::epsilon();  // one unit apart
  }
}

inline Instance make_instance(int kind, std::size_t n, std::mt19937_64& random) {
  Instance instance;
  for (std::size_t k = 0; k < n; ++k) instance.items.push_back(draw(kind, random));
  // Within reach, attainable, one of the items' kind, zero or far outside.
  const int where = static_cast<int>(random() % 6);
  double inside = 0.0;
  for (const double item : instance.items) {
    if (random() % 2 == 0 && std::isfinite(inside + item)) inside += item;
  }
  if (where <= 1) instance.target = inside;
  if (where == 2) instance.target = inside * 0.9999999 + 0.3 * draw(kind, random);
  if (where == 3) instance.target = draw(kind, random);
  if (where == 4) instance.target = (random() % 2 == 0 ? 1.0 : -1.0) * std::numeric_limits<double>::max();
  if (!std::isfinite(instance.target)) instance.target = 0.0;
  return instance;
}

}  // namespace ohmset::test
