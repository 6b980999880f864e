// What a compiled design amounts to.
// SPDX-License-Identifier: Apache-2.0
#include <tbb/parallel_for.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "design/compile.h"
#include "design/compile/cell.h"
#include "design/statistics.h"

namespace ohmset {
namespace {

using namespace compiling;

// What a bank can conduct as it is, whatever the measurement says.
Range actual_range(const BankArray& array, std::size_t word, std::size_t bit) {
  if (array.topology.is_parallel()) {
    std::array<double, most_cell_devices> items{};
    const AdditiveBank sum = additive(array.view(array.index(word, bit)), items);
    return range_of(sum, items);
  }
  const Bank bank = array.bank(word, bit);
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
      return actual_range(design.array, static_cast<std::size_t>(word), static_cast<std::size_t>(bit));
    };
    const bool differential = design.spec.mapping.scheme == Scheme::differential;
    for (Eigen::Index output = 0; output < outputs; ++output) {
      const auto at = static_cast<std::size_t>(word * outputs + output);
      const double target = design.targets(output, word);
      const double error = std::abs(design.achieved(output, word) - target) / design.full_scale;
      errors[at] = std::isnan(error) ? infinity : error;
      const Range plus = range(differential ? 2 * output : output);
      const Range minus = differential ? range(2 * output + 1) : Range{design.common_mode, design.common_mode};
      reachable[at] = reaches(plus, minus, target, 1e-12 * design.full_scale) ? 1 : 0;
    }
  });
  summary.unreachable = static_cast<std::size_t>(std::ranges::count(reachable, 0));
  summary.bits_median = -std::log2(sample_quantile(errors, 0.5));
  summary.weight_error_max = *std::ranges::max_element(errors);
  summary.bits_worst = -std::log2(summary.weight_error_max);
  return summary;
}

}  // namespace ohmset
