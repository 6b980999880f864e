// Where a run of passes stands: all that has to be known to go on, and that as bytes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "design/monte_carlo/pass.h"

namespace ohmset::mc {

// What earlier passes have found out.
struct Found {
  std::vector<Record> series{};
  std::vector<std::vector<Wanted>> wanted{};  // per series, ascending ranks; from when the number of samples is settled
  std::vector<std::vector<double>> all{};     // per series: all values, where that is what is kept
  std::vector<Histogram> histograms{};        // per series
  bool narrow_enough = true;
};

struct Standing {
  Found found{};
  Pass pass{};
  bool finished = false;  // there is no pass at hand
  Done done{};
};

// `identity` is the digest of the experiment and its options.
[[nodiscard]] std::string bytes_of(const Standing& standing, std::uint64_t identity);
// Throws Error{input} when the bytes are damaged or of another identity.
[[nodiscard]] Standing standing_of(std::string_view bytes, std::uint64_t identity);
[[nodiscard]] std::uint64_t identity_of(const Experiment& experiment, const MonteCarloOptions& options);

}  // namespace ohmset::mc
