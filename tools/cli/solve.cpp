// ohmset solve: Kirchhoff's laws on a SPICE netlist of resistors and sources.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "netlists/spice_reader.h"
#include "sim/error.h"
#include "sim/nodal.h"
#include "tools/cli/command_line.h"
#include "tools/cli/node_name.h"
#include "tools/cli/report.h"
#include "tools/io/file.h"
#include "tools/io/json.h"

namespace ohmset::cli {
namespace {

constexpr std::size_t most_shown = 40;

struct Arguments {
  std::string file{};
  std::vector<std::string> between{};
  bool operating_point = false;
  std::string method = "automatic";
};

struct Solved {
  std::vector<BoundedResistance> ports{};
  std::optional<OperatingPoint> point{};
  double seconds = 0.0;
};

io::Json ports_json(const Arguments& arguments, const Solved& solved) {
  io::Json ports = io::Json::array();
  for (std::size_t k = 0; k < solved.ports.size(); ++k) {
    io::Json port;
    port["between"] = arguments.between[k];
    port["effective_resistance_ohm"] = io::json_number(solved.ports[k].resistance.value);
    port["error_bound_ohm"] = io::json_number(solved.ports[k].error_bound);
    port["method"] = name_of(solved.ports[k].method);
    ports.push_back(std::move(port));
  }
  return ports;
}

// A member of an object whose names are known to differ: looking for each among the others would take n^2 steps.
void append(io::Json::object_t& object, const std::string& name, io::Json value) {
  static_cast<io::Json::object_t::Container&>(object).emplace_back(name, std::move(value));
}

io::Json element_json(double current, double power) {
  io::Json element;
  element["current"] = io::json_number(current);
  element["power"] = io::json_number(power);
  return element;
}

io::Json branches_json(const Network& network, const OperatingPoint& point) {
  const auto voltage = [&](Node node) { return point.node_voltages[node]; };
  io::Json::object_t branches;
  for (std::size_t k = 0; k < network.branches().size(); ++k) {
    append(branches, network.branches()[k].name, element_json(point.branch_currents[k], point.branch_powers[k]));
  }
  for (std::size_t k = 0; k < network.voltage_sources().size(); ++k) {
    const VoltageSource& source = network.voltage_sources()[k];
    const double current = point.voltage_source_currents[k];
    append(branches, source.name, element_json(current, current * source.voltage.value));
  }
  for (const CurrentSource& source : network.current_sources()) {
    const double current = source.current.value;
    append(branches, source.name, element_json(current, current * (voltage(source.from) - voltage(source.to))));
  }
  return branches;
}

io::Json nodes_json(const Network& network, const OperatingPoint& point) {
  io::Json::object_t nodes;
  for (Node node = 0; node < network.node_count(); ++node) {
    append(nodes, network.node_name(node), io::json_number(point.node_voltages[node]));
  }
  return nodes;
}

io::Json document(const Arguments& arguments, const Network& network, const Solved& solved) {
  io::Json json;
  json["ports"] = ports_json(arguments, solved);
  json["nodes"] = io::Json::object();
  json["branches"] = io::Json::object();
  if (solved.point) {
    json["nodes"] = nodes_json(network, *solved.point);
    json["branches"] = branches_json(network, *solved.point);
    json["error_bound"] = io::json_number(solved.point->error_bound);
    json["method"] = name_of(solved.point->method);
  }
  json["seconds"] = solved.seconds;
  return json;
}

std::string cut(const std::vector<std::vector<std::string>>& rows) {
  if (rows.size() <= most_shown + 1) return table(rows);
  const auto shown = static_cast<std::ptrdiff_t>(most_shown) + 1;
  return table({rows.begin(), rows.begin() + shown}) +
         fmt::format("... and {} more: --json lists all\n", rows.size() - most_shown - 1);
}

std::string people_table(const Arguments& arguments, const Network& network, const Solved& solved) {
  std::string text;
  if (!solved.ports.empty()) {
    std::vector<std::vector<std::string>> rows = {{"between", "effective resistance", "error at most"}};
    for (std::size_t k = 0; k < solved.ports.size(); ++k) {
      rows.push_back({arguments.between[k], format_engineering(solved.ports[k].resistance, 12),
                      format_engineering(Ohm{solved.ports[k].error_bound}, 2)});
    }
    text += cut(rows);
  }
  if (solved.point) {
    const OperatingPoint& point = *solved.point;
    const auto shown = [](double value, std::string_view unit) {
      return std::isnan(value) ? "floating" : format_engineering(value, unit, 8);
    };
    std::vector<std::vector<std::string>> nodes = {{"node", "voltage"}};
    for (Node node = 1; node < network.node_count(); ++node) {
      nodes.push_back({network.node_name(node), shown(point.node_voltages[node], "V")});
    }
    std::vector<std::vector<std::string>> branches = {{"element", "current", "power"}};
    for (std::size_t k = 0; k < network.branches().size(); ++k) {
      branches.push_back(
          {network.branches()[k].name, shown(point.branch_currents[k], "A"), shown(point.branch_powers[k], "W")});
    }
    for (std::size_t k = 0; k < network.voltage_sources().size(); ++k) {
      const VoltageSource& source = network.voltage_sources()[k];
      const double current = point.voltage_source_currents[k];
      branches.push_back({source.name, shown(current, "A"), shown(current * source.voltage.value, "W")});
    }
    text += cut(nodes) + "\n" + cut(branches);
  }
  return text + seconds_text(solved.seconds) + "\n";
}

int run(const Arguments& arguments, const Common& common) {
  if (!common.output.empty()) io::check_output(common.output, common.force);
  const SpiceDeck deck = read_spice(io::read_file(arguments.file), arguments.file);
  const Network network = to_network(deck, arguments.file);
  std::vector<Port> ports;
  for (const std::string& between : arguments.between) {
    const auto [a, b] = pair_of("--between", between, ',');
    ports.push_back({.a = node_named(network, a, arguments.file), .b = node_named(network, b, arguments.file)});
  }

  SolveOptions options;
  for (const SolveMethod method : {SolveMethod::elimination, SolveMethod::conjugate_gradients}) {
    if (arguments.method == name_of(method)) options.method = method;
  }
  Solved solved;
  const Stopwatch watch;
  try {
    if (!ports.empty()) solved.ports = PortSolver(network, options).bounded_resistances(ports);
    if (arguments.operating_point || ports.empty()) solved.point = operating_point(network, options);
  } catch (const Error& error) {
    throw input_error(Where{arguments.file}, error.what());
  }
  solved.seconds = watch.seconds();

  if (!common.output.empty()) {
    io::write_file(common.output, io::json_text(document(arguments, network, solved)), common.force);
  }
  if (common.json) {
    print(io::json_text(document(arguments, network, solved)));
  } else if (!common.quiet) {
    print(people_table(arguments, network, solved));
  }
  return done;
}

}  // namespace

void add_solve(CommandLine& line) {
  const auto arguments = std::make_shared<Arguments>();
  Command command = line.add("solve", "Kirchhoff's laws on a SPICE resistor netlist", "the answers as JSON",
                             "ohmset solve bridge.cir --between a,b",
                             [arguments](const Common& common) { return run(*arguments, common); });
  command.positional("FILE", arguments->file, "SPICE netlist of R, V, I, S and X elements, up to millions of them");
  command.texts("--between", "A,B", arguments->between,
                "effective resistance between two nodes and its error bound, sources zeroed; repeatable");
  command.flag("--op", arguments->operating_point,
               "operating point: all voltages, currents and powers [when there is no --between]");
  command.choice("--method", {"automatic", "elimination", "conjugate-gradients"}, arguments->method,
                 "how [automatic: elimination, or conjugate gradients to a proven bound where it would be too large]");
}

}  // namespace ohmset::cli
