// Circuits of parts as trees: canonical form, order, value. Parts are numbered by ascending value, all different.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstddef>
#include <span>
#include <vector>

#include "design/combine.h"

namespace ohmset::drawer {

[[nodiscard]] Wiring leaf(std::size_t part);
// The group of the members in canonical form: members that are groups of the same kind dissolve in it.
[[nodiscard]] Wiring joined(Join join, std::vector<Wiring> members);

// A total order of canonical circuits; equal only when they are the same.
[[nodiscard]] std::strong_ordering compare(const Wiring& a, const Wiring& b);

struct Size {
  std::size_t parts = 0;
  std::size_t groups = 0;
  std::size_t different = 0;  // values
  auto operator<=>(const Size&) const = default;
};
[[nodiscard]] Size size_of(const Wiring& circuit);

// The parts in the order of the expression.
[[nodiscard]] std::vector<std::size_t> parts_of(const Wiring& circuit);

[[nodiscard]] double value_of(const Wiring& circuit, std::span<const double> ohms);

}  // namespace ohmset::drawer
