// SPDX-License-Identifier: Apache-2.0
#include "design/combine/circuit.h"

#include <algorithm>
#include <utility>

namespace ohmset::drawer {
namespace {

void collect(const Wiring& circuit, std::vector<std::size_t>& parts, std::size_t& groups) {
  if (circuit.join == Join::part) {
    parts.push_back(circuit.part);
    return;
  }
  ++groups;
  for (const Wiring& member : circuit.members) collect(member, parts, groups);
}

}  // namespace

Wiring leaf(std::size_t part) { return {.join = Join::part, .part = part}; }

Wiring joined(Join join, std::vector<Wiring> members) {
  Wiring circuit{.join = join};
  for (Wiring& member : members) {
    if (member.join == join) {
      for (Wiring& inner : member.members) circuit.members.push_back(std::move(inner));
    } else {
      circuit.members.push_back(std::move(member));
    }
  }
  std::sort(circuit.members.begin(), circuit.members.end(),
            [](const Wiring& a, const Wiring& b) { return compare(a, b) < 0; });
  return circuit;
}

std::strong_ordering compare(const Wiring& a, const Wiring& b) {
  if (a.join != b.join) return a.join <=> b.join;
  if (a.join == Join::part) return b.part <=> a.part;
  if (a.members.size() != b.members.size()) return a.members.size() <=> b.members.size();
  for (std::size_t k = 0; k < a.members.size(); ++k) {
    if (const auto order = compare(a.members[k], b.members[k]); order != 0) return order;
  }
  return std::strong_ordering::equal;
}

Size size_of(const Wiring& circuit) {
  Size size;
  std::vector<std::size_t> parts;
  collect(circuit, parts, size.groups);
  size.parts = parts.size();
  std::sort(parts.begin(), parts.end());
  size.different = static_cast<std::size_t>(std::unique(parts.begin(), parts.end()) - parts.begin());
  return size;
}

std::vector<std::size_t> parts_of(const Wiring& circuit) {
  std::size_t groups = 0;
  std::vector<std::size_t> parts;
  collect(circuit, parts, groups);
  return parts;
}

double value_of(const Wiring& circuit, std::span<const double> ohms) {
  if (circuit.join == Join::part) return ohms[circuit.part];
  double sum = 0.0;
  for (const Wiring& member : circuit.members) {
    const double value = value_of(member, ohms);
    sum += circuit.join == Join::series ? value : 1.0 / value;
  }
  return circuit.join == Join::series ? sum : 1.0 / sum;
}

}  // namespace ohmset::drawer
