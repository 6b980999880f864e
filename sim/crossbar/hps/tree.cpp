// SPDX-License-Identifier: Apache-2.0
#include "sim/crossbar/hps/tree.h"

#include <tbb/parallel_invoke.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace ohmset::crossbar::hps {

namespace {

constexpr std::size_t absent = static_cast<std::size_t>(-1);
// As roundings_of: the eliminations within a leaf, 1 + 1 + 2 + 2 + 4 + 4 + 8 + 8 + 16 lines less the last where halves
// meet, one sum each, and what is coherent in these nine merges.
constexpr double leaf_roundings = 46.0 + 9.0 * 49.0;

// Larger regions are built one half after the other, which takes less memory: their merges alone keep all threads busy.
constexpr std::size_t most_at_once = 1024;

using Sides = std::array<std::size_t, 4>;

// A rectangle of leaves.
struct Region {
  std::size_t first_row = 0;
  std::size_t last_row = 0;  // one past
  std::size_t first_column = 0;
  std::size_t last_column = 0;
  [[nodiscard]] std::size_t rows() const { return last_row - first_row; }
  [[nodiscard]] std::size_t columns() const { return last_column - first_column; }
  [[nodiscard]] std::size_t leaves() const { return rows() * columns(); }
};

struct Halves {
  Region first{};
  Region second{};
  bool side_by_side = false;
};

// Across the longer side, which leaves the fewest ports.
Halves halves(const Region& region) {
  Halves result{.first = region, .second = region, .side_by_side = region.columns() > region.rows()};
  if (result.side_by_side) {
    result.first.last_column = result.second.first_column = region.first_column + (region.columns() + 1) / 2;
  } else {
    result.first.last_row = result.second.first_row = region.first_row + (region.rows() + 1) / 2;
  }
  return result;
}

class Tree {
 public:
  Tree(const Cells& cells, const Loops& loops, Pool& pool)
      : cells_(cells),
        loops_(loops),
        pool_(pool),
        rows_((cells.words() + leaf_lines - 1) / leaf_lines),
        columns_((cells.bits() + leaf_lines - 1) / leaf_lines) {}

  [[nodiscard]] Terminals run() const {
    const Region all{0, rows_, 0, columns_};
    if (all.leaves() <= loops_.lanes) {
      const Pool::Lease ports = leaves(all);
      if (all.leaves() == 1) return terminals(leaf(all, 0, ports.data(), true), leaf_roundings);
      Parts parts = few(all, all, ports.data());
      return finish(std::move(parts), all);
    }
    return finish(build_halves(all), all);
  }

 private:
  struct Parts {
    Network first;
    Network second;
  };

  [[nodiscard]] bool whole_width(const Region& region) const { return region.columns() == columns_; }
  [[nodiscard]] bool whole_height(const Region& region) const { return region.rows() == rows_; }

  [[nodiscard]] Network build(const Region& region) const {
    if (region.leaves() > loops_.lanes) return merge(build_halves(region), region);
    const Pool::Lease ports = leaves(region);
    return from_leaves(region, region, ports.data());
  }

  [[nodiscard]] Parts build_halves(const Region& region) const {
    const Halves parts = halves(region);
    std::optional<Network> first;
    std::optional<Network> second;
    if (region.leaves() <= most_at_once) {
      tbb::parallel_invoke([&] { first = build(parts.first); }, [&] { second = build(parts.second); });
    } else {
      first = build(parts.first);
      second = build(parts.second);
    }
    return {*std::move(first), *std::move(second)};
  }

  // Of a group of leaves, a part.
  [[nodiscard]] Network from_leaves(const Region& region, const Region& group, const double* ports) const {
    if (region.leaves() > 1) return merge(few(region, group, ports), region);
    const std::size_t lane =
        (region.first_row - group.first_row) * group.columns() + region.first_column - group.first_column;
    Prepared prepared = leaf(region, lane, ports, false);
    prepared.front.eliminate();
    return std::move(prepared.front).network(prepared.ports, leaf_roundings);
  }
  [[nodiscard]] Parts few(const Region& region, const Region& group, const double* ports) const {
    const Halves parts = halves(region);
    return {from_leaves(parts.first, group, ports), from_leaves(parts.second, group, ports)};
  }

  // ---------------------------------------------------------------------------------------------- merges
  // A network whose nodes wait to be eliminated, and what sides it will have.
  struct Prepared {
    Front front;
    Sides ports{};
    Sides places{};
  };

  // Where both ends of a line lead to the same terminal, the one on the right or at the top is folded onto the other.
  // last: only sources and sinks are left, sinks padded to a panel of their own, what is between them left out.
  [[nodiscard]] Prepared prepare(std::size_t eliminated, const Sides& ports, bool last) const {
    const std::size_t nodes = ports[left] + ports[right] + ports[top] + ports[bottom];
    if (last) {
      const std::size_t sources = (ports[left] + panel_rows - 1) / panel_rows * panel_rows;
      Front front(loops_, pool_, eliminated, sources + ports[bottom], sources);
      const std::size_t at = front.kept();
      return {std::move(front), ports, {at, at, at + sources, at + sources}};
    }
    Front front(loops_, pool_, eliminated, nodes, nodes);
    const std::size_t at = front.kept();
    const std::size_t above = at + ports[left] + ports[right];
    Sides places{at, at + ports[left], above, above + ports[top]};
    if (ports[right] == 0) places[right] = places[left];
    if (ports[top] == 0) places[top] = places[bottom];
    return {std::move(front), ports, places};
  }

  [[nodiscard]] Prepared join(Parts parts, const Region& region, bool last) const {
    const Halves cut = halves(region);
    const Sides& a = parts.first.ports;
    const Sides& b = parts.second.ports;
    if (cut.side_by_side) {
      const bool folded = cells_.driven_at_both() && whole_width(region);
      Prepared result =
          prepare(a[right], {a[left], folded ? 0 : b[right], a[top] + b[top], a[bottom] + b[bottom]}, last);
      const Sides& to = result.places;
      place(result.front, parts, {to[left], 0, to[top], to[bottom]},
            {0, to[right], to[top] + a[top], to[bottom] + a[bottom]}, folded || last);
      return result;
    }
    const bool folded = cells_.sensed_at_both() && whole_height(region);
    Prepared result =
        prepare(a[bottom], {a[left] + b[left], a[right] + b[right], folded ? 0 : a[top], b[bottom]}, last);
    const Sides& to = result.places;
    place(result.front, parts, {to[left], to[right], to[top], 0},
          {to[left] + a[left], to[right] + a[right], 0, to[bottom]}, folded || last);
    return result;
  }

  static void place(Front& front, const Parts& parts, const Sides& first, const Sides& second, bool shared) {
    if (shared) {
      front.clear();
    } else {
      front.clear_between(parts.first, first, parts.second, second);
    }
    front.add(parts.first, first);
    front.add(parts.second, second);
  }

  [[nodiscard]] Network merge(Parts parts, const Region& region) const {
    const double roundings = std::max(parts.first.roundings, parts.second.roundings);
    Prepared prepared = join(std::move(parts), region, false);
    prepared.front.eliminate();
    return std::move(prepared.front).network(prepared.ports, roundings);
  }

  [[nodiscard]] Terminals finish(Parts parts, const Region& region) const {
    const double roundings = std::max(parts.first.roundings, parts.second.roundings);
    return terminals(join(std::move(parts), region, true), roundings);
  }

  [[nodiscard]] static Terminals terminals(Prepared prepared, double roundings) {
    const std::size_t eliminated = prepared.front.kept();
    Terminals result{.network = std::move(prepared.front),
                     .sources = prepared.places[left],
                     .sinks = prepared.places[bottom],
                     .roundings = roundings + roundings_of(eliminated)};
    result.sees = result.network.sees();
    result.network.eliminate();
    return result;
  }

  // ---------------------------------------------------------------------------------------------- leaves
  // The ports of all leaves of a region, one in each lane.
  [[nodiscard]] Pool::Lease leaves(const Region& group) const {
    const std::size_t lanes = loops_.lanes;
    const std::size_t cell_doubles = 3 * leaf_lines * leaf_lines * lanes;
    const Pool::Lease memory(pool_, cell_doubles + loops_.leaf_scratch);
    double* const cells = memory.data();
    std::fill(cells, cells + cell_doubles, 0.0);
    for (std::size_t lane = 0; lane < group.leaves(); ++lane) {
      fill(cells + lane, group.first_row + lane / group.columns(), group.first_column + lane % group.columns());
    }
    Pool::Lease ports(pool_, leaf_ports * leaf_ports * lanes);
    loops_.leaves(cells, ports.data(), cells + cell_doubles);
    return ports;
  }

  // Beyond the last line, wires lead on without resistance, so that the ports of a leaf are where the lines end.
  void fill(double* cells, std::size_t leaf_row, std::size_t leaf_column) const {
    const std::size_t lanes = loops_.lanes;
    for (std::size_t i = 0; i < leaf_lines; ++i) {
      for (std::size_t j = 0; j < leaf_lines; ++j) {
        double* const cell = cells + (i * leaf_lines + j) * 3 * lanes;
        const std::size_t row = leaf_row * leaf_lines + i;
        const std::size_t column = leaf_column * leaf_lines + j;
        const bool in_row = row < cells_.words();
        const bool in_column = column < cells_.bits();
        if (in_row) cell[0] = in_column ? cells_.word(row, column) : joined;
        if (in_row && in_column) cell[lanes] = cells_.device(row, column);
        if (in_column) cell[2 * lanes] = in_row ? cells_.bit(row, column) : joined;
      }
    }
  }

  // Out of its lane, with the ends of its lines connected or eliminated where the array ends.
  [[nodiscard]] Prepared leaf(const Region& region, std::size_t lane, const double* ports, bool last) const {
    const std::size_t row = region.first_row * leaf_lines;
    const std::size_t column = region.first_column * leaf_lines;
    const std::size_t rows = std::min(leaf_lines, cells_.words() - row);
    const std::size_t columns = std::min(leaf_lines, cells_.bits() - column);
    const bool ends = region.last_column == columns_;
    const bool starts = region.first_row == 0;
    const bool driven = ends && cells_.driven_at_both();
    const bool sensed = starts && cells_.sensed_at_both();
    Sides sides{rows, ends ? 0 : rows, starts ? 0 : columns, columns};
    if (driven && !whole_width(region)) sides[right] = rows;
    if (sensed && !whole_height(region)) sides[top] = columns;
    Prepared result = prepare((ends ? rows : 0) + (starts ? columns : 0), sides, last);
    if (!ends && !starts && rows == leaf_lines) {
      copy(ports + lane, result.front);
      return result;
    }
    result.front.clear();
    std::array<std::size_t, leaf_ports> place{};
    place.fill(absent);
    for (std::size_t i = 0; i < rows; ++i) {
      place.at(i) = result.places[left] + i;
      place.at(leaf_lines + i) = ends ? i : result.places[right] + i;
      if (driven) result.front.connect(i, result.places[right] + i, cells_.word_end(row + i));
    }
    const std::size_t tops = ends ? rows : 0;
    for (std::size_t j = 0; j < columns; ++j) {
      place.at(2 * leaf_lines + j) = starts ? tops + j : result.places[top] + j;
      place.at(3 * leaf_lines + j) = result.places[bottom] + j;
      if (sensed) result.front.connect(tops + j, result.places[top] + j, cells_.bit_top(column + j));
    }
    scatter(ports + lane, place, result.front);
    return result;
  }

  // A leaf all of whose ports stay, in their order.
  void copy(const double* leaf, Front& front) const {
    for (std::size_t j = 0; j < leaf_ports; ++j) {
      const double* const from = leaf + j * leaf_ports * loops_.lanes;
      double* const to = front.column(j);
      for (std::size_t i = j / panel_rows * panel_rows; i < leaf_ports; ++i) to[i] = from[i * loops_.lanes];
    }
  }
  void scatter(const double* leaf, const std::array<std::size_t, leaf_ports>& place, Front& front) const {
    for (std::size_t j = 0; j < leaf_ports; ++j) {
      if (place.at(j) == absent) continue;
      const double* const from = leaf + j * leaf_ports * loops_.lanes;
      for (std::size_t i = j + 1; i < leaf_ports; ++i) {
        if (place.at(i) != absent) front.connect(place.at(j), place.at(i), from[i * loops_.lanes]);
      }
    }
  }

  const Cells& cells_;
  const Loops& loops_;
  Pool& pool_;
  std::size_t rows_;  // leaves
  std::size_t columns_;
};

}  // namespace

Terminals reduce(const Cells& cells, const Loops& loops, Pool& pool) { return Tree(cells, loops, pool).run(); }

}  // namespace ohmset::crossbar::hps
