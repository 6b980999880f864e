// Any network: nodes and elements under their own names, as far as SPICE allows.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <iterator>
#include <numeric>
#include <unordered_set>

#include "netlists/spice_writer/frame.h"

namespace ohmset {
namespace {

// Names that SPICE takes, each given once.
class Names {
 public:
  // Lower case letters, digits and "_", opened by `prefix` where the name does not begin with it ("": anything goes).
  std::string make(const std::string& wanted, std::string_view prefix) {
    std::string name;
    for (const char c : wanted) {
      const auto byte = static_cast<unsigned char>(c);
      const bool plain = byte < 0x80 && std::isalnum(byte) != 0;
      name += plain ? static_cast<char>(std::tolower(byte)) : '_';
    }
    if (!name.starts_with(prefix)) name.insert(0, prefix);
    if (name.empty() || name.front() == '_') name.insert(0, prefix.empty() ? "n" : prefix);
    if (name == "gnd" || (prefix.empty() && name == "0")) name += "_node";
    std::string unique = name;
    for (std::size_t i = 2; !taken_.insert(unique).second; ++i) unique = fmt::format("{}_{}", name, i);
    return unique;
  }

 private:
  std::unordered_set<std::string> taken_{};
};

// The first of the nodes that 0 ohm branches join with each node.
std::vector<Node> joined_nodes(const Network& network) {
  std::vector<Node> first(network.node_count());
  std::iota(first.begin(), first.end(), Node{0});
  const auto find = [&](Node node) {
    while (first[node] != node) node = first[node] = first[first[node]];
    return node;
  };
  for (const Branch& branch : network.branches()) {
    if (branch.resistance.value != 0.0) continue;
    const Node a = find(branch.a);
    const Node b = find(branch.b);
    first[std::max(a, b)] = std::min(a, b);
  }
  for (Node node = 0; node < first.size(); ++node) first[node] = find(node);
  return first;
}

}  // namespace

Netlist write_network(const Network& network, const NetlistOptions& options) {
  spice::check(options);
  NetlistOptions used = options;
  used.flat = true;
  Netlist netlist;
  std::string& text = netlist.text;
  text = spice::header(used);

  const std::vector<Node> joined = joined_nodes(network);
  Names node_names;
  std::vector<std::string> nodes(network.node_count());
  if (!nodes.empty()) nodes[0] = "0";
  for (Node node = 1; node < nodes.size(); ++node) {
    if (joined[node] != node) continue;
    nodes[node] = node_names.make(network.node_name(node), "");
  }
  const auto name_of = [&](Node node) -> const std::string& { return nodes[joined[node]]; };
  Names names;
  const auto add = [&](std::string_view kind, const std::string& name, Node a, Node b, double value) {
    fmt::format_to(std::back_inserter(text), "{} {} {} {:.17g}\n", names.make(name, kind), name_of(a), name_of(b),
                   value);
    ++netlist.elements;
  };
  std::string source;
  double volt = 0.0;
  for (const VoltageSource& v : network.voltage_sources()) {
    add("v", v.name, v.plus, v.minus, v.voltage.value);
    if (source.empty()) {
      source = Names{}.make(v.name, "v");
      volt = v.voltage.value;
    }
  }
  for (const CurrentSource& i : network.current_sources()) add("i", i.name, i.from, i.to, i.current.value);
  for (const Branch& branch : network.branches()) {
    const double r = branch.resistance.value;
    if (r > 0.0 && r != infinity) add("r", branch.name, branch.a, branch.b, r);
  }
  text += spice::footer(used.dialect, source, volt);
  return netlist;
}

}  // namespace ohmset
