// SPDX-License-Identifier: Apache-2.0
#include "sim/crossbar/spcg/array.h"

#include <algorithm>
#include <cmath>

namespace ohmset::crossbar::spcg {

namespace {

using Eigen::Index;

// The coarse part: a knot at each decay length of the difference between word and bit lines, in arrays that are at
// least so many decay lengths long both ways.
constexpr double knot_spacing = 1.0;
constexpr double shortest_coarse = 2.0;

std::size_t padded(std::size_t count, std::size_t block) { return (count + block - 1) / block * block; }

std::size_t knots(std::size_t count, double length) {
  const double spacing = std::max(2.0, std::round(knot_spacing * length));
  return 2 + static_cast<std::size_t>((static_cast<double>(count) - 2.0) / spacing);
}

std::optional<Coarse> coarse_part(const Lines& lines, double mean_conductance) {
  constexpr std::size_t least_lines = 8;
  if (!(mean_conductance > 0.0) || std::min(lines.words, lines.bits) < least_lines) return std::nullopt;
  const double down = std::sqrt(lines.bit / mean_conductance);
  const double along = std::sqrt(lines.word / mean_conductance);
  if (static_cast<double>(lines.words) < shortest_coarse * down) return std::nullopt;
  if (static_cast<double>(lines.bits) < shortest_coarse * along) return std::nullopt;
  return Coarse(lines, mean_conductance, knots(lines.words, down), knots(lines.bits, along));
}

}  // namespace

Lines geometry(const Crossbar& crossbar) {
  Lines lines;
  lines.words = static_cast<std::size_t>(crossbar.conductances.rows());
  lines.bits = static_cast<std::size_t>(crossbar.conductances.cols());
  lines.padded_words = padded(lines.words, group_rows);
  lines.padded_bits = padded(lines.bits, panel_columns);
  if (!segments_of_their_own(crossbar.wires)) set_uniform(lines, crossbar);
  return lines;
}

Array::Array(const Crossbar& given, Simd simd)
    : crossbar_(given),
      loops_(spcg::loops(simd)),
      lines_(geometry(given)),
      ends_(given, lines_),
      cells_(lines_.padded_words * lines_.padded_bits),
      factors_(segments_of_their_own(given.wires) ? 5 : 3, cells_) {
  lines_.device = factors_.array(0);
  lines_.word_pivot = factors_.array(1);
  lines_.bit_pivot = factors_.array(2);
  if (segments_of_their_own(given.wires)) {
    lines_.word_wire = factors_.array(3);
    lines_.bit_wire = factors_.array(4);
    lines_.word_tail = ends_.tail.data();
    lines_.bit_top = ends_.top.data();
    set_means(lines_, given, ends_);
  }
  factor();
}

Lines Array::with(const Workspace& workspace) const {
  Lines all = lines_;
  all.direction = workspace.arrays.array(0);
  all.work = workspace.arrays.array(1);
  all.residual = workspace.arrays.array(2);
  return all;
}

double* Array::scratch() const {
  std::vector<double>& mine = scratch_.local();
  mine.resize(2 * group_rows * lines_.padded_bits);
  return mine.data();
}

std::unique_ptr<Workspace> Array::take() const {
  {
    const std::scoped_lock lock(mutex_);
    if (!idle_.empty()) {
      std::unique_ptr<Workspace> workspace = std::move(idle_.back());
      idle_.pop_back();
      return workspace;
    }
  }
  const std::size_t coarse_rows = coarse_ ? coarse_->count_of_rows() : 0;
  return std::make_unique<Workspace>(
      Workspace{.arrays = Storage(3, cells_), .coarse = Storage(1, coarse_rows * lines_.padded_bits)});
}

void Array::give(std::unique_ptr<Workspace> workspace) const {
  const std::scoped_lock lock(mutex_);
  idle_.push_back(std::move(workspace));
}

void Array::factor() {
  std::unique_ptr<Workspace> workspace = take();
  const Lines all = with(*workspace);
  const bool own = lines_.word_wire != nullptr;
  std::vector<double> sums(lines_.groups());
  std::vector<double> largest(lines_.groups());
  std::vector<unsigned char> dead(lines_.groups());
  for_all(lines_.groups(), [&](std::size_t group) {
    std::vector<double> rows(group_rows * lines_.padded_bits, 0.0);
    std::vector<double> wires(own ? rows.size() : 0, 1.0);
    for (std::size_t k = 0; k < group_rows && group * group_rows + k < lines_.words; ++k) {
      const auto row = crossbar_.conductances.row(static_cast<Index>(group * group_rows + k));
      std::copy(row.data(), row.data() + row.size(),
                rows.begin() + static_cast<std::ptrdiff_t>(k * lines_.padded_bits));
      if (own) {
        word_row(crossbar_, ends_, group * group_rows + k, wires.data() + k * lines_.padded_bits);
        bit_row(crossbar_, ends_, lines_, group * group_rows + k);
      }
      sums[group] += row.sum();
      largest[group] = std::max(largest[group], row.maxCoeff());
    }
    dead[group] = loops_.factor_words(all, group, rows.data(), own ? wires.data() : nullptr) ? 1 : 0;
  });
  reaches_all_ = std::find(dead.begin(), dead.end(), 1) == dead.end();
  largest_device_ = *std::max_element(largest.begin(), largest.end());
  std::vector<double> potentials(lines_.panels());
  for_all(lines_.panels(), [&](std::size_t panel) {
    potentials[panel] = own ? loops_.factor_own_bits(all, panel) : loops_.factor_bits(all, panel);
  });
  // Rounding has made the sweep's result smaller by less than this.
  const double potential = *std::max_element(potentials.begin(), potentials.end()) * (1.0 + 1e-10);
  least_eigenvalue_ = 1.0 / (1.0 + potential);
  double sum = 0.0;
  for (const double part : sums) sum += part;
  coarse_ = coarse_part(lines_, sum / static_cast<double>(crossbar_.conductances.size()));
  if (coarse_) workspace->coarse = Storage(1, coarse_->count_of_rows() * lines_.padded_bits);
  give(std::move(workspace));
}

}  // namespace ohmset::crossbar::spcg
