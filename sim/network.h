// A resistor network as a value: nodes, resistors, sources. Knows nothing of how it is solved.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "sim/units.h"

namespace ohmset {

using Node = std::size_t;  // index; node 0 is ground

// A resistor from a to b; positive current flows from a to b. 0 ohm merges its nodes, infinity is no branch.
struct Branch {
  std::string name{};
  Node a = 0;
  Node b = 0;
  Ohm resistance{0.0};
};

// v(plus) - v(minus) = voltage. Positive current flows from plus through the source to minus, as SPICE counts it.
struct VoltageSource {
  std::string name{};
  Node plus = 0;
  Node minus = 0;
  Volt voltage{0.0};
};

// Drives `current` from `from` through the source into `to`, as SPICE's I element does.
struct CurrentSource {
  std::string name{};
  Node from = 0;
  Node to = 0;
  Ampere current{0.0};
};

// Two terminals between which a resistance is asked for.
struct Port {
  Node a = 0;
  Node b = 0;
};

class Network {
 public:
  Network();  // holds ground, named "0"

  // A new node. Names are unique; an empty name becomes "n<index>" (with underscores when that is taken). Throws
  // std::invalid_argument on a second use.
  Node add_node(std::string name = {});
  // The node of that name, made when it is new.
  Node node(std::string_view name);
  [[nodiscard]] std::optional<Node> find(std::string_view name) const;

  // Each returns the index of the new element. requires r >= 0 (inf allowed), existing nodes, finite sources
  std::size_t add_resistor(std::string name, Node a, Node b, Ohm resistance);
  std::size_t add_voltage_source(std::string name, Node plus, Node minus, Volt voltage);
  std::size_t add_current_source(std::string name, Node from, Node to, Ampere current);
  void set_resistance(std::size_t branch, Ohm resistance);

  [[nodiscard]] std::size_t node_count() const;
  [[nodiscard]] const std::string& node_name(Node node) const;
  [[nodiscard]] std::span<const Branch> branches() const;
  [[nodiscard]] std::span<const VoltageSource> voltage_sources() const;
  [[nodiscard]] std::span<const CurrentSource> current_sources() const;

  // The same circuit with independent sources zeroed: voltage sources become 0 ohm branches, current sources vanish.
  [[nodiscard]] Network without_sources() const;

 private:
  struct NameHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view name) const { return std::hash<std::string_view>{}(name); }
  };

  std::vector<std::string> names_{};
  std::unordered_map<std::string, Node, NameHash, std::equal_to<>> nodes_{};
  std::vector<Branch> branches_{};
  std::vector<VoltageSource> voltage_sources_{};
  std::vector<CurrentSource> current_sources_{};
};

}  // namespace ohmset
