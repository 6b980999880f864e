// ohmset netlist: a design as SPICE text.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "netlists/spice_writer.h"
#include "sim/error.h"
#include "tools/cli/command_line.h"
#include "tools/cli/provenance.h"
#include "tools/cli/report.h"
#include "tools/cli/wire_options.h"
#include "tools/io/design_file.h"
#include "tools/io/file.h"
#include "tools/io/json.h"

namespace ohmset::cli {
namespace {

struct Arguments {
  std::string design{};
  std::string dialect = "ngspice";
  std::string switches = "resistor";
  bool flat = false;
  std::uint64_t result = 0;
  std::string map{};
  WireOptions wires{};
};

NetlistOptions options_of(const Arguments& arguments) {
  NetlistOptions options{.switches = switch_model_named(arguments.switches), .flat = arguments.flat};
  if (arguments.dialect == "xyce") options.dialect = Dialect::xyce;
  if (arguments.dialect == "ltspice") options.dialect = Dialect::ltspice;
  if (options.switches == SwitchModel::sw && options.dialect != Dialect::ngspice) {
    throw input_error("--switch sw with --dialect " + arguments.dialect, "that switch is written for ngspice alone");
  }
  return options;
}

Netlist netlist_of(const Arguments& arguments) {
  NetlistOptions options = options_of(arguments);
  const std::string how = fmt::format("options: dialect {}, switches as {}{}", arguments.dialect, arguments.switches,
                                      arguments.flat ? ", flat" : "");
  if (io::is_crossbar_design(arguments.design)) {
    const io::CrossbarDesignFile file = io::read_crossbar_design(arguments.design);
    const BankArray& array = file.design.array;
    options.title = fmt::format("ohmset crossbar of {} word lines and {} bit lines", array.word_lines, array.bit_lines);
    options.provenance = provenance(file.design.seed, file.design.die, file.spec_text);
    options.provenance.push_back(how);
    const Wires wires = read_wires(arguments.wires, file.design.spec.wires, array.word_lines, array.bit_lines);
    return write_array(array, wires, {}, options);
  }
  if (arguments.wires.any_given()) throw input_error("wires are for arrays", "expected a crossbar design's folder");
  const io::BankDesignFile file = io::read_bank_design(arguments.design);
  const Design& design = chosen_result(file, arguments.result, arguments.design);
  options.title = fmt::format("ohmset bank of {} devices for {}", file.bank.devices.size(), target_text(design));
  options.provenance = provenance(file.seed, file.die, file.spec_text);
  options.provenance.push_back(fmt::format("result {}: configuration {} (device 0 first)", arguments.result,
                                           design.choices.front().configuration.text()));
  options.provenance.push_back(how);
  return write_bank(file.bank, design.choices.front().configuration, options);
}

io::Json map_json(const Netlist& netlist) {
  io::Json map = io::Json::array();
  for (const NetlistBank& bank : netlist.banks) {
    io::Json entry;
    entry["word_line"] = bank.word_line;
    entry["bit_line"] = bank.bit_line;
    entry["instance"] = bank.instance;
    entry["word_node"] = bank.word_node;
    entry["bit_node"] = bank.bit_node;
    entry["elements"] = bank.elements;
    entry["values"] = io::json_numbers(bank.values);
    map.push_back(std::move(entry));
  }
  return map;
}

int run(const Arguments& arguments, const Common& common) {
  if (!common.output.empty()) io::check_output(common.output, common.force);
  if (!arguments.map.empty()) io::check_output(arguments.map, common.force);
  const Netlist netlist = netlist_of(arguments);
  if (!common.output.empty()) io::write_file(common.output, netlist.text, common.force);
  if (!arguments.map.empty()) io::write_file(arguments.map, io::json_text(map_json(netlist)), common.force);
  if (common.json) {
    io::Json json;
    json["elements"] = netlist.elements;
    json["subcircuits"] = netlist.subcircuits;
    json["map"] = map_json(netlist);
    if (common.output.empty()) json["text"] = netlist.text;
    print(io::json_text(json));
  } else if (common.output.empty()) {
    print(netlist.text);
  } else if (!common.quiet) {
    print(fmt::format("{}: {} elements, {} subcircuits, {} banks\n", common.output, netlist.elements,
                      netlist.subcircuits, netlist.banks.size()));
  }
  return done;
}

}  // namespace

void add_netlist(CommandLine& line) {
  const auto arguments = std::make_shared<Arguments>();
  Command command = line.add("netlist", "export a design as SPICE", "the netlist; without it the text goes to stdout",
                             "ohmset netlist layer -o layer.cir",
                             [arguments](const Common& common) { return run(*arguments, common); });
  command.positional("DESIGN", arguments->design, "a bank's design.json or a crossbar design's folder");
  command.choice("--dialect", {"ngspice", "xyce", "ltspice"}, arguments->dialect,
                 "the simulator it is for [ngspice]; only ngspice is run here");
  command.choice("--switch", {"resistor", "sw"}, arguments->switches,
                 "switches as resistors or voltage-controlled ones [resistor]");
  command.flag("--flat", arguments->flat, "no subcircuits");
  command.whole("--result", arguments->result, "which result of a bank design, from 0 [0]");
  command.text("--map", "FILE", arguments->map, "write where each bank and device went, as JSON");
  add_wire_options(command, arguments->wires);
}

}  // namespace ohmset::cli
