// What each random variable of a bank does to its resistance, to first order.
// SPDX-License-Identifier: Apache-2.0
#include "design/tolerance/sensitivities.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <numeric>
#include <stdexcept>

#include "design/tolerance.h"
#include "design/tolerance/deviations.h"
#include "design/tolerance/slopes.h"
#include "design/tolerance/typical.h"
#include "design/tolerance/variables.h"

namespace ohmset {
namespace tolerance {
namespace {

// The bank of one aim in one condition when nothing deviates, and by how much everything moves it.
class FirstOrder {
 public:
  FirstOrder(const Making& making, std::size_t aim, std::size_t condition)
      : making_(making), question_(making.question()), aim_(question_.aims[aim]), condition_(condition) {
    const Fabrication& fabrication = question_.spec.fabrication;
    Bank bank = typical_bank(making);
    const Ageing ageing(fabrication.process, question_.conditions[condition]);
    for (Device& device : bank.devices) {
      made_.push_back(device.resistance.value);
      aged_.push_back(ageing.of(device.resistance.value));
      device.resistance = Ohm{aged_.back().resistance};
      if (draws::switches_vary(fabrication.switches)) device.contact.on = fabrication.switches.nominal.on;
    }
    const Configuration configuration = configuration_of(making, aim);
    slopes_ = slopes_of(bank, configuration);
    const bool ohm = aim_.unit == TargetUnit::ohm;
    const double achieved = ohm ? resistance(bank, configuration).value : conductance(bank, configuration).value;
    sign_ = ohm ? 1.0 : -1.0;
    scale_ = std::isfinite(achieved) ? achieved / aim_.target : 0.0;
    lot_ = lognormal_deviation(fabrication.process.lot_sigma);
    ratio_ = ratio_deviation(fabrication.process);
    contact_ = lognormal_deviation(fabrication.switches.on_sigma);
  }

  [[nodiscard]] Sensitivity of(const Variable& variable) const {
    const double slope = sign_ * slope_of(variable);
    return {.variable = variable, .slope = slope, .stddev = scale_ * std::abs(effect_of(variable))};
  }

 private:
  [[nodiscard]] double slope_of(const Variable& variable) const {
    const std::size_t k = variable.device;
    switch (variable.cause) {
      case Cause::lot:
        return std::accumulate(slopes_.devices.begin(), slopes_.devices.end(), 0.0);
      case Cause::switch_on:
        return slopes_.closed[k] ? slopes_.contacts[k] : 0.0;
      default:
        return slopes_.devices[k];
    }
  }

  // Of ln(achieved), without its sign.
  [[nodiscard]] double effect_of(const Variable& variable) const {
    const std::size_t k = variable.device;
    switch (variable.cause) {
      case Cause::lot: {
        double sum = 0.0;
        for (std::size_t d = 0; d < aged_.size(); ++d) sum += slopes_.devices[d] * aged_[d].elasticity;
        return sum * lot_;
      }
      case Cause::resistance:
        return slopes_.devices[k] * aged_[k].elasticity * made_deviation();
      case Cause::measurement:
        return slopes_.devices[k] * aged_[k].elasticity * code_deviation(k);
      case Cause::switch_on:
        return slope_of(variable) * contact_;
      case Cause::tc1:
        return slopes_.devices[k] * aged_[k].tc1;
      case Cause::tc2:
        return slopes_.devices[k] * aged_[k].tc2;
      case Cause::written:
        return slopes_.devices[k] * aged_[k].written;
      case Cause::nu:
        return slopes_.devices[k] * aged_[k].nu;
      case Cause::read:
        return variable.condition == condition_ ? slopes_.devices[k] * aged_[k].read : 0.0;
      case Cause::device_fault:
      case Cause::switch_fault:
        return 0.0;
    }
    return 0.0;
  }

  [[nodiscard]] double made_deviation() const {
    // 1 / (1 + sigma N(0,1)) has no variance of its own: its first order has.
    return question_.population == Population::die ? question_.spec.fabrication.measurement.sigma : ratio_;
  }
  // A reading is as likely anywhere within its code. What redesigned dies read decides on their configurations alone.
  [[nodiscard]] double code_deviation(std::size_t device) const {
    if (question_.population != Population::die || !(made_[device] > 0.0)) return 0.0;
    const Making::Code& code = making_.code(device);
    return (code.high - code.low) / (2.0 * std::numbers::sqrt3) / made_[device];
  }

  const Making& making_;
  const BankQuestion& question_;
  const Aim& aim_;
  std::size_t condition_;
  std::vector<double> made_{};
  std::vector<Aged> aged_{};
  Slopes slopes_{};
  double sign_ = 1.0;
  double scale_ = 1.0;  // achieved / target
  double lot_ = 0.0;
  double ratio_ = 0.0;
  double contact_ = 0.0;
};

}  // namespace

std::vector<Sensitivity> first_order(const Making& making, std::size_t aim, std::size_t condition) {
  const FirstOrder effects(making, aim, condition);
  std::vector<Sensitivity> all;
  double variance = 0.0;
  for (const Variable& variable : making.variables()) {
    const bool elsewhere = variable.cause == Cause::read && variable.condition != condition;
    const bool fault = variable.cause == Cause::device_fault || variable.cause == Cause::switch_fault;
    const bool choice = variable.cause == Cause::measurement && making.question().population == Population::redesigned;
    if (elsewhere || fault || choice) continue;
    all.push_back(effects.of(variable));
    variance += all.back().stddev * all.back().stddev;
  }
  for (Sensitivity& each : all) each.share = variance > 0.0 ? each.stddev * each.stddev / variance : 0.0;
  std::ranges::stable_sort(all, [](const Sensitivity& a, const Sensitivity& b) {
    return a.share != b.share ? a.share > b.share : a.variable.device < b.variable.device;
  });
  return all;
}

}  // namespace tolerance

std::vector<Sensitivity> sensitivities(const BankQuestion& question, std::size_t aim, std::size_t condition) {
  tolerance::check(question);
  if (aim >= question.aims.size() || condition >= question.conditions.size()) {
    throw std::invalid_argument("sensitivities: no such aim or condition");
  }
  return tolerance::first_order(tolerance::Making(question), aim, condition);
}

}  // namespace ohmset
