// SPDX-License-Identifier: Apache-2.0
#include "design/monte_carlo/layout.h"

#include <algorithm>

namespace ohmset::mc {
namespace {

constexpr std::uint64_t most_blocks = 1024;

std::uint64_t divided(std::uint64_t count, std::uint64_t by) { return (count + by - 1) / by; }

}  // namespace

std::uint64_t Layout::first_of(std::size_t b) const {
  if (per_replicate == 1) return from + b * block;
  return from + b / per_replicate * replicate + b % per_replicate * block;
}

std::uint64_t Layout::last_of(std::size_t b) const {
  if (per_replicate == 1) return std::min(to, from + (b + 1) * block);
  const std::uint64_t start = from + b / per_replicate * replicate;
  return std::min(start + replicate, start + (b % per_replicate + 1) * block);
}

Layout layout(std::uint64_t from, std::uint64_t to, std::uint64_t replicate, std::size_t together) {
  Layout plan{.from = from, .to = to, .replicate = replicate};
  const std::uint64_t count = to - from;
  if (replicate == 0) {
    plan.block = divided(divided(count, most_blocks), together) * together;
    plan.blocks = static_cast<std::size_t>(divided(count, plan.block));
    return plan;
  }
  const std::uint64_t replicates = count / replicate;
  const std::uint64_t parts = std::min(most_blocks / std::min(replicates, most_blocks), divided(replicate, together));
  if (parts > 1) {
    plan.block = divided(divided(replicate, parts), together) * together;
    plan.per_replicate = static_cast<std::size_t>(divided(replicate, plan.block));
  }
  if (plan.per_replicate > 1) {
    plan.blocks = static_cast<std::size_t>(replicates) * plan.per_replicate;
  } else {
    plan.block = divided(replicates, most_blocks) * replicate;
    plan.blocks = static_cast<std::size_t>(divided(count, plan.block));
  }
  return plan;
}

}  // namespace ohmset::mc
