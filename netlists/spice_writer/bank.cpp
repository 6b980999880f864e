// One bank between node "p" and ground.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>
#include <stdexcept>

#include "netlists/spice_writer/bank_text.h"
#include "netlists/spice_writer/frame.h"

namespace ohmset {

Netlist write_bank(const Bank& bank, const Configuration& configuration, const NetlistOptions& options) {
  if (bank.devices.size() != bank.topology.device_count() || configuration.size() != bank.devices.size()) {
    throw std::invalid_argument("write_bank: topology, devices and configuration differ in size");
  }
  spice::check(options);
  // Beyond this a subcircuit would have more pins than simulators take.
  constexpr std::size_t most_devices_in_subcircuit = 300;
  NetlistOptions used = options;
  used.flat = options.flat || bank.devices.size() > most_devices_in_subcircuit;

  const auto unlike = [&](const Device& device) {
    return device.contact.on != bank.devices[0].contact.on || device.contact.off != bank.devices[0].contact.off;
  };
  const bool alike = !bank.devices.empty() && std::none_of(bank.devices.begin(), bank.devices.end(), unlike);
  spice::BankText banks(bank.topology, used, alike ? std::optional(bank.devices[0].contact) : std::nullopt);
  Netlist netlist;
  netlist.banks.push_back(banks.add("", "p", "0", spice::leaves_of(bank, configuration, banks.bypassed())));
  netlist.subcircuits = used.flat ? 0 : banks.subcircuits();
  netlist.elements = banks.elements() + 2 + (banks.needs_rail() ? 1 : 0);
  netlist.text = spice::header(used);
  netlist.text += "* topology " + bank.topology.text() + ", inserted " + configuration.text() + "\n";
  netlist.text += "* R = 1 V / i(vport)\n";
  netlist.text += banks.definitions();
  netlist.text += "vin in 0 1\nvport in p 0\n";
  if (banks.needs_rail()) netlist.text += "vctl von 0 1\n";
  netlist.text += banks.body();
  netlist.text += spice::footer(used.dialect, "vin", 1.0);
  return netlist;
}

}  // namespace ohmset
