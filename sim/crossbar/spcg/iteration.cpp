// SPDX-License-Identifier: Apache-2.0
#include "sim/crossbar/spcg/iteration.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace ohmset::crossbar::spcg {

namespace {

using Eigen::Index;

constexpr double epsilon = std::numeric_limits<double>::epsilon();
constexpr std::size_t most_iterations = 500;
constexpr std::size_t chunk_groups = 4;  // groups that follow each other on one thread
// How many units in the last place each current of a direction may be off; errors of less than one have been seen.
constexpr double rounding_units = 8.0;

}  // namespace

Iteration::Iteration(const Array& array, const Eigen::VectorXd& voltages, double scale, bool keep)
    : array_(array),
      workspace_(array.take()),
      lines_(array.with(*workspace_)),
      inputs_(lines_.padded_words),
      first_(lines_.padded_bits),
      last_(lines_.padded_bits) {
  if (array.coarse()) coarse_ = array.coarse()->rows(workspace_->coarse.array(0));
  for (Index i = 0; i < voltages.size(); ++i) inputs_[static_cast<std::size_t>(i)] = voltages[i] / scale;
  if (keep) solution_.resize(array.cells());
  std::vector<Drawn> drawn(lines_.groups());
  array.for_all(lines_.groups(), [&](std::size_t group) {
    drawn[group] = array.loops().drive(lines_, group, inputs_.data() + group * group_rows, array.scratch());
  });
  double sum = 0.0;
  for (const Drawn& part : drawn) {
    sum += part.gross;
    drawn_ += part.power;
  }
  for (std::size_t j = 0; j < lines_.bits; ++j) exits_ = std::max(exits_, array.ends().exit[j] + array.ends().top[j]);
  rounding_ = std::sqrt(array.largest_device() * sum);
  size_ = bit_sweep(0.0, true);
  quadrature_ = 1.0 / array.least_eigenvalue();
}

Iteration::~Iteration() { array_.give(std::move(workspace_)); }

double Iteration::output(std::size_t j) const {
  return array_.ends().exit[j] * last_[j] + array_.ends().top[j] * first_[j];
}

double Iteration::largest_output() const {
  double largest = 0.0;
  for (std::size_t j = 0; j < lines_.bits; ++j) largest = std::max(largest, std::abs(output(j)));
  return largest;
}

double Iteration::largest_end() const {
  const Ends& ends = array_.ends();
  double largest = 0.0;
  for (std::size_t j = 0; j < lines_.bits; ++j) {
    largest = std::max(largest, std::abs(ends.exit[j] * last_[j]) + std::abs(ends.top[j] * first_[j]));
  }
  return largest;
}

double Iteration::norm_bound() const { return std::sqrt(quadrature_ * size_); }
double Iteration::rounding_bound() const {
  return epsilon * (rounding_units * rounding_ + static_cast<double>(iterations_ + 4) * largest_end());
}
double Iteration::output_bound() const { return std::sqrt(exits_) * norm_bound() + rounding_bound(); }

double Iteration::bit_sweep(double alpha, bool first) {
  std::vector<BitSums> parts(lines_.panels());
  double* const solution = solution_.empty() ? nullptr : solution_.data();
  array_.for_all(lines_.panels(), [&](std::size_t panel) {
    parts[panel] = array_.loops().bit_sweep(lines_, panel, alpha, first, coarse_, solution);
  });
  double sum = 0.0;
  double flows = 0.0;
  for (const BitSums& part : parts) {
    sum += part.square;
    flows = std::max(flows, part.largest_flows);
  }
  rounding_ += alpha * std::sqrt(flows);
  return array_.coarse() ? sum + array_.coarse()->correct(coarse_.values) : sum;
}

Energies Iteration::word_sweep() {
  const std::size_t chunks = (lines_.groups() + chunk_groups - 1) / chunk_groups;
  std::vector<Energies> parts(lines_.groups());
  array_.for_all(chunks, [&](std::size_t chunk) {
    double* const scratch = array_.scratch();
    const std::size_t end = std::min(lines_.groups(), (chunk + 1) * chunk_groups);
    for (std::size_t group = chunk * chunk_groups; group < end; ++group) {
      const Step step{.beta = beta_, .first = iterations_ == 0, .joined = group > chunk * chunk_groups};
      parts[group] = array_.loops().word_sweep(lines_, group, step, coarse_, scratch);
    }
  });
  // Between chunks, once both rows are up to date.
  Energies sum;
  for (std::size_t group = 0; group < lines_.groups(); ++group) {
    sum.devices += parts[group].devices;
    sum.word_lines += parts[group].word_lines;
    sum.bit_lines += parts[group].bit_lines;
    sum.gross += parts[group].gross;
    if (group > 0 && group % chunk_groups == 0) {
      sum.bit_lines += array_.loops().row_energy(lines_, group * group_rows);
    }
  }
  return sum;
}

// False when rounding has broken the iteration down.
bool Iteration::step() {
  const Energies energies = word_sweep();
  const Ends& ends = array_.ends();
  const auto at_row = [&](std::size_t row, std::size_t j) {
    return lines_.direction[lines_.at(j / panel_columns, row) + j % panel_columns];
  };
  double to_ground = 0.0;
  for (std::size_t j = 0; j < lines_.bits; ++j) {
    const double above = at_row(0, j);
    const double below = at_row(lines_.words - 1, j);
    to_ground += ends.exit[j] * (below * below) + ends.top[j] * (above * above);
  }
  const double curvature = energies.devices + energies.word_lines + energies.bit_lines + to_ground;
  const double alpha = size_ / curvature;
  if (!(curvature > 0.0) || !std::isfinite(alpha)) return false;
  for (std::size_t j = 0; j < lines_.bits; ++j) {
    first_[j] += alpha * at_row(0, j);
    last_[j] += alpha * at_row(lines_.words - 1, j);
  }
  energy_ += alpha * size_;
  rounding_ += alpha * std::sqrt(array_.largest_device() * energies.gross);
  const double next = bit_sweep(alpha, false);
  if (!(next >= 0.0)) return false;
  beta_ = next / size_;
  // [MeurantTichy13]; what rounding makes of it is never better than ||r||^2/mu.
  const double least = array_.least_eigenvalue();
  const double rest = quadrature_ - alpha;
  quadrature_ = rest > 0.0 ? std::min(rest / (least * rest + beta_), 1.0 / least) : 1.0 / least;
  size_ = next;
  ++iterations_;
  return true;
}

// Until the outputs are known to tolerance x the largest of them.
bool Iteration::run(double tolerance) {
  if (size_ < 1e-200 && array_.largest_device() > 0.0) return false;  // squares of currents underflow
  if (!(array_.least_eigenvalue() > 0.0)) return false;
  while (!(output_bound() <= tolerance * largest_output())) {
    if (size_ == 0.0) return array_.largest_device() == 0.0;
    if (iterations_ == most_iterations || !step()) return false;
    if (rounding_bound() > tolerance * largest_output() && iterations_ > 8) return false;
  }
  return true;
}

}  // namespace ohmset::crossbar::spcg
