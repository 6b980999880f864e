// Conductances between the few terminals that a search over switches sees.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "sim/switched_network.h"

namespace ohmset::switched {

// A switch between two terminals, still to be decided. `high` is its larger conductance (siemens, may be infinite),
// `low` the smaller (may be 0).
struct Contact {
  std::size_t p = 0;
  std::size_t q = 0;
  double high = 0.0;
  double low = 0.0;
  std::size_t index = 0;  // among the network's switches
  bool high_is_closed = true;
};

// Symmetric; the diagonal means nothing. Terminals 0 and 1 are the port, and never go.
class Mesh {
 public:
  Mesh() = default;
  explicit Mesh(std::size_t nodes) : nodes_(nodes), stride_(nodes), conductance_(nodes * nodes, 0.0) {}

  [[nodiscard]] std::size_t size() const { return nodes_; }
  [[nodiscard]] double between(std::size_t p, std::size_t q) const { return row(p)[q]; }
  void add(std::size_t p, std::size_t q, double g) {
    row(p)[q] += g;
    row(q)[p] += g;
  }

  // A copy of `other` in the memory that is there.
  void assign(const Mesh& other);
  // Star-mesh: the terminal goes, and the last one takes its number. requires terminal >= 2
  void eliminate(std::size_t terminal);
  // q becomes p, and the last terminal takes q's number. requires p != q, q >= 2
  void merge(std::size_t p, std::size_t q);

  // The conductance between the port's terminals with every contact at its high or low conductance; infinite when they
  // are joined. `scratch` is memory for it.
  [[nodiscard]] double between_ports(std::span<const Contact> contacts, bool high, Mesh& scratch) const;

 private:
  [[nodiscard]] double* row(std::size_t p) { return conductance_.data() + p * stride_; }
  [[nodiscard]] const double* row(std::size_t p) const { return conductance_.data() + p * stride_; }
  void join(std::size_t kept, std::size_t gone);
  void remove(std::size_t terminal);
  double reduce();

  std::size_t nodes_ = 0;
  std::size_t stride_ = 0;
  std::vector<double> conductance_{};
};

// A network with its port and its switches, seen from their terminals alone.
struct Terminals {
  Mesh mesh{};
  std::vector<Contact> contacts{};
  std::vector<std::size_t> idle{};  // switches whose state changes nothing
  bool shorted = false;             // the port's nodes are one, whatever the switches do
};

// requires sources zeroed
[[nodiscard]] Terminals terminals_of(const SwitchedNetwork& switched, Port port);

}  // namespace ohmset::switched
