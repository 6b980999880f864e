// What `ohmset lottery` found, as JSON and for people.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "design/lottery.h"
#include "sim/matrix.h"
#include "tools/cli/lottery/arguments.h"
#include "tools/io/json.h"

namespace ohmset::cli {

// The pruned network and the layer on the inputs of a file.
struct GivenRun {
  std::string path{};
  Matrix outputs{};  // batch x outputs
  Matrix layer_outputs{};
  [[nodiscard]] double error_max() const;
  [[nodiscard]] double output_max() const;  // of the layer
};

struct LotteryAnswer {
  Layer layer{};
  Ticket ticket{};
  TicketSummary summary{};
  ForwardCheck forward{};
  std::optional<std::size_t> unreached{};  // weights beyond --fewest-within, where it was asked for
  std::optional<GivenRun> given{};
  double seconds = 0.0;          // of the choice
  double forward_seconds = 0.0;  // of the run on random inputs
};

// Weights whose error is above `within`, in either branch.
[[nodiscard]] std::size_t unreached_weights(const Layer& layer, const Ticket& ticket, double within);

// Without times: the same for the same question.
[[nodiscard]] io::Json json_report(const LotteryQuestion& question, const LotteryAnswer& answer);
[[nodiscard]] std::string people_report(const LotteryQuestion& question, const LotteryAnswer& answer);

}  // namespace ohmset::cli
