// Star-mesh elimination on a dense mesh. Conductances are only added, multiplied and divided.
// SPDX-License-Identifier: Apache-2.0
#include "design/switched_network/mesh.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <numeric>

#include "design/switched_network.h"

namespace ohmset::switched {

void Mesh::assign(const Mesh& other) {
  nodes_ = other.nodes_;
  stride_ = other.nodes_;
  if (conductance_.size() < nodes_ * nodes_) conductance_.resize(nodes_ * nodes_);
  for (std::size_t p = 0; p < nodes_; ++p) std::copy_n(other.row(p), nodes_, row(p));
}

void Mesh::eliminate(std::size_t terminal) {
  const double* star = row(terminal);
  double sum = 0.0;
  for (std::size_t j = 0; j < nodes_; ++j) sum += j == terminal ? 0.0 : star[j];
  if (sum > 0.0) {
    for (std::size_t i = 0; i < nodes_; ++i) {
      if (i == terminal || star[i] == 0.0) continue;
      const double share = star[i] / sum;
      for (std::size_t j = 0; j < i; ++j) {
        if (j == terminal) continue;
        const double g = share * star[j];
        row(i)[j] += g;
        row(j)[i] += g;
      }
    }
  }
  remove(terminal);
}

void Mesh::remove(std::size_t terminal) {
  const std::size_t last = nodes_ - 1;
  if (terminal != last) {
    for (std::size_t j = 0; j < last; ++j) {
      row(terminal)[j] = row(last)[j];
      row(j)[terminal] = row(last)[j];
    }
  }
  nodes_ = last;
}

void Mesh::join(std::size_t kept, std::size_t gone) {
  for (std::size_t j = 0; j < nodes_; ++j) {
    if (j == kept || j == gone) continue;
    row(kept)[j] += row(gone)[j];
    row(j)[kept] = row(kept)[j];
    row(gone)[j] = 0.0;
    row(j)[gone] = 0.0;
  }
  row(kept)[gone] = 0.0;
  row(gone)[kept] = 0.0;
}

void Mesh::merge(std::size_t p, std::size_t q) {
  join(p, q);
  remove(q);
}

// Only what lies below the diagonal is read and written.
double Mesh::reduce() {
  for (std::size_t last = nodes_ - 1; last >= 2; --last) {
    const double* star = row(last);
    double sum = 0.0;
    for (std::size_t j = 0; j < last; ++j) sum += star[j];
    if (!(sum > 0.0)) continue;
    for (std::size_t i = 1; i < last; ++i) {
      const double share = star[i] / sum;
      if (share == 0.0) continue;
      double* mesh = row(i);
      for (std::size_t j = 0; j < i; ++j) mesh[j] += share * star[j];
    }
  }
  return row(1)[0];
}

double Mesh::between_ports(std::span<const Contact> contacts, bool high, Mesh& scratch) const {
  scratch.assign(*this);
  std::array<std::uint16_t, 2 * most_network_switches + 2> group{};
  bool grouped = false;
  const auto find = [&](std::size_t p) {
    while (grouped && group[p] != p) p = group[p];
    return p;
  };
  for (const Contact& contact : contacts) {
    if ((high ? contact.high : contact.low) != infinity) continue;
    if (!grouped) std::iota(group.begin(), group.begin() + static_cast<std::ptrdiff_t>(nodes_), std::uint16_t{0});
    grouped = true;
    const auto [kept, gone] = std::minmax({find(contact.p), find(contact.q)});
    if (kept == gone) continue;
    if (gone == 1) return infinity;
    scratch.join(kept, gone);
    group[gone] = static_cast<std::uint16_t>(kept);
  }
  for (const Contact& contact : contacts) {
    const double g = high ? contact.high : contact.low;
    if (g == infinity || g == 0.0) continue;
    const auto [less, more] = std::minmax({find(contact.p), find(contact.q)});
    if (less != more) scratch.row(more)[less] += g;
  }
  return scratch.reduce();
}

}  // namespace ohmset::switched
