// The iteration and its bound.
// SPDX-License-Identifier: Apache-2.0
#include "sim/crossbar/spcg.h"

#include <tbb/enumerable_thread_specific.h>
#include <tbb/parallel_for.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <mutex>
#include <vector>

#include "sim/crossbar/layout.h"
#include "sim/crossbar/spcg/coarse.h"
#include "sim/crossbar/spcg/loops.h"
#include "sim/crossbar/spcg/storage.h"

namespace ohmset::crossbar {

namespace {

using Eigen::Index;
using spcg::Energies;
using spcg::group_rows;
using spcg::Lines;
using spcg::Loops;
using spcg::panel_columns;
using spcg::Storage;

constexpr double epsilon = std::numeric_limits<double>::epsilon();
constexpr std::size_t most_iterations = 500;
constexpr std::size_t chunk_groups = 4;            // groups that follow each other on one thread
constexpr std::size_t parallel_cells = 192 * 192;  // below, threads cost more than they save
// The coarse part: knots at this many decay lengths of the difference between word and bit lines, in arrays that are
// at least that many decay lengths long both ways.
constexpr double knot_spacing = 1.0;
constexpr double shortest_coarse = 2.0;
// Rounding: how many units in the last place each current of a direction may be off.
constexpr double rounding_units = 8.0;

std::size_t padded(std::size_t count, std::size_t block) { return (count + block - 1) / block * block; }

Lines geometry(const Crossbar& crossbar) {
  Lines lines;
  lines.words = static_cast<std::size_t>(crossbar.conductances.rows());
  lines.bits = static_cast<std::size_t>(crossbar.conductances.cols());
  lines.padded_words = padded(lines.words, group_rows);
  lines.padded_bits = padded(lines.bits, panel_columns);
  lines.word = conductance_of(crossbar.wires.word).value();
  lines.bit = conductance_of(crossbar.wires.bit).value();
  lines.entry = conductance_of(crossbar.wires.driver, crossbar.wires.word).value();
  lines.exit = conductance_of(crossbar.wires.sense, crossbar.wires.bit).value();
  return lines;
}

std::size_t knots(std::size_t count, double length) {
  const double spacing = std::max(2.0, std::round(knot_spacing * length));
  return 2 + static_cast<std::size_t>((static_cast<double>(count) - 2.0) / spacing);
}

std::optional<spcg::Coarse> coarse_part(const Lines& lines, double mean_conductance) {
  constexpr std::size_t least_lines = 8;
  if (!(mean_conductance > 0.0) || std::min(lines.words, lines.bits) < least_lines) return std::nullopt;
  const double down = std::sqrt(lines.bit / mean_conductance);
  const double along = std::sqrt(lines.word / mean_conductance);
  if (static_cast<double>(lines.words) < shortest_coarse * down) return std::nullopt;
  if (static_cast<double>(lines.bits) < shortest_coarse * along) return std::nullopt;
  return spcg::Coarse(lines, mean_conductance, knots(lines.words, down), knots(lines.bits, along));
}

}  // namespace

bool Spcg::applies(const Crossbar& crossbar) {
  const Lines lines = geometry(crossbar);
  return std::isfinite(lines.word) && std::isfinite(lines.bit) && crossbar.conductances.allFinite();
}

struct Spcg::Impl {
  const Crossbar& crossbar;
  const Loops& loops;
  Lines lines;
  std::size_t cells;  // with padding
  Storage factors;
  std::vector<double> looking{};  // by word line: what its source sees, bit lines at 0
  double largest_device = 0.0;
  double least_eigenvalue = 0.0;  // of the preconditioned operator, or less
  std::optional<spcg::Coarse> coarse{};

  // What one solve needs; kept for the next one.
  struct Workspace {
    Storage arrays;
    Storage coarse;
    std::optional<Storage> solution{};
  };
  mutable tbb::enumerable_thread_specific<std::vector<double>> scratch{};  // for a sweep over one group
  mutable std::mutex mutex{};
  mutable std::vector<std::unique_ptr<Workspace>> idle{};

  Impl(const Crossbar& given, Simd simd)
      : crossbar(given),
        loops(spcg::loops(simd)),
        lines(geometry(given)),
        cells(lines.padded_words * lines.padded_bits),
        factors(3, cells) {
    lines.device = factors.array(0);
    lines.word_pivot = factors.array(1);
    lines.bit_pivot = factors.array(2);
    factor();
  }

  [[nodiscard]] std::unique_ptr<Workspace> take() const;
  void give(std::unique_ptr<Workspace> workspace) const;
  [[nodiscard]] Lines with(const Workspace& workspace) const {
    Lines all = lines;
    all.direction = workspace.arrays.array(0);
    all.work = workspace.arrays.array(1);
    all.residual = workspace.arrays.array(2);
    return all;
  }
  // Calls work(k) for all k < count, on all threads when the array is large.
  template <class Work>
  void for_all(std::size_t count, const Work& work) const {
    if (cells >= parallel_cells) {
      tbb::parallel_for(std::size_t{0}, count, work);
    } else {
      for (std::size_t k = 0; k < count; ++k) work(k);
    }
  }
  void factor();

  struct Iteration;
};

std::unique_ptr<Spcg::Impl::Workspace> Spcg::Impl::take() const {
  {
    const std::scoped_lock lock(mutex);
    if (!idle.empty()) {
      std::unique_ptr<Workspace> workspace = std::move(idle.back());
      idle.pop_back();
      return workspace;
    }
  }
  const std::size_t coarse_rows = coarse ? coarse->count_of_rows() : 0;
  return std::make_unique<Workspace>(
      Workspace{.arrays = Storage(3, cells), .coarse = Storage(1, coarse_rows * lines.padded_bits)});
}

void Spcg::Impl::give(std::unique_ptr<Workspace> workspace) const {
  const std::scoped_lock lock(mutex);
  idle.push_back(std::move(workspace));
}

void Spcg::Impl::factor() {
  std::unique_ptr<Workspace> workspace = take();
  const Lines all = with(*workspace);
  looking.resize(lines.padded_words);
  std::vector<double> sums(lines.groups());
  std::vector<double> largest(lines.groups());
  for_all(lines.groups(), [&](std::size_t group) {
    std::vector<double> rows(group_rows * lines.padded_bits, 0.0);
    for (std::size_t k = 0; k < group_rows && group * group_rows + k < lines.words; ++k) {
      const auto row = crossbar.conductances.row(static_cast<Index>(group * group_rows + k));
      std::copy(row.data(), row.data() + row.size(), rows.begin() + static_cast<std::ptrdiff_t>(k * lines.padded_bits));
      sums[group] += row.sum();
      largest[group] = std::max(largest[group], row.maxCoeff());
    }
    const spcg::LineFactor line = loops.factor_words(all, group, rows.data());
    std::copy(std::begin(line.looking), std::end(line.looking),
              looking.begin() + static_cast<std::ptrdiff_t>(group * group_rows));
  });
  largest_device = *std::max_element(largest.begin(), largest.end());
  std::vector<double> potentials(lines.panels());
  for_all(lines.panels(), [&](std::size_t panel) { potentials[panel] = loops.factor_bits(all, panel); });
  // Rounding has made the sweep's result smaller by less than this.
  const double potential = *std::max_element(potentials.begin(), potentials.end()) * (1.0 + 1e-10);
  least_eigenvalue = 1.0 / (1.0 + potential);
  double sum = 0.0;
  for (const double part : sums) sum += part;
  coarse = coarse_part(lines, sum / static_cast<double>(crossbar.conductances.size()));
  if (coarse) workspace->coarse = Storage(1, coarse->count_of_rows() * lines.padded_bits);
  give(std::move(workspace));
}

// ---------------------------------------------------------------------------------------------------- the iteration
struct Spcg::Impl::Iteration {
  const Impl& impl;
  std::unique_ptr<Workspace> workspace;
  Lines lines;
  spcg::CoarseRows coarse{};
  double* solution = nullptr;
  std::vector<double> inputs;
  std::vector<double> last;  // potentials of the last row of bit nodes, padded
  std::size_t iterations = 0;
  double size = 0.0;  // r' M^-1 r
  double beta = 0.0;
  double energy = 0.0;    // x' S x
  double quadrature = 0;  // Gauss-Radau: ||x - x_k||_S^2 <= quadrature * size
  double rounding = 0.0;  // ampere, of the sum of all currents' errors

  Iteration(const Impl& given, const Eigen::VectorXd& voltages, double scale, bool keep)
      : impl(given),
        workspace(given.take()),
        lines(given.with(*workspace)),
        inputs(lines.padded_words),
        last(lines.padded_bits) {
    if (impl.coarse) coarse = impl.coarse->rows(workspace->coarse.array(0));
    for (Index i = 0; i < voltages.size(); ++i) inputs[static_cast<std::size_t>(i)] = voltages[i] / scale;
    if (keep) {
      workspace->solution.emplace(1, impl.cells);
      solution = workspace->solution->array(0);
      std::fill_n(solution, impl.cells, 0.0);
    }
    std::vector<double> gross(lines.groups());
    impl.for_all(lines.groups(), [&](std::size_t group) {
      gross[group] = impl.loops.drive(lines, group, inputs.data() + group * group_rows);
    });
    double sum = 0.0;
    for (const double part : gross) sum += part;
    rounding = std::sqrt(impl.largest_device * sum);
    size = bit_sweep(0.0, true);
    quadrature = 1.0 / impl.least_eigenvalue;
  }
  ~Iteration() {
    workspace->solution.reset();
    impl.give(std::move(workspace));
  }
  Iteration(const Iteration&) = delete;
  Iteration& operator=(const Iteration&) = delete;

  [[nodiscard]] double norm_bound() const { return std::sqrt(quadrature * size); }
  [[nodiscard]] double rounding_bound() const {
    return epsilon * (rounding_units * rounding + static_cast<double>(iterations + 4) * largest_output());
  }
  [[nodiscard]] double output_bound() const { return std::sqrt(lines.exit) * norm_bound() + rounding_bound(); }
  [[nodiscard]] double largest_output() const {
    double largest = 0.0;
    for (const double potential : last) largest = std::max(largest, std::abs(potential));
    return lines.exit * largest;
  }

  double bit_sweep(double alpha, bool first);
  Energies word_sweep();
  [[nodiscard]] bool step();
  [[nodiscard]] bool run(double tolerance);
};

double Spcg::Impl::Iteration::bit_sweep(double alpha, bool first) {
  std::vector<spcg::BitSums> parts(lines.panels());
  impl.for_all(lines.panels(), [&](std::size_t panel) {
    parts[panel] = impl.loops.bit_sweep(lines, panel, alpha, first, coarse, solution);
  });
  double sum = 0.0;
  double flows = 0.0;
  for (const spcg::BitSums& part : parts) {
    sum += part.square;
    flows = std::max(flows, part.largest_flows);
  }
  rounding += alpha * std::sqrt(flows);
  return impl.coarse ? sum + impl.coarse->correct(coarse.values) : sum;
}

Energies Spcg::Impl::Iteration::word_sweep() {
  const std::size_t chunks = (lines.groups() + chunk_groups - 1) / chunk_groups;
  std::vector<Energies> parts(lines.groups());
  impl.for_all(chunks, [&](std::size_t chunk) {
    std::vector<double>& scratch = impl.scratch.local();
    scratch.resize(2 * group_rows * lines.padded_bits);
    const std::size_t end = std::min(lines.groups(), (chunk + 1) * chunk_groups);
    for (std::size_t group = chunk * chunk_groups; group < end; ++group) {
      parts[group] = impl.loops.word_sweep(lines, group, beta, iterations == 0, group > chunk * chunk_groups, coarse,
                                           scratch.data());
    }
  });
  // Between chunks, once both rows are up to date.
  Energies sum;
  for (std::size_t group = 0; group < lines.groups(); ++group) {
    sum.devices += parts[group].devices;
    sum.word_lines += parts[group].word_lines;
    sum.bit_lines += parts[group].bit_lines;
    sum.gross += parts[group].gross;
    if (group > 0 && group % chunk_groups == 0) {
      sum.bit_lines += lines.bit * impl.loops.row_difference(lines, group * group_rows);
    }
  }
  return sum;
}

// False when rounding has broken the iteration down.
bool Spcg::Impl::Iteration::step() {
  const Energies energies = word_sweep();
  double exit = 0.0;
  for (std::size_t j = 0; j < lines.bits; ++j) {
    const double p = lines.direction[lines.at(j / panel_columns, lines.words - 1) + j % panel_columns];
    exit += p * p;
  }
  exit *= lines.exit;
  const double curvature = energies.devices + energies.word_lines + energies.bit_lines + exit;
  const double alpha = size / curvature;
  if (!(curvature > 0.0) || !std::isfinite(alpha)) return false;
  for (std::size_t j = 0; j < lines.bits; ++j) {
    last[j] += alpha * lines.direction[lines.at(j / panel_columns, lines.words - 1) + j % panel_columns];
  }
  energy += alpha * size;
  rounding += alpha * std::sqrt(impl.largest_device * energies.gross);
  const double next = bit_sweep(alpha, false);
  if (!(next >= 0.0)) return false;
  beta = next / size;
  // [MeurantTichy13]; what rounding makes of it is never better than ||r||^2/mu.
  const double least = impl.least_eigenvalue;
  const double rest = quadrature - alpha;
  quadrature = rest > 0.0 ? std::min(rest / (least * rest + beta), 1.0 / least) : 1.0 / least;
  size = next;
  ++iterations;
  return true;
}

// Until the outputs are known to tolerance x the largest of them.
bool Spcg::Impl::Iteration::run(double tolerance) {
  if (size < 1e-200 && impl.largest_device > 0.0) return false;  // squares of currents underflow
  while (output_bound() > tolerance * largest_output()) {
    if (size == 0.0) return impl.largest_device == 0.0;
    if (iterations == most_iterations || !step()) return false;
    if (rounding_bound() > tolerance * largest_output() && iterations > 8) return false;
  }
  return true;
}

// ---------------------------------------------------------------------------------------------------- answers
Spcg::Spcg(const Crossbar& crossbar, Simd simd) : impl_(std::make_unique<Impl>(crossbar, simd)) {}
Spcg::~Spcg() = default;

std::optional<Spcg::Outputs> Spcg::outputs(const Eigen::VectorXd& input, double tolerance) const {
  const auto bits = static_cast<Index>(impl_->lines.bits);
  Outputs result{.currents = Eigen::VectorXd::Zero(bits)};
  const double scale = input.cwiseAbs().maxCoeff();
  if (scale == 0.0) return result;
  Impl::Iteration iteration(*impl_, input, scale, false);
  if (!iteration.run(tolerance)) return std::nullopt;
  for (Index j = 0; j < bits; ++j) {
    result.currents[j] = scale * (impl_->lines.exit * iteration.last[static_cast<std::size_t>(j)]);
  }
  result.error_bound = scale * iteration.output_bound();
  // What the drivers would feed into grounded bit lines, less what these give back.
  double grounded = 0.0;
  for (std::size_t i = 0; i < impl_->lines.words; ++i) {
    grounded += iteration.inputs[i] * iteration.inputs[i] * impl_->looking[i];
  }
  result.power = scale * scale * (grounded - iteration.energy);
  result.iterations = iteration.iterations;
  return result;
}

std::optional<CrossbarFields> Spcg::fields(const Eigen::VectorXd& input, double tolerance) const {
  const Lines& lines = impl_->lines;
  const auto words = static_cast<Index>(lines.words);
  const auto bits = static_cast<Index>(lines.bits);
  CrossbarFields fields{.word_voltages = Matrix::Zero(words, bits),
                        .bit_voltages = Matrix::Zero(words, bits),
                        .device_currents = Matrix::Zero(words, bits),
                        .method = "spcg"};
  const double scale = input.cwiseAbs().maxCoeff();
  if (scale == 0.0) return fields;
  Impl::Iteration iteration(*impl_, input, scale, true);
  double goal = tolerance;
  for (;;) {
    if (!iteration.run(goal)) return std::nullopt;
    double largest_gross = 0.0;
    std::vector<double> gross(lines.groups());
    impl_->for_all(lines.groups(), [&](std::size_t group) {
      std::vector<double> voltages(group_rows * lines.padded_bits);
      impl_->loops.word_voltages(iteration.lines, group, iteration.inputs.data() + group * group_rows,
                                 iteration.solution, voltages.data());
      for (std::size_t k = 0; k < group_rows && group * group_rows + k < lines.words; ++k) {
        const std::size_t i = group * group_rows + k;
        for (std::size_t j = 0; j < lines.bits; ++j) {
          const auto row = static_cast<Index>(i);
          const auto column = static_cast<Index>(j);
          const double w = voltages[j * group_rows + k];
          const double b = iteration.solution[lines.at(j / panel_columns, i) + j % panel_columns];
          const double g = impl_->crossbar.conductances(row, column);
          fields.word_voltages(row, column) = scale * w;
          fields.bit_voltages(row, column) = scale * b;
          fields.device_currents(row, column) = scale * (g * (w - b));
          gross[group] = std::max(gross[group], g * (std::abs(w) + std::abs(b)));
        }
      }
    });
    for (const double part : gross) largest_gross = std::max(largest_gross, part);
    const double norm = iteration.norm_bound();
    const double rounding =
        iteration.rounding_bound() + static_cast<double>(iteration.iterations + 8) * epsilon * largest_gross;
    const double device_error = std::sqrt(impl_->largest_device) * norm + rounding;
    const double driver_error = std::sqrt(lines.entry) * norm + rounding;
    const double device = fields.device_currents.cwiseAbs().maxCoeff() / scale;
    const double driver = fields.device_currents.rowwise().sum().cwiseAbs().maxCoeff() / scale;
    fields.error_bound = scale * device_error;
    if (device_error <= tolerance * device && driver_error <= tolerance * driver) return fields;
    if (rounding > tolerance * std::min(device, driver)) return std::nullopt;
    // The part that iterating makes smaller decides.
    const double ratio = std::min(tolerance * device / device_error, tolerance * driver / driver_error);
    goal = 0.5 * ratio * iteration.output_bound() / iteration.largest_output();
  }
}

}  // namespace ohmset::crossbar
