// SPDX-License-Identifier: Apache-2.0
#include "design/crossbar_tolerance/bank_spread.h"

#include <algorithm>
#include <cmath>

namespace ohmset::crossbar_tolerance {

BankSpreads::BankSpreads(const Making& making, std::size_t condition)
    : making_(making),
      ageing_(making.question().design.spec.bank.fabrication.process, making.question().conditions[condition]),
      typical_(making.typical()),
      aged_(typical_) {
  const Fabrication& fabrication = making.question().design.spec.bank.fabrication;
  making.lives()[condition].age(aged_.resistances, {});
  conductances_ = ohmset::conductances(aged_);
  ratio_ = tolerance::ratio_deviation(fabrication.process);
  contact_ = tolerance::lognormal_deviation(fabrication.switches.on_sigma);
}

tolerance::Slopes BankSpreads::slopes(std::size_t bank) const {
  const std::size_t word = bank / aged_.bit_lines;
  const std::size_t bit = bank % aged_.bit_lines;
  return tolerance::slopes_of(aged_.bank(word, bit), aged_.configuration(word, bit));
}

std::vector<BankSpreads::Part> BankSpreads::parts(std::size_t bank) const {
  const tolerance::Slopes slopes = this->slopes(bank);
  const std::size_t devices = slopes.devices.size();
  std::vector<Part> parts;
  const auto add = [&](Cause cause, std::size_t device, double stddev) {
    if (making_.random(cause) && stddev > 0.0) parts.push_back({cause, device, stddev});
  };
  for (std::size_t k = 0; k < devices; ++k) {
    const double made = typical_.resistances[bank * devices + k];
    const double share = slopes.devices[k];
    if (slopes.closed[k]) add(Cause::switch_on, k, slopes.contacts[k] * contact_);
    if (share == 0.0 || draws::is_faulty(made)) continue;
    const tolerance::Aged aged = ageing_.of(made);
    add(Cause::resistance, k, share * aged.elasticity * ratio_);
    add(Cause::measurement, k,
        share * aged.elasticity * making_.question().design.spec.bank.fabrication.measurement.sigma);
    add(Cause::tc1, k, share * aged.tc1);
    add(Cause::tc2, k, share * aged.tc2);
    add(Cause::written, k, share * aged.written);
    add(Cause::nu, k, share * aged.nu);
    add(Cause::read, k, share * aged.read);
  }
  return parts;
}

double BankSpreads::of_bank(std::size_t bank) const {
  const bool redesigned = making_.question().population == Population::redesigned;
  double variance = 0.0;
  for (const Part& part : parts(bank)) {
    if (redesigned && (part.cause == Cause::resistance || part.cause == Cause::switch_on)) continue;
    variance += part.stddev * part.stddev;
  }
  return std::sqrt(variance);
}

}  // namespace ohmset::crossbar_tolerance
