// SPDX-License-Identifier: Apache-2.0
#include "design/compile.h"

#include <fmt/format.h>
#include <tbb/enumerable_thread_specific.h>
#include <tbb/parallel_for.h>

#include <algorithm>
#include <cmath>

#include "design/compile/choose.h"
#include "design/parallel/finished.h"
#include "design/parallel/threads.h"
#include "sim/error.h"

namespace ohmset {
namespace {

using namespace compiling;

void check_arguments(const CrossbarSpec& spec, const Matrix& weights, const CompileOptions& options) {
  check_search(spec);
  const std::size_t devices = spec.bank.topology.device_count();
  if (weights.size() == 0 || !weights.allFinite()) throw std::invalid_argument("weights must be finite and not empty");
  const std::size_t banks = static_cast<std::size_t>(weights.cols()) *
                            bit_lines_for(spec.mapping.scheme, static_cast<std::size_t>(weights.rows()));
  if (options.measured && options.measured->size() != banks * devices) {
    throw input_error(
        fmt::format("{} measured devices", options.measured->size()),
        fmt::format("{} word lines x {} bit lines x {} devices", weights.cols(),
                    bit_lines_for(spec.mapping.scheme, static_cast<std::size_t>(weights.rows())), devices));
  }
}

// Runs work(first, last) on parts of the tasks from `first` to `last` on all cores, with progress in tasks.
void run(CrossbarDesign& design, std::size_t first, std::size_t last, const CompileOptions& options) {
  parallel::Finished progress(options.progress, last - first);
  const Chooser chooser(design, options);
  // Some hundreds of cells fill the vectors whatever their faults; few cells, or slow ones, are shared evenly.
  constexpr std::size_t shares = 16;
  const std::size_t most = design.array.topology.is_parallel() ? Chooser::most_together : 8;
  const std::size_t together = std::clamp<std::size_t>((last - first) / shares, std::min<std::size_t>(most, 8), most);
  const std::size_t parts = (last - first + together - 1) / together;
  tbb::enumerable_thread_specific<Chooser::Workspace> workspaces(design.array.devices());
  const auto all = [&] {
    tbb::parallel_for(std::size_t{0}, parts, [&](std::size_t part) {
      if (progress.stopped()) return;
      const std::size_t begin = first + part * together;
      const std::size_t end = std::min(begin + together, last);
      chooser.choose(begin, end, workspaces.local());
      progress.advance(end - begin);
    });
  };
  parallel::on_threads(options.threads, all);
  if (progress.stopped()) throw world_error("interrupted");
}

void reserve_array(CrossbarDesign& design, const CompileOptions& options) {
  BankArray& array = design.array;
  const SwitchProcess& switches = design.spec.bank.fabrication.switches;
  array.word_lines = design.inputs;
  array.bit_lines = bit_lines_for(design.spec.mapping.scheme, design.outputs);
  array.topology = design.spec.bank.topology;
  array.contact = switches.nominal;
  const std::size_t banks = array.word_lines * array.bit_lines;
  const std::size_t devices = banks * array.devices();
  array.resistances.resize(devices);
  array.switches.resize(banks);
  if (switches.on_sigma > 0.0 && switches.nominal.on.value > 0.0) array.switch_on.resize(devices);
  if (switches.stuck_open > 0.0 || switches.stuck_closed > 0.0) array.stuck.resize(devices);
  design.achieved.setZero(static_cast<Eigen::Index>(design.outputs), static_cast<Eigen::Index>(design.inputs));
  const FullScale scale =
      options.measured ? automatic_full_scale(design.spec, *options.measured) : automatic_full_scale(design.spec);
  design.full_scale = scale.full_scale;
  const bool aims_mid_range =
      design.spec.mapping.scheme == Scheme::offset || resolved_pair(design.spec) == Pair::sequential;
  design.common_mode = aims_mid_range ? scale.common_mode : 0.0;
}

}  // namespace

std::size_t bit_lines_for(Scheme scheme, std::size_t outputs) {
  return scheme == Scheme::differential ? 2 * outputs : outputs + 1;
}

CrossbarDesign prepare(const CrossbarSpec& spec, const Matrix& weights, const CompileOptions& options) {
  check_arguments(spec, weights, options);
  CrossbarDesign design{.spec = spec, .seed = options.seed, .die = options.die};
  design.outputs = static_cast<std::size_t>(weights.rows());
  design.inputs = static_cast<std::size_t>(weights.cols());
  check(spec.bank.fabrication, spec.bank.topology.device_count());
  reserve_array(design, options);

  const double largest = weights.cwiseAbs().maxCoeff();
  design.scale = largest > 0.0 ? design.full_scale / largest : design.full_scale;
  design.targets = weights * design.scale;
  return design;
}

void choose_switches(CrossbarDesign& design, std::size_t first_word, std::size_t last_word,
                     const CompileOptions& options) {
  if (first_word > last_word || last_word > design.inputs) throw std::invalid_argument("compile: no such word lines");
  const std::size_t per_word = tasks_of(design).per_word;
  run(design, first_word * per_word, last_word * per_word, options);
}

void settle(CrossbarDesign& design) {
  const BankArray& array = design.array;
  array.check();
  const bool differential = design.spec.mapping.scheme == Scheme::differential;
  tbb::parallel_for(std::size_t{0}, array.word_lines, [&](std::size_t word) {
    thread_local std::vector<double> banks;
    banks.resize(array.bit_lines);
    conductances(array, word * array.bit_lines, banks);
    for (std::size_t output = 0; output < design.outputs; ++output) {
      design.achieved(static_cast<Eigen::Index>(output), static_cast<Eigen::Index>(word)) =
          differential ? banks[2 * output] - banks[2 * output + 1] : banks[output] - banks[design.outputs];
    }
  });
}

CrossbarDesign compile(const CrossbarSpec& spec, const Matrix& weights, const CompileOptions& options) {
  CrossbarDesign design = prepare(spec, weights, options);
  choose_switches(design, 0, design.inputs, options);
  settle(design);
  return design;
}

Matrix cell_differences(Scheme scheme, const Matrix& banks) { return output_differences(scheme, banks).transpose(); }

Matrix output_differences(Scheme scheme, const Matrix& bit_lines) {
  const Eigen::Index outputs = scheme == Scheme::differential ? bit_lines.cols() / 2 : bit_lines.cols() - 1;
  Matrix differences(bit_lines.rows(), outputs);
  for (Eigen::Index output = 0; output < outputs; ++output) {
    differences.col(output) = scheme == Scheme::differential
                                  ? Eigen::VectorXd(bit_lines.col(2 * output) - bit_lines.col(2 * output + 1))
                                  : Eigen::VectorXd(bit_lines.col(output) - bit_lines.col(outputs));
  }
  return differences;
}

}  // namespace ohmset
