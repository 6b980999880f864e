// SPDX-License-Identifier: Apache-2.0
#include "design/compile.h"

#include <fmt/format.h>
#include <tbb/blocked_range.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <mutex>

#include "design/compile/cell.h"
#include "sim/error.h"

namespace ohmset {
namespace {

using namespace compiling;

constexpr std::size_t cells_per_task = 64;

Pair resolved_pair(const CrossbarSpec& spec) {
  return spec.mapping.pair.value_or(spec.bank.topology.is_parallel() ? Pair::joint : Pair::sequential);
}

void check_arguments(const CrossbarSpec& spec, const Matrix& weights, const CompileOptions& options) {
  const Topology& topology = spec.bank.topology;
  const std::size_t devices = topology.device_count();
  if (devices == 0 || devices > 64) {
    throw input_error(fmt::format("a bank of {} devices at each crosspoint", devices), "1 to 64");
  }
  if (weights.size() == 0 || !weights.allFinite()) throw std::invalid_argument("weights must be finite and not empty");
  const bool joint = spec.mapping.scheme == Scheme::differential && resolved_pair(spec) == Pair::joint;
  if (joint && !topology.is_parallel()) {
    throw input_error(fmt::format("mapping.pair is \"joint\" and the topology is {}", topology.text()),
                      "parallel banks, or pair = \"sequential\"");
  }
  if (topology.is_parallel() && (joint ? 2 * devices : devices) > most_items) {
    throw input_error(fmt::format("{} devices to choose from in one search{}", joint ? 2 * devices : devices,
                                  joint ? " (both banks of a pair)" : ""),
                      fmt::format("at most {}{}", most_items, joint ? ", or pair = \"sequential\"" : ""));
  }
  const std::size_t banks = static_cast<std::size_t>(weights.cols()) *
                            bit_lines_for(spec.mapping.scheme, static_cast<std::size_t>(weights.rows()));
  if (options.measured && options.measured->size() != banks * devices) {
    throw input_error(
        fmt::format("{} measured devices", options.measured->size()),
        fmt::format("{} word lines x {} bit lines x {} devices", weights.cols(),
                    bit_lines_for(spec.mapping.scheme, static_cast<std::size_t>(weights.rows())), devices));
  }
}

// Counts finished cells and lets one thread at a time report them.
class Progress {
 public:
  Progress(const CompileOptions& options, std::size_t total) : report_(options.progress), total_(total) {}

  // False when the work is to stop.
  bool advance(std::size_t cells) {
    const std::size_t done = done_ += cells;
    if (report_ && !stopped_) {
      const std::unique_lock lock(mutex_, std::try_to_lock);
      if (lock && !report_(done, total_)) stopped_ = true;
    }
    return !stopped_;
  }
  [[nodiscard]] bool stopped() const { return stopped_; }

 private:
  const std::function<bool(std::size_t, std::size_t)>& report_;
  std::size_t total_;
  std::atomic<std::size_t> done_{0};
  std::atomic<bool> stopped_{false};
  std::mutex mutex_;
};

// Fabricates the banks of a design one by one and writes what is chosen into its array.
class Compiler {
 public:
  Compiler(CrossbarDesign& design, const CompileOptions& options)
      : design_(design), options_(options), fabrication_(design.spec.bank.fabrication) {}

  // Devices of one bank, recorded in the array.
  [[nodiscard]] std::vector<Device> fabricate_bank(std::size_t word, std::size_t bit) const {
    BankArray& array = design_.array;
    const std::size_t bank = array.index(word, bit);
    const std::size_t count = array.devices();
    const auto place = [](std::size_t index, std::size_t lines) {
      return lines < 2 ? 0.0 : static_cast<double>(index) / static_cast<double>(lines - 1) - 0.5;
    };
    std::vector<Device> devices = sample_devices(fabrication_, count,
                                                 {.seed = design_.seed,
                                                  .die = design_.die,
                                                  .cell = bank,
                                                  .along_word = place(bit, array.bit_lines),
                                                  .along_bit = place(word, array.word_lines)});
    for (std::size_t k = 0; k < count; ++k) {
      const std::size_t at = bank * count + k;
      if (options_.measured) devices[k].resistance = devices[k].measured = Ohm{(*options_.measured)[at]};
      array.resistances[at] = devices[k].resistance.value;
      if (!array.switch_on.empty()) array.switch_on[at] = devices[k].contact.on.value;
      if (!array.stuck.empty()) array.stuck[at] = static_cast<std::uint8_t>(devices[k].stuck);
    }
    return devices;
  }

  void choose_pair(std::size_t word, std::size_t output, SubsetSumSearch& search) const {
    const std::size_t plus_bit = 2 * output;
    const double target = design_.targets(static_cast<Eigen::Index>(output), static_cast<Eigen::Index>(word));
    if (resolved_pair(design_.spec) == Pair::joint) {
      const AdditiveBank plus = additive(fabricate_bank(word, plus_bit));
      const AdditiveBank minus = additive(fabricate_bank(word, plus_bit + 1));
      const PairMasks masks = choose_jointly(plus, minus, target, search);
      mask(word, plus_bit) = masks.plus;
      mask(word, plus_bit + 1) = masks.minus;
      return;
    }
    const double seen = choose_bank(word, plus_bit, design_.common_mode + target, search);
    choose_bank(word, plus_bit + 1, std::isfinite(seen) ? seen - target : design_.common_mode, search);
  }

  // Returns the conductance that the search believes it chose.
  double choose_bank(std::size_t word, std::size_t bit, double target, SubsetSumSearch& search) const {
    std::vector<Device> devices = fabricate_bank(word, bit);
    const Topology& topology = design_.array.topology;
    const BankChoice choice = topology.is_parallel() ? choose_alone(additive(devices), target, search)
                                                     : choose_alone({topology, std::move(devices)}, target);
    mask(word, bit) = choice.mask;
    return choice.seen;
  }

 private:
  [[nodiscard]] std::uint64_t& mask(std::size_t word, std::size_t bit) const {
    return design_.array.switches[design_.array.index(word, bit)];
  }

  CrossbarDesign& design_;
  const CompileOptions& options_;
  const Fabrication& fabrication_;
};

// Runs work(task) for every task on all cores, with progress in units of weights.
template <class Work>
void run(std::size_t tasks, const CompileOptions& options, const Work& work) {
  Progress progress(options, tasks);
  const auto all = [&] {
    tbb::parallel_for(tbb::blocked_range<std::size_t>(0, tasks, cells_per_task), [&](const auto& range) {
      if (progress.stopped()) return;
      SubsetSumSearch search;
      for (std::size_t task = range.begin(); task != range.end(); ++task) work(task, search);
      progress.advance(range.size());
    });
  };
  if (options.threads > 0) {
    tbb::task_arena(options.threads).execute(all);
  } else {
    all();
  }
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
  design.targets.resize(static_cast<Eigen::Index>(design.outputs), static_cast<Eigen::Index>(design.inputs));
  const FullScale scale =
      options.measured ? automatic_full_scale(design.spec, *options.measured) : automatic_full_scale(design.spec);
  design.full_scale = scale.full_scale;
  const bool aims_mid_range =
      design.spec.mapping.scheme == Scheme::offset || resolved_pair(design.spec) == Pair::sequential;
  design.common_mode = aims_mid_range ? scale.common_mode : 0.0;
}

// What a bank can conduct as it is, whatever the measurement says.
Range actual_range(const Bank& bank) {
  if (bank.topology.is_parallel()) {
    std::vector<Device> devices = bank.devices;
    for (Device& device : devices) device.measured = device.resistance;
    return range_of(additive(devices));
  }
  // Every resistance in the circuit grows when a series device is inserted and falls when a parallel one is, so the
  // extremes are reached there (Rayleigh).
  const std::vector<bool> bypass = bypassed_by_switch(bank.topology);
  Configuration least(bank.devices.size());
  Configuration most(bank.devices.size());
  for (std::size_t k = 0; k < bypass.size(); ++k) {
    least.set(k, bypass[k]);
    most.set(k, !bypass[k]);
  }
  return {conductance(bank, least).value, conductance(bank, most).value};
}

// requires finite or infinite ranges, low <= high
bool reaches(const Range& plus, const Range& minus, double target, double slack) {
  if (plus.low == infinity || minus.low == infinity) return false;
  return target >= plus.low - minus.high - slack && target <= plus.high - minus.low + slack;
}

}  // namespace

std::size_t bit_lines_for(Scheme scheme, std::size_t outputs) {
  return scheme == Scheme::differential ? 2 * outputs : outputs + 1;
}

CrossbarDesign compile(const CrossbarSpec& spec, const Matrix& weights, const CompileOptions& options) {
  check_arguments(spec, weights, options);
  CrossbarDesign design{.spec = spec, .seed = options.seed, .die = options.die};
  design.outputs = static_cast<std::size_t>(weights.rows());
  design.inputs = static_cast<std::size_t>(weights.cols());
  check(spec.bank.fabrication, spec.bank.topology.device_count());
  reserve_array(design, options);

  const double largest = weights.cwiseAbs().maxCoeff();
  design.scale = largest > 0.0 ? design.full_scale / largest : design.full_scale;
  design.targets = weights * design.scale;

  const Compiler compiler(design, options);
  if (spec.mapping.scheme == Scheme::differential) {
    run(design.inputs * design.outputs, options, [&](std::size_t task, SubsetSumSearch& search) {
      compiler.choose_pair(task / design.outputs, task % design.outputs, search);
    });
  } else {
    const std::size_t bit_lines = design.array.bit_lines;  // the last one is the reference
    run(design.inputs * bit_lines, options, [&](std::size_t task, SubsetSumSearch& search) {
      const std::size_t word = task / bit_lines;
      const std::size_t bit = task % bit_lines;
      const double weight =
          bit < design.outputs ? design.targets(static_cast<Eigen::Index>(bit), static_cast<Eigen::Index>(word)) : 0.0;
      compiler.choose_bank(word, bit, design.common_mode + weight, search);
    });
  }
  design.achieved = cell_differences(spec.mapping.scheme, conductances(design.array));
  return design;
}

CompileSummary summarize(const CrossbarDesign& design) {
  CompileSummary summary;
  const Eigen::Index outputs = design.targets.rows();
  const Eigen::Index inputs = design.targets.cols();
  summary.cells = static_cast<std::size_t>(design.targets.size());
  summary.devices = design.array.resistances.size();
  std::vector<double> errors(summary.cells);
  std::vector<std::uint8_t> reachable(summary.cells);
  tbb::parallel_for(Eigen::Index{0}, inputs, [&](Eigen::Index word) {
    const auto range = [&](Eigen::Index bit) {
      return actual_range(design.array.bank(static_cast<std::size_t>(word), static_cast<std::size_t>(bit)));
    };
    const bool differential = design.spec.mapping.scheme == Scheme::differential;
    for (Eigen::Index output = 0; output < outputs; ++output) {
      const auto at = static_cast<std::size_t>(output * inputs + word);
      const double target = design.targets(output, word);
      const double error = std::abs(design.achieved(output, word) - target) / design.full_scale;
      errors[at] = std::isnan(error) ? infinity : error;
      const Range plus = range(differential ? 2 * output : output);
      const Range minus = differential ? range(2 * output + 1) : Range{design.common_mode, design.common_mode};
      reachable[at] = reaches(plus, minus, target, 1e-12 * design.full_scale) ? 1 : 0;
    }
  });
  summary.unreachable = static_cast<std::size_t>(std::ranges::count(reachable, 0));
  const auto middle = errors.begin() + static_cast<std::ptrdiff_t>((errors.size() - 1) / 2);
  std::ranges::nth_element(errors, middle);
  summary.bits_median = -std::log2(*middle);
  summary.weight_error_max = *std::ranges::max_element(errors);
  summary.bits_worst = -std::log2(summary.weight_error_max);
  return summary;
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
