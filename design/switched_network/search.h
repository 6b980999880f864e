// Every configuration of the switches between terminals that can be among the nearest to a target.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "design/switched_network/mesh.h"
#include "design/switched_network/pool.h"

namespace ohmset::switched {

struct Question {
  double target = 0.0;
  bool siemens = false;  // the target is a conductance
  std::size_t switches = 0;
  std::size_t wanted = 1;
  double within = infinity;  // absolute
  std::size_t at_most = 0;
  std::optional<double> time_limit{};  // seconds
};

struct Answer {
  std::vector<Candidate> candidates{};  // best first
  bool finished = true;                 // nothing that could be nearer was left unvisited
  double unvisited = infinity;          // what was left unvisited errs by at least this
  double lowest = 0.0;                  // what all configurations lie between
  double highest = 0.0;
  std::uint64_t visited = 0;
  bool walked = false;  // walks helped to find the candidates
};

[[nodiscard]] Answer search(const Terminals& terminals, const Question& question, Solve solve);

}  // namespace ohmset::switched
