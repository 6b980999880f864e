// SPDX-License-Identifier: Apache-2.0
#include "design/combine/lists.h"

#include <tbb/parallel_sort.h>

#include <utility>

namespace ohmset::drawer {
namespace {

constexpr unsigned part_bits = 15;  // for lists of at most 2^15 parts
constexpr std::uint32_t part_mask = (1U << part_bits) - 1U;

// 1/x turns the order round.
std::vector<double> inverses(const std::vector<double>& values) {
  std::vector<double> result(values.size());
  std::transform(values.rbegin(), values.rend(), result.begin(), [](double x) { return 1.0 / x; });
  return result;
}

std::vector<double> negatives(const std::vector<double>& values) {
  std::vector<double> result(values.size());
  std::transform(values.rbegin(), values.rend(), result.begin(), [](double x) { return -x; });
  return result;
}

}  // namespace

Lists::Lists(const Shelf& shelf, std::vector<std::size_t> parts) : shelf_(shelf), parts_(std::move(parts)) {
  for (const std::size_t part : parts_) units_[0].parts.push_back(shelf.ohms[part]);
  units_[1].parts = inverses(units_[0].parts);
  for (Unit& unit : units_) unit.no_parts = negatives(unit.parts);
}

void Lists::add_pairs() {
  struct Entry {
    double ohm;
    std::uint32_t code;
  };
  std::vector<Entry> entries;
  entries.reserve(parts_.size() * (parts_.size() + 1));
  const std::vector<double>& ohms = units_[0].parts;
  const std::vector<double>& siemens = units_[1].parts;
  for (std::size_t a = 0; a < parts_.size(); ++a) {
    for (std::size_t b = a; b < parts_.size(); ++b) {
      if (a == b && shelf_.quantities[parts_[a]] < 2) continue;
      const auto code = static_cast<std::uint32_t>((a << (part_bits + 1)) | (b << 1U));
      entries.push_back({ohms[a] + ohms[b], code | 1U});
      entries.push_back({1.0 / (siemens[parts_.size() - 1 - a] + siemens[parts_.size() - 1 - b]), code});
    }
  }
  tbb::parallel_sort(entries.begin(), entries.end(),
                     [](const Entry& a, const Entry& b) { return a.ohm != b.ohm ? a.ohm < b.ohm : a.code < b.code; });
  units_[0].pairs.reserve(entries.size());
  pairs_.reserve(entries.size());
  for (const Entry& entry : entries) {
    units_[0].pairs.push_back(entry.ohm);
    pairs_.push_back(entry.code);
  }
  units_[1].pairs = inverses(units_[0].pairs);
  for (Unit& unit : units_) unit.no_pairs = negatives(unit.pairs);
}

Wiring Lists::part(int unit, std::size_t index) const {
  return leaf(parts_[unit == 0 ? index : parts_.size() - 1 - index]);
}

Wiring Lists::pair(int unit, std::size_t index) const {
  const std::uint32_t code = pairs_[unit == 0 ? index : pairs_.size() - 1 - index];
  return joined((code & 1U) != 0 ? Join::series : Join::parallel,
                {leaf(parts_[code >> (part_bits + 1)]), leaf(parts_[(code >> 1U) & part_mask])});
}

}  // namespace ohmset::drawer
