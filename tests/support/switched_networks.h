// Random switched networks for tests: grids, and any graph with everything that may go wrong in one.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "sim/switched_network.h"

namespace ohmset::support {

using Generator = std::mt19937_64;

inline double between(Generator& random, double low, double high) {
  return std::uniform_real_distribution<double>(low, high)(random);
}
inline std::size_t below(Generator& random, std::size_t limit) {
  return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random);
}

struct Asked {
  SwitchedNetwork switched{};
  Port port{};
};

enum class Ends { ideal, real, mixed };

inline SwitchBranch contact(Generator& random, std::size_t branch, Ends ends) {
  const double on = std::exp(between(random, 0.0, 4.0));
  const double off = std::exp(between(random, 10.0, 20.0));
  const bool ideal_on = ends == Ends::ideal || (ends == Ends::mixed && below(random, 2) == 0);
  const bool ideal_off = ends == Ends::ideal || (ends == Ends::mixed && below(random, 2) == 0);
  SwitchBranch made{.branch = branch, .on = Ohm{ideal_on ? 0.0 : on}, .off = Ohm{ideal_off ? infinity : off}};
  if (ends == Ends::mixed && below(random, 8) == 0) std::swap(made.on, made.off);
  return made;
}

// Side by side nodes; `switches` of the branches are switches, the others resistors over two decades.
inline Asked grid(Generator& random, std::size_t side, std::size_t switches, Ends ends) {
  Asked asked;
  std::vector<Node> nodes;
  for (std::size_t k = 0; k < side * side; ++k) nodes.push_back(asked.switched.network.add_node());
  std::vector<std::pair<Node, Node>> pairs;
  for (std::size_t i = 0; i < side; ++i) {
    for (std::size_t j = 0; j < side; ++j) {
      if (j + 1 < side) pairs.emplace_back(nodes[i * side + j], nodes[i * side + j + 1]);
      if (i + 1 < side) pairs.emplace_back(nodes[i * side + j], nodes[(i + 1) * side + j]);
    }
  }
  std::shuffle(pairs.begin(), pairs.end(), random);
  for (std::size_t k = 0; k < pairs.size(); ++k) {
    const std::size_t branch = asked.switched.network.add_resistor(
        "r" + std::to_string(k), pairs[k].first, pairs[k].second, Ohm{std::exp(between(random, 0.0, 4.6))});
    if (k < switches) asked.switched.switches.push_back(contact(random, branch, ends));
  }
  asked.port = {.a = nodes.front(), .b = nodes.back()};
  return asked;
}

// Any graph: parallel branches, self-loops, islands, shorts and opens among the fixed branches.
inline Asked anything(Generator& random, std::size_t nodes, std::size_t branches, std::size_t switches, Ends ends) {
  Asked asked;
  for (std::size_t k = 1; k < nodes; ++k) asked.switched.network.add_node();
  for (std::size_t k = 0; k < branches + switches; ++k) {
    const std::size_t kind = below(random, 12);
    const double r = kind == 0 ? 0.0 : kind == 1 ? infinity : std::exp(between(random, 0.0, 7.0));
    const std::size_t branch = asked.switched.network.add_resistor("r" + std::to_string(k), below(random, nodes),
                                                                   below(random, nodes), Ohm{r});
    if (k >= branches) asked.switched.switches.push_back(contact(random, branch, ends));
  }
  asked.port = {.a = 0, .b = 1};
  return asked;
}

}  // namespace ohmset::support
