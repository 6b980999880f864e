// Bank designs: one JSON document.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "sim/error.h"
#include "tools/io/design_file.h"
#include "tools/io/design_file/json_reader.h"
#include "tools/io/file.h"
#include "tools/io/json.h"

namespace ohmset::io {
namespace {

constexpr std::size_t most_design_bytes = std::size_t{1} << 30U;

Device read_device(const JsonEntry& entry) {
  Device device;
  device.nominal = Ohm{entry["nominal_ohm"].resistance()};
  device.resistance = Ohm{entry["resistance_ohm"].resistance()};
  device.measured = entry.has("measured_ohm") ? Ohm{entry["measured_ohm"].resistance()} : device.resistance;
  if (entry.has("tc1")) device.tc1 = entry["tc1"].number();
  if (entry.has("tc2")) device.tc2 = entry["tc2"].number();
  if (entry.has("switch_on_ohm")) device.contact.on = Ohm{entry["switch_on_ohm"].resistance()};
  if (entry.has("switch_off_ohm")) device.contact.off = Ohm{entry["switch_off_ohm"].resistance()};
  if (!(device.contact.off > device.contact.on)) entry["switch_off_ohm"].refuse("is not above switch_on_ohm");

  const std::string fault = entry.has("fault") ? entry["fault"].text() : "";
  if (fault != fault_name(device)) {
    entry["fault"].refuse(fmt::format("is \"{}\"", fault),
                          fmt::format("resistance_ohm is {}", device.resistance.value));
  }
  const std::string stuck = entry.has("switch_fault") ? entry["switch_fault"].text() : "";
  if (stuck == "stuck_open") device.stuck = Stuck::open;
  if (stuck == "stuck_closed") device.stuck = Stuck::closed;
  if (stuck != switch_fault_name(device)) {
    entry["switch_fault"].refuse(fmt::format("is \"{}\"", stuck), "expected \"stuck_open\" or \"stuck_closed\"");
  }
  return device;
}

Choice read_choice(const JsonEntry& entry, std::size_t devices) {
  Choice choice;
  const std::string mask = entry["mask"].text();
  if (mask.size() != devices || mask.find_first_not_of("01") != std::string::npos) {
    entry["mask"].refuse(fmt::format("is \"{}\"", mask), fmt::format("expected {} digits 0 or 1", devices));
  }
  choice.configuration = Configuration::from_text(mask);
  if (entry.has("on")) {
    std::vector<std::size_t> on;
    for (const JsonEntry& index : entry["on"].list()) on.push_back(index.whole());
    if (on != choice.configuration.on()) entry["on"].refuse("disagrees with mask");
  }
  choice.achieved = entry["achieved"].number();
  const auto optional = [&](std::string_view key) {
    return entry.has(key) ? entry[key].number() : std::numeric_limits<double>::quiet_NaN();
  };
  choice.error = optional("error");
  choice.relative_error = optional("relative_error");
  choice.bits = optional("bits");
  if (entry.has("predicted_stddev")) choice.spread = entry["predicted_stddev"].number();
  return choice;
}

Design read_result(const JsonEntry& entry, std::size_t devices) {
  Design design;
  design.target = entry["target"].number();
  const std::string unit = entry.has("unit") ? entry["unit"].text() : "ohm";
  if (unit != "ohm" && unit != "siemens") entry["unit"].refuse(fmt::format("is \"{}\"", unit), "expected ohm, siemens");
  design.unit = unit == "ohm" ? TargetUnit::ohm : TargetUnit::siemens;
  if (entry.has("mask")) design.choices.push_back(read_choice(entry, devices));
  if (entry.has("alternatives")) {
    for (const JsonEntry& alternative : entry["alternatives"].list()) {
      design.choices.push_back(read_choice(alternative, devices));
    }
  }
  if (entry.has("robust")) {
    const JsonEntry robust = entry["robust"];
    design.trade.emplace().within = robust["within"].number();
    const JsonEntry nearest = robust["nearest"];
    if (nearest.has("mask")) design.trade->nearest = read_choice(nearest, devices);
  }
  if (entry.has("method")) design.method = entry["method"].text();
  if (entry.has("exact")) design.exact = entry["exact"].boolean();
  if (entry.has("capped")) design.capped = entry["capped"].boolean();
  return design;
}

}  // namespace

std::string bank_design_json(const BankDesignFile& design) { return json_text(to_json(design)); }

BankDesignFile read_bank_design(const std::string& path) {
  const Json json = parse_json(read_file(path, most_design_bytes), path);
  const JsonEntry root(&json, path);
  BankDesignFile design;
  if (root.has("spec")) design.spec_text = root["spec"].text();
  design.seed = root["seed"].whole();
  design.die = root["die"].whole();
  for (const JsonEntry& entry : root["devices"].list()) design.bank.devices.push_back(read_device(entry));
  if (design.bank.devices.empty()) root["devices"].refuse("is empty", "expected at least one device");
  try {
    design.bank.topology = Topology::parse(root["topology"].text(), design.bank.devices.size());
  } catch (const Error& error) {
    root["topology"].refuse("is malformed", error.what());
  }
  for (const JsonEntry& entry : root["results"].list()) {
    design.results.push_back(read_result(entry, design.bank.devices.size()));
  }
  return design;
}

}  // namespace ohmset::io
