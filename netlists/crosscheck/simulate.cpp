// Pieces that the checks share, and the check of any deck.
// SPDX-License-Identifier: Apache-2.0
#include "netlists/crosscheck/simulate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sim/nodal.h"

namespace ohmset {
namespace crosscheck {
namespace {

struct Quantity {
  std::string where{};
  std::string ngspice_name{};
  double ours = 0.0;
};

void compare_all(const std::vector<Quantity>& quantities, const std::string& kind, const NgspiceResult& result,
                 double tolerance, Findings& findings) {
  double largest = 0.0;
  for (const Quantity& quantity : quantities) largest = std::max(largest, std::abs(quantity.ours));
  for (const Quantity& quantity : quantities) {
    const std::optional<double> value = value_of(result, quantity.ngspice_name);
    if (!value) {
      findings.fail(quantity.where, "ngspice gives no value");
      continue;
    }
    const double difference =
        quantity.ours == *value ? 0.0 : std::abs(quantity.ours - *value) / std::max(largest, std::abs(*value));
    findings.compare_simulators([&] { return quantity.where; }, kind + " Kirchhoff / ngspice", quantity.ours, *value,
                                difference, tolerance);
  }
}

}  // namespace

double difference_above(double a, double b, double floor) {
  return std::abs(a - b) <= floor ? 0.0 : relative_difference(a, b);
}

std::optional<double> value_of(const NgspiceResult& result, const std::string& name) {
  const auto found = result.values.find(name);
  return found == result.values.end() ? std::nullopt : std::optional(found->second);
}

std::string current_name(const std::string& source) {
  return (source.find('.') == std::string::npos ? source : "v." + source) + "#branch";
}

NgspiceResult check_operating_point(const SpiceDeck& deck, const std::string& text, const std::string& file,
                                    Ngspice& ngspice, double tolerance, Findings& findings) {
  const Network network = to_network(deck, file);
  const OperatingPoint ours = operating_point(network);
  NgspiceResult result = ngspice.operating_point(text);
  if (!result.ok) {
    findings.fail(file, "ngspice: " + result.failure);
    return result;
  }
  for (const Node node : ours.floating) findings.fail("node " + network.node_name(node), "floats: it has no potential");
  std::vector<Quantity> voltages;
  for (Node node = 1; node < network.node_count(); ++node) {
    const double volt = ours.node_voltages[node];
    if (!std::isnan(volt)) voltages.push_back({"node " + network.node_name(node), network.node_name(node), volt});
  }
  std::vector<Quantity> currents;
  for (std::size_t k = 0; k < network.voltage_sources().size(); ++k) {
    const std::string& name = network.voltage_sources()[k].name;
    currents.push_back({name, current_name(name), ours.voltage_source_currents[k]});
  }
  compare_all(voltages, "voltage", result, tolerance, findings);
  compare_all(currents, "current", result, tolerance, findings);
  findings.say(fmt::format(
      "{}: {} node voltages and {} source currents, Kirchhoff's laws against ngspice, relative to the largest of each",
      file, counted(voltages.size()), counted(currents.size())));
  return result;
}

}  // namespace crosscheck

CrosscheckReport crosscheck_deck(const std::string& text, const std::string& file, const CrosscheckOptions& options) {
  crosscheck::Findings findings;
  const SpiceDeck deck = read_spice(text, file);
  Ngspice ngspice(options.ngspice);
  findings.report.ngspice_version = ngspice.version();
  (void)crosscheck::check_operating_point(deck, text, file, ngspice, options.tolerance, findings);
  return findings.finish();
}

}  // namespace ohmset
