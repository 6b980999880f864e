// How each bank moves an output, and which coordinates of a sample matter most.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <tbb/parallel_for.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "design/crossbar_tolerance.h"
#include "design/crossbar_tolerance/bank_spread.h"
#include "design/crossbar_tolerance/judge.h"
#include "design/crossbar_tolerance/slopes.h"
#include "sim/crossbar_sensitivity.h"
#include "sim/error.h"

namespace ohmset {
namespace crossbar_tolerance {

void check_output(const CrossbarQuestion& question, std::size_t input, std::size_t output, std::size_t condition) {
  const auto require = [](std::size_t index, std::size_t count, const char* what) {
    if (index >= count) throw input_error(fmt::format("{} {}", what, index), fmt::format("expected below {}", count));
  };
  require(input, static_cast<std::size_t>(question.inputs.rows()), "input");
  require(output, question.design.outputs, "output");
  require(condition, question.conditions.size(), "condition");
}

Matrix log_slopes(const CrossbarQuestion& question, const Matrix& conductances, std::size_t input, std::size_t output) {
  const auto bits = conductances.cols();
  const auto at = static_cast<Eigen::Index>(output);
  Eigen::VectorXd weights = Eigen::VectorXd::Zero(bits);
  const bool differential = question.design.spec.mapping.scheme == Scheme::differential;
  weights[differential ? 2 * at : at] = 1.0;
  weights[differential ? 2 * at + 1 : bits - 1] = -1.0;
  const Crossbar crossbar{.conductances = conductances, .wires = question.design.spec.wires};
  const CrossbarSensitivities solved(crossbar, question.inputs.row(static_cast<Eigen::Index>(input)).transpose(),
                                     solve_options(1));
  Matrix slopes = solved.of(weights).devices;
  for (Eigen::Index k = 0; k < slopes.size(); ++k) {
    const double g = conductances.data()[k];
    slopes.data()[k] = std::isinf(g) ? 0.0 : slopes.data()[k] * g;
  }
  return slopes;
}

namespace {

// How far one standard deviation of each coordinate of a cause moves the outputs, as if wires were perfect.
class Importance {
 public:
  Importance(const Making& making, const Judge& judge) : making_(making), values_(making.dimensions(), 0.0) {
    const CrossbarQuestion& question = making.question();
    for (std::size_t condition = 0; condition < question.conditions.size(); ++condition) add(condition);
    if (making.random(Cause::lot)) {
      const double stddev = question.design.spec.bank.fabrication.process.lot_sigma;
      values_[making.coordinate(Cause::lot)] = stddev * stddev * judge.ideal().squaredNorm();
    }
  }
  [[nodiscard]] const std::vector<double>& values() const { return values_; }

 private:
  void add(std::size_t condition) {
    const BankSpreads spreads(making_, condition);
    const std::size_t banks = spreads.aged().switches.size();
    tbb::parallel_for(std::size_t{0}, banks, [&](std::size_t bank) { add(spreads, condition, bank); });
  }

  void add(const BankSpreads& spreads, std::size_t condition, std::size_t bank) {
    const CrossbarQuestion& question = making_.question();
    const Fabrication& fabrication = question.design.spec.bank.fabrication;
    const std::size_t bits = spreads.aged().bit_lines;
    const double g = spreads.conductances().data()[bank];
    if (!(g > 0.0 && g < infinity)) return;
    const auto word = static_cast<Eigen::Index>(bank / bits);
    const bool reference = question.design.spec.mapping.scheme == Scheme::offset && bank % bits == bits - 1;
    const double squares = question.inputs.col(word).squaredNorm() * g * g *
                           (reference ? static_cast<double>(question.design.outputs) : 1.0);
    const auto add_to = [&](Cause cause, std::size_t device, double stddev) {
      const std::size_t first = making_.coordinate(cause, cause == Cause::read ? condition : 0);
      values_[first + bank * spreads.aged().devices() + device] += squares * stddev * stddev;
    };
    for (const BankSpreads::Part& part : spreads.parts(bank)) add_to(part.cause, part.device, part.stddev);
    // A fault takes a device out, or puts one in.
    const tolerance::Slopes slopes = spreads.slopes(bank);
    const double usual = 1.0 / static_cast<double>(slopes.devices.size());
    const auto add_faults = [&](Cause cause, double probability, double least) {
      for (std::size_t k = 0; making_.random(cause) && k < slopes.devices.size(); ++k) {
        add_to(cause, k, std::sqrt(probability) * std::max(slopes.devices[k], least));
      }
    };
    add_faults(Cause::device_fault, fabrication.process.device_open + fabrication.process.device_short, 0.0);
    add_faults(Cause::switch_fault, fabrication.switches.stuck_open + fabrication.switches.stuck_closed, usual);
  }

  const Making& making_;
  std::vector<double> values_;
};

}  // namespace
}  // namespace crossbar_tolerance

std::vector<BankSensitivity> sensitivities(const CrossbarQuestion& question, std::size_t input, std::size_t output,
                                           std::size_t condition) {
  using namespace crossbar_tolerance;
  crossbar_tolerance::check(question);
  check_output(question, input, output, condition);
  const Making making(question);
  const BankSpreads spreads(making, condition);
  const double largest = Judge(question).largest();
  const Matrix slopes = log_slopes(question, spreads.conductances(), input, output);
  const std::size_t bits = spreads.aged().bit_lines;
  std::vector<BankSensitivity> banks(spreads.aged().switches.size());
  tbb::parallel_for(std::size_t{0}, banks.size(), [&](std::size_t bank) {
    const double slope = slopes.data()[bank] / largest;
    banks[bank] = {
        .word = bank / bits, .bit = bank % bits, .slope = slope, .stddev = std::abs(slope) * spreads.of_bank(bank)};
  });
  double variance = 0.0;
  for (const BankSensitivity& bank : banks) variance += bank.stddev * bank.stddev;
  for (BankSensitivity& bank : banks) bank.share = variance > 0.0 ? bank.stddev * bank.stddev / variance : 0.0;
  std::ranges::stable_sort(banks, std::ranges::greater{}, &BankSensitivity::share);
  return banks;
}

std::vector<std::uint32_t> ranking(const CrossbarSamples& samples) {
  using namespace crossbar_tolerance;
  const Making making(samples.question());
  const Importance importance(making, Judge(samples.question()));
  std::vector<std::uint32_t> order(making.dimensions());
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::stable_sort(order, std::ranges::greater{}, [&](std::uint32_t k) { return importance.values()[k]; });
  return order;
}

}  // namespace ohmset
