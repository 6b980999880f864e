// CHOLMOD's fill-reducing orderings (AMD, METIS) and its supernodal symbolic analysis.
// SPDX-License-Identifier: Apache-2.0
#include "sim/laplacian/analysis.h"

#include <numeric>

#include "sim/laplacian/cholmod.h"

namespace ohmset::laplacian {

namespace {

// Below this many nodes one dense block is quicker than any analysis.
constexpr std::size_t dense_nodes = 24;

Supernodes one_block(std::size_t nodes, std::span<const std::size_t> order) {
  Supernodes all;
  all.node_at.assign(order.begin(), order.end());
  if (order.empty()) {
    all.node_at.resize(nodes);
    std::iota(all.node_at.begin(), all.node_at.end(), std::size_t{0});
  }
  all.first = {0};
  all.begin = {0};
  if (nodes > 0) {
    all.first.push_back(nodes);
    all.begin.push_back(nodes);
    all.parent.push_back(none);
  }
  all.rows.resize(nodes);
  std::iota(all.rows.begin(), all.rows.end(), std::size_t{0});
  return all;
}

void find_parents(Supernodes& supernodes) {
  const std::size_t count = supernodes.first.size() - 1;
  std::vector<std::size_t> owner(supernodes.first.back());
  for (std::size_t s = 0; s < count; ++s) {
    for (std::size_t p = supernodes.first[s]; p < supernodes.first[s + 1]; ++p) owner[p] = s;
  }
  supernodes.parent.assign(count, none);
  for (std::size_t s = 0; s < count; ++s) {
    const std::size_t above = supernodes.begin[s] + (supernodes.first[s + 1] - supernodes.first[s]);
    if (above < supernodes.begin[s + 1]) supernodes.parent[s] = owner[supernodes.rows[above]];
  }
}

}  // namespace

double Supernodes::bytes() const {
  double entries = 0.0;
  for (std::size_t s = 0; s < count(); ++s) {
    entries += static_cast<double>(begin[s + 1] - begin[s]) * static_cast<double>(first[s + 1] - first[s]);
  }
  return entries * sizeof(double);
}

// A node with r rows below it updates a triangle of r^2 / 2 conductances, two operations each.
double Supernodes::operations() const {
  double sum = 0.0;
  for (std::size_t s = 0; s < count(); ++s) {
    const auto height = static_cast<double>(begin[s + 1] - begin[s]);
    const auto own = static_cast<double>(first[s + 1] - first[s]);
    sum += own * (height * height - height * own + own * own / 3.0);
  }
  return sum;
}

Supernodes analyse(std::size_t nodes, std::span<const Edge> edges, std::span<const std::size_t> order) {
  if (nodes <= dense_nodes) return one_block(nodes, order);
  Cholmod cholmod;
  cholmod_common* common = cholmod.get();
  common->supernodal = CHOLMOD_SUPERNODAL;
  const Cholmod::Sparse pattern = cholmod.pattern(nodes, edges, true);
  std::vector<SuiteSparse_long> given(order.begin(), order.end());
  if (!given.empty()) {
    common->nmethods = 1;
    common->method[0].ordering = CHOLMOD_GIVEN;
  }
  const Cholmod::Factor factor(
      cholmod_l_analyze_p(pattern.get(), given.empty() ? nullptr : given.data(), nullptr, 0, common), common);

  Supernodes result;
  const auto* permutation = static_cast<const SuiteSparse_long*>(factor->Perm);
  const auto* super = static_cast<const SuiteSparse_long*>(factor->super);
  const auto* start = static_cast<const SuiteSparse_long*>(factor->pi);
  const auto* index = static_cast<const SuiteSparse_long*>(factor->s);
  result.node_at.assign(permutation, permutation + nodes);
  result.first.assign(super, super + factor->nsuper + 1);
  result.begin.assign(start, start + factor->nsuper + 1);
  result.rows.assign(index, index + result.begin.back());
  find_parents(result);
  return result;
}

}  // namespace ohmset::laplacian
