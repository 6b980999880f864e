// What a bank looks like in SPICE: its elements and nodes apart from their values, and which nodes of one bank are one.
//
// A device stays in the text whether it is inserted or not. Ideal contacts are pins of the subcircuit: a closed one is
// tied to the node it leads to, an open one to a node of its own, so that all configurations share one definition.
//
//   switch            in series with device k (A to B)             bypass across device k (A to B)
//   on 0, off inf     r A-t, pin t; closed: t is B                 r A-B; closed: A is B
//   on > 0, off inf   r A-t, rs t-u, pin u; closed: u is B         r A-B, rs A-u, pin u; closed: u is B
//   on 0, off finite  r A-t, rs t-B, pin t; closed: t is B         r A-B, rs A-B; closed: A is B
//   both finite       r A-t, rs t-B, its value on or off           r A-B, rs A-B, its value on or off
//
// An open device is left out; a shorted one joins its ends.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "netlists/spice_writer.h"
#include "sim/bank_array.h"

namespace ohmset::spice {

// One device and its switch, in the state they are in.
struct Leaf {
  double resistance = 0.0;  // ohm; 0: shorted, inf: open
  double on = 0.0;
  double off = infinity;
  bool closed = false;  // the switch
  double tc1 = 0.0;
  double tc2 = 0.0;
};

// A node or an element: "t" and 2 stand for t2, in an array for t3_5_2.
struct LocalName {
  std::string_view stem{};
  std::size_t index = 0;
};

struct LocalNode {
  LocalName name{};
  bool pin = false;
};

enum class PartKind : unsigned char {
  device,      // r
  contact,     // rs: the switch as a resistor of the state's value
  controlled,  // s: a voltage-controlled switch
};

struct Part {
  PartKind kind = PartKind::device;
  std::size_t device = 0;
  std::size_t a = 0;
  std::size_t b = 0;
  std::size_t control = 0;  // node, of a controlled switch
};

// These two nodes are one: always, or when the switch of that device is closed.
struct Tie {
  std::size_t a = 0;
  std::size_t b = 0;
  bool always = false;
  std::size_t device = 0;
};

inline constexpr std::size_t node_p = 0;
inline constexpr std::size_t node_n = 1;

struct Shape {
  std::vector<LocalNode> nodes{};  // p, n, then the others
  std::vector<Part> parts{};
  std::vector<Tie> ties{};
  bool may_float = false;  // whether nodes between groups can lose every path
};

// What decides a shape: equal keys, equal shapes (for one topology and one switch model).
[[nodiscard]] std::string shape_key(std::span<const Leaf> leaves, SwitchModel switches);
[[nodiscard]] Shape shape_of(const Topology& topology, const std::vector<bool>& bypassed, std::span<const Leaf> leaves,
                             SwitchModel switches);

// For every node the first of the nodes that are one with it; islands become one with p, where they change nothing.
// n with representative p: the bank is shorted.
[[nodiscard]] std::vector<std::size_t> representatives(const Shape& shape, std::span<const Leaf> leaves);

// The devices of a bank or of one bank of an array, switches as they are, stuck ones as they are stuck.
[[nodiscard]] std::vector<Leaf> leaves_of(const Bank& bank, const Configuration& configuration,
                                          const std::vector<bool>& bypassed);
[[nodiscard]] std::vector<Leaf> leaves_of(const BankArray& array, std::size_t word, std::size_t bit,
                                          const std::vector<bool>& bypassed);

}  // namespace ohmset::spice
