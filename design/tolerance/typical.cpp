// SPDX-License-Identifier: Apache-2.0
#include "design/tolerance/typical.h"

#include "design/program.h"
#include "design/tolerance/deviations.h"

namespace ohmset::tolerance {

Bank typical_bank(const Making& making) {
  const BankQuestion& question = making.question();
  Bank bank{.topology = question.spec.topology};
  for (std::size_t k = 0; k < making.devices(); ++k) bank.devices.push_back(making.known(k));
  const Process& process = question.spec.fabrication.process;
  if (question.population == Population::die || !process.values.empty()) return bank;
  for (Device& device : bank.devices) {
    device.resistance.value *= typical_ratio(process);
    device.measured = device.resistance;
  }
  return bank;
}

Configuration configuration_of(const Making& making, std::size_t aim) {
  const Aim& asked = making.question().aims[aim];
  if (asked.configuration.size() == making.devices()) return asked.configuration;
  const Design design = program(typical_bank(making), asked.target, {.unit = asked.unit});
  return design.choices.empty() ? Configuration(making.devices()) : design.choices.front().configuration;
}

}  // namespace ohmset::tolerance
