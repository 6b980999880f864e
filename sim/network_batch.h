// One small network solved for millions of sets of resistances: Monte Carlo of cells, banks behind their wires.
//
// The order of the star-mesh elimination depends on the topology alone, so it is worked out once, by least fill, and
// becomes a list of sums and products that runs on eight instances at a time. Nothing is subtracted: a resistance comes
// out accurate to a few roundings for each node, whatever the spread of its parts.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "sim/network.h"
#include "sim/simd.h"

namespace ohmset {

class NetworkProgram {
 public:
  static constexpr std::size_t most_nodes = 256;  // meant for up to about 64

  // Takes the network's topology: its branches, in their order. Voltage sources are shorts, current sources opens.
  // Throws std::invalid_argument for ports without existing nodes and for more than most_nodes nodes.
  NetworkProgram(const Network& network, std::span<const Port> ports, Simd simd = chosen_simd());
  ~NetworkProgram();
  NetworkProgram(const NetworkProgram&) = delete;
  NetworkProgram& operator=(const NetworkProgram&) = delete;
  NetworkProgram(NetworkProgram&&) noexcept;
  NetworkProgram& operator=(NetworkProgram&&) noexcept;

  [[nodiscard]] std::size_t branches() const;
  [[nodiscard]] std::size_t ports() const;
  // The nodes of the ports in the order of their first mention.
  [[nodiscard]] std::span<const Node> terminals() const;

  enum class Given : unsigned char { resistances, conductances };
  // values: instances x branches, row by row, in ohm or siemens; 0 and infinity allowed, and below 2^-400 or above
  // 2^400 (1e-120, 1e120) taken for them. out: instances x ports, ohm: 0 for shorted ports, infinity for open ones.
  // The same bits from any instruction set and any number of threads. Throws std::invalid_argument for spans of other
  // sizes and for values that are negative or not numbers.
  void run(std::span<const double> values, std::span<double> out, Given given = Given::resistances) const;
  // The network seen from its terminals: instances x pairs (0,1), (0,2), ..., (1,2), ... of terminals(), siemens
  // between the two; infinity for joined ones. Terminals that are shorted together share what leaves them.
  void reduce(std::span<const double> values, std::span<double> out, Given given = Given::resistances) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ohmset
