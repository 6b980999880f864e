// Banks as text: a definition per shape and an instance per bank, or every element by itself.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "netlists/spice_writer.h"
#include "netlists/spice_writer/shape.h"

namespace ohmset::spice {

class BankText {
 public:
  // `shared`: the contact of every switch, when all are alike. One model then serves all voltage-controlled switches,
  // which simulators load far faster than a model per instance.
  BankText(const Topology& topology, const NetlistOptions& options, std::optional<Switch> shared);

  // Appends one bank. `place` tells its names from others': "3_5" in an array, "" for a bank alone. p and n: its
  // terminals. Throws Error{input} when its switches cannot be written as the options want.
  [[nodiscard]] NetlistBank add(std::string_view place, const std::string& p, const std::string& n,
                                std::span<const Leaf> leaves);

  [[nodiscard]] const std::vector<bool>& bypassed() const { return bypassed_; }
  [[nodiscard]] std::string definitions() const;  // models and subcircuits
  [[nodiscard]] const std::string& body() const { return body_; }
  [[nodiscard]] std::size_t subcircuits() const { return shapes_.size(); }
  [[nodiscard]] std::size_t elements() const { return elements_; }
  [[nodiscard]] bool needs_rail() const { return rail_; }  // node "von" at 1 V

 private:
  struct Known {
    Shape shape{};
    std::string subcircuit{};
    std::vector<std::string> parameters{};  // " r0=", in the order of their values
  };
  const Known& known_shape(std::span<const Leaf> leaves);
  void define(Known& known, std::span<const Leaf> leaves);
  void write_instance(const Known& known, std::string_view place, const std::vector<std::string>& names,
                      std::span<const Leaf> leaves);
  void write_flat(const Known& known, std::string_view place, const std::vector<std::string>& names,
                  std::span<const Leaf> leaves);

  const Topology& topology_;
  NetlistOptions options_;
  std::optional<Switch> shared_;
  std::vector<bool> bypassed_;
  std::unordered_map<std::string, Known> shapes_{};
  std::string definitions_{};
  std::string body_{};
  std::size_t elements_ = 0;
  bool rail_ = false;
};

}  // namespace ohmset::spice
