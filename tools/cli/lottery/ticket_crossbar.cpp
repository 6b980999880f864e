// SPDX-License-Identifier: Apache-2.0
#include "tools/cli/lottery/ticket_crossbar.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdint>
#include <functional>
#include <utility>

#include "sim/error.h"
#include "tools/cli/lottery/ticket_folder.h"
#include "tools/io/spec.h"

namespace ohmset::cli {
namespace {

using Eigen::Index;

// Of one crossbar's files; as much again of memory makes them.
constexpr double most_bytes = 0x1p30;

// What one crossbar is made of, before it is circuits.
struct Network {
  std::string folder{};
  std::string what{};  // for the specification's reader
  std::size_t outputs = 0;
  std::size_t inputs = 0;
  std::size_t devices = 1;   // random weights for each weight
  double unit_weight = 1.0;  // what a random weight of 1 is worth
};

std::string spec_text(const Network& network, const Ticket& ticket, const TicketCrossbarOptions& options,
                      double full_scale) {
  const Wires& wires = options.wires;
  return fmt::format(
      "# {}, made by ohmset lottery with the seed {}.\n"
      "# Its devices are not drawn from a process: each is a random weight x, uniform on [-1, 1], of 1 / (|x| * {} S)\n"
      "# in the plus bank (x > 0) or in the minus bank (x < 0), where the other bank has none. A pruned one is "
      "switched "
      "off.\n"
      "[process]\n"
      "nominal = {}  # ohm, of a random weight of 1\n"
      "[bank]\n"
      "topology = \"parallel\"\n"
      "devices = {}\n"
      "[array]\n"
      "r_word = {}\n"
      "r_bit = {}\n"
      "r_driver = {}\n"
      "r_sense = {}\n"
      "[mapping]\n"
      "scheme = \"differential\"\n"
      "full_scale = {}\n",
      network.what, ticket.options.seed, options.unit.value, 1.0 / options.unit.value, network.devices,
      wires.word.value, wires.bit.value, wires.driver.value, wires.sense.value, full_scale);
}

// Every crosspoint is stored, whether there is a device or not: of a bank its resistances and switches, of a weight two
// numbers.
void check_size(std::size_t outputs, std::size_t inputs, std::size_t devices) {
  const double banks = 2.0 * static_cast<double>(outputs) * static_cast<double>(inputs);
  const double bytes = banks * (8.0 * static_cast<double>(devices) + 16.0);
  if (bytes <= most_bytes) return;
  throw input_error("--as-crossbar",
                    fmt::format("a crossbar of {} inputs by {} outputs with {} device{} a bank takes {:.3g} GiB: "
                                "expected at most 1 GiB; take fewer --units or a part of the layer",
                                inputs, outputs, devices, devices == 1 ? "" : "s", bytes / most_bytes));
}

// An array without devices, and targets of 0.
TicketCrossbar empty_crossbar(const Network& network, const Ticket& ticket, const TicketCrossbarOptions& options) {
  const std::size_t banks = network.inputs * bit_lines_for(Scheme::differential, network.outputs);
  TicketCrossbar result{.folder = network.folder};
  CrossbarDesign& design = result.design;
  design.seed = ticket.options.seed;
  design.outputs = network.outputs;
  design.inputs = network.inputs;
  design.scale = options.unit.value / network.unit_weight;
  design.array.word_lines = network.inputs;
  design.array.bit_lines = bit_lines_for(Scheme::differential, network.outputs);
  design.array.topology = Topology::parallel(network.devices);
  design.array.resistances.assign(banks * network.devices, infinity);
  design.array.switches.assign(banks, 0);
  design.targets.setZero(static_cast<Index>(network.outputs), static_cast<Index>(network.inputs));
  design.achieved = design.targets;
  return result;
}

// Random weight `x` as device k of a weight.
void place(CrossbarDesign& design, std::size_t output, std::size_t input, std::size_t k, double x, bool kept,
           const TicketCrossbarOptions& options) {
  if (x == 0.0) return;
  BankArray& array = design.array;
  const std::size_t bank = array.index(input, 2 * output + (x > 0.0 ? 0 : 1));
  array.resistances[bank * array.devices() + k] = 1.0 / (std::abs(x) * options.unit.value);
  if (kept) array.switches[bank] |= std::uint64_t{1} << k;
}

// Devices and targets are there.
void finish(TicketCrossbar& crossbar, const Network& network, const Ticket& ticket,
            const TicketCrossbarOptions& options) {
  CrossbarDesign& design = crossbar.design;
  const double largest = design.targets.cwiseAbs().maxCoeff();
  design.full_scale = largest > 0.0 ? largest : options.unit.value;
  crossbar.spec_text = spec_text(network, ticket, options, design.full_scale);
  design.spec = io::carried_crossbar_spec(crossbar.spec_text, "lottery", design.array.topology);
  settle(design);
  crossbar.summary = summarize(design);
}

TicketCrossbar of_sums(const Layer& layer, const Ticket& ticket, const TicketCrossbarOptions& options) {
  const LayerShape& shape = ticket.shape;
  const std::size_t units = ticket.options.units;
  const Network network{.what = "A pruned random layer",
                        .outputs = shape.outputs,
                        .inputs = shape.fan_in(),
                        .devices = units,
                        .unit_weight = ticket.scale};
  TicketCrossbar crossbar = empty_crossbar(network, ticket, options);
  CrossbarDesign& design = crossbar.design;
  std::vector<double> random(units);
  for (std::size_t weight = 0; weight < shape.weights(); ++weight) {
    const std::size_t output = weight / shape.fan_in();
    const std::size_t input = weight % shape.fan_in();
    random_weights(ticket, weight, random);
    for (std::size_t k = 0; k < units; ++k) {
      place(design, output, input, k, random[k], (ticket.masks[weight] >> k & 1U) != 0, options);
    }
    design.targets(static_cast<Index>(output), static_cast<Index>(input)) = layer.weights[weight] * design.scale;
  }
  finish(crossbar, network, ticket, options);
  return crossbar;
}

// Places a random weight that is a weight of its own, alone at its crosspoint: what it is meant to be is what it is,
// or 0 when it is pruned.
void place_alone(CrossbarDesign& design, std::size_t output, std::size_t input, double x, bool kept,
                 const TicketCrossbarOptions& options) {
  place(design, output, input, 0, x, kept, options);
  if (kept) design.targets(static_cast<Index>(output), static_cast<Index>(input)) = x * options.unit.value;
}

TicketCrossbar first_of_relu(const Ticket& ticket, const TicketCrossbarOptions& options) {
  const std::size_t units = ticket.options.units;
  const Network network{.folder = "first",
                        .what = "The first of a pruned random network's two layers",
                        .outputs = ticket.shape.inputs * units,
                        .inputs = ticket.shape.inputs};
  TicketCrossbar crossbar = empty_crossbar(network, ticket, options);
  std::vector<double> random(units);
  for (std::size_t input = 0; input < ticket.shape.inputs; ++input) {
    random_hidden(ticket, input, random);
    for (std::size_t k = 0; k < units; ++k) {
      const bool kept = (ticket.hidden_masks[input] >> k & 1U) != 0;
      place_alone(crossbar.design, input * units + k, input, random[k], kept, options);
    }
  }
  finish(crossbar, network, ticket, options);
  return crossbar;
}

TicketCrossbar second_of_relu(const Ticket& ticket, const TicketCrossbarOptions& options) {
  const LayerShape& shape = ticket.shape;
  const std::size_t units = ticket.options.units;
  const Network network{.folder = "second",
                        .what = "The second of a pruned random network's two layers",
                        .outputs = shape.outputs,
                        .inputs = shape.inputs * units * shape.taps(),
                        .unit_weight = ticket.scale};
  TicketCrossbar crossbar = empty_crossbar(network, ticket, options);
  std::vector<double> random(units);
  for (std::size_t weight = 0; weight < shape.weights(); ++weight) {
    const std::size_t output = weight / shape.fan_in();
    const std::size_t input = weight % shape.fan_in() / shape.taps();
    const std::size_t tap = weight % shape.taps();
    random_weights(ticket, weight, random);
    for (std::size_t k = 0; k < units; ++k) {
      const std::size_t word = (input * units + k) * shape.taps() + tap;
      place_alone(crossbar.design, output, word, random[k], (ticket.masks[weight] >> k & 1U) != 0, options);
    }
  }
  finish(crossbar, network, ticket, options);
  return crossbar;
}

}  // namespace

void check_crossbar_sizes(const LayerShape& shape, const LotteryOptions& options) {
  if (options.construction != Construction::relu) {
    check_size(shape.outputs, shape.fan_in(), options.units);
    return;
  }
  check_size(shape.inputs * options.units, shape.inputs, 1);
  check_size(shape.outputs, shape.inputs * options.units * shape.taps(), 1);
}

std::vector<TicketCrossbar> crossbars_of(const Layer& layer, const Ticket& ticket,
                                         const TicketCrossbarOptions& options) {
  check_crossbar_sizes(ticket.shape, ticket.options);
  std::vector<TicketCrossbar> result;
  if (ticket.options.construction == Construction::relu) {
    result.push_back(first_of_relu(ticket, options));
    result.push_back(second_of_relu(ticket, options));
  } else {
    result.push_back(of_sums(layer, ticket, options));
  }
  return result;
}

}  // namespace ohmset::cli
