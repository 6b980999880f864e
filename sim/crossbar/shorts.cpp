// SPDX-License-Identifier: Apache-2.0
#include "sim/crossbar/shorts.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "sim/joints.h"
#include "sim/units.h"

namespace ohmset::crossbar {

using Eigen::Index;

Shorts::Shorts(std::vector<Short> shorts, const std::vector<std::size_t>& terminal) : shorts_(std::move(shorts)) {
  if (shorts_.empty()) return;
  std::vector<std::size_t> vertex_of(terminal.size(), none);
  const auto vertex = [&](std::size_t cluster) {
    if (vertex_of[cluster] == none) {
      vertex_of[cluster] = vertices_.size();
      vertices_.push_back({.cluster = cluster, .terminal = terminal[cluster]});
    }
    return vertex_of[cluster];
  };
  for (const Short& one : shorts_) {
    const std::size_t a = vertex(one.a);
    links_.push_back({.a = a, .b = vertex(one.b)});
  }
  Joints joints(vertices_.size());
  for (const Link& link : links_) joints.join(link.a, link.b, 0);
  std::vector<std::size_t> terminals(vertices_.size(), 0);  // by group
  for (std::size_t v = 0; v < vertices_.size(); ++v) {
    if (vertices_[v].terminal != none) ++terminals[joints.place(v).group];
  }
  std::size_t unknowns = 0;
  for (std::size_t v = 0; v < vertices_.size(); ++v) {
    const std::size_t group = joints.place(v).group;
    if (terminals[group] > 1) {
      ties_terminals_ = true;
      if (vertices_[v].terminal == none) pinned_.push_back({.cluster = vertices_[v].cluster, .vertex = v});
    }
    // Something is held in every group: its terminals, or else the group's own vertex.
    if (vertices_[v].terminal != none || (terminals[group] == 0 && v == group)) continue;
    vertices_[v].unknown = unknowns++;
  }
  std::vector<Conductor> conductors;
  for (Link& link : links_) {
    link.tie = terminals[joints.place(link.a).group] > 1;
    std::size_t a = vertices_[link.a].unknown;
    std::size_t b = vertices_[link.b].unknown;
    if (a == none) std::swap(a, b);
    if (a == none) continue;
    conductors.push_back({.a = a, .b = b == none ? Laplacian::ground : b, .conductance = Twofold(1.0)});
  }
  laplacian_.emplace(unknowns, std::move(conductors));
}

Potentials Shorts::potentials(const Matrix& terminals) const {
  const Index columns = terminals.cols();
  const auto count = static_cast<Index>(vertices_.size());
  Potentials all{.high = Matrix::Zero(count, columns),
                 .low = Matrix::Zero(count, columns),
                 .bound = std::vector<double>(vertices_.size(), 0.0)};
  if (!ties_terminals_) return all;
  Matrix high = Matrix::Zero(static_cast<Index>(laplacian_->size()), columns);
  Matrix low = high;
  const auto drive = [&](std::size_t held, std::size_t driven) {
    if (vertices_[held].terminal == none || vertices_[driven].unknown == none) return;
    const auto from = static_cast<Index>(vertices_[held].terminal);
    const auto to = static_cast<Index>(vertices_[driven].unknown);
    for (Index c = 0; c < columns; ++c) {
      const Twofold sum = Twofold(high(to, c), low(to, c)) + Twofold(terminals(from, c));
      high(to, c) = sum.high;
      low(to, c) = sum.low;
    }
  };
  for (const Link& link : links_) {
    drive(link.a, link.b);
    drive(link.b, link.a);
  }
  const Potentials solved = laplacian_->solve(high, low);
  for (std::size_t v = 0; v < vertices_.size(); ++v) {
    const auto row = static_cast<Index>(v);
    if (vertices_[v].terminal != none) {
      all.high.row(row) = terminals.row(static_cast<Index>(vertices_[v].terminal));
    } else if (vertices_[v].unknown != none) {
      const auto from = static_cast<Index>(vertices_[v].unknown);
      all.high.row(row) = solved.high.row(from);
      all.low.row(row) = solved.low.row(from);
      all.bound[v] = solved.bound[vertices_[v].unknown];
    }
  }
  return all;
}

Shorts::Currents Shorts::currents(const std::vector<Twofold>& outflow, const Potentials& potentials,
                                  std::size_t column) const {
  Matrix high = Matrix::Zero(static_cast<Index>(laplacian_->size()), 1);
  Matrix low = high;
  for (const Vertex& vertex : vertices_) {
    if (vertex.unknown == none) continue;
    high(static_cast<Index>(vertex.unknown), 0) = -outflow[vertex.cluster].high;
    low(static_cast<Index>(vertex.unknown), 0) = -outflow[vertex.cluster].low;
  }
  const Potentials solved = laplacian_->solve(high, low);
  const auto at = [&](std::size_t v) {
    return vertices_[v].unknown == none ? Twofold{} : solved.at(vertices_[v].unknown, 0);
  };
  Currents currents{.carried = std::vector<Twofold>(shorts_.size())};
  for (const double bound : solved.bound) currents.bound = std::max(currents.bound, 2.0 * bound);
  for (std::size_t k = 0; k < links_.size(); ++k) {
    const Link& link = links_[k];
    currents.carried[k] = at(link.a) - at(link.b);
    if (!link.tie) continue;
    const double across = (potentials.at(link.a, column) - potentials.at(link.b, column)).high;
    if (std::abs(across) > 2.0 * (potentials.bound[link.a] + potentials.bound[link.b])) {
      currents.carried[k] = std::copysign(infinity, across);
    }
  }
  return currents;
}

}  // namespace ohmset::crossbar
