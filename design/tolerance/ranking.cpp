// Which coordinates of a sample's point decide most.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>
#include <numeric>

#include "design/tolerance.h"
#include "design/tolerance/sensitivities.h"

namespace ohmset {

std::vector<std::uint32_t> ranking(const BankSamples& samples) {
  const BankQuestion& question = samples.question();
  const tolerance::Making making(question);
  const std::vector<Variable>& variables = making.variables();
  std::vector<double> shares(variables.size(), 0.0);
  for (std::size_t aim = 0; aim < question.aims.size(); ++aim) {
    for (std::size_t condition = 0; condition < question.conditions.size(); ++condition) {
      for (const Sensitivity& each : tolerance::first_order(making, aim, condition)) {
        const Variable& variable = each.variable;
        double& share = shares[making.coordinate(variable.cause, variable.device, variable.condition)];
        share = std::max(share, each.share);
      }
    }
  }
  std::vector<std::uint32_t> order(variables.size());
  std::iota(order.begin(), order.end(), std::uint32_t{0});
  std::ranges::stable_sort(order, [&](std::uint32_t a, std::uint32_t b) { return shares[a] > shares[b]; });
  return order;
}

}  // namespace ohmset
