// SPDX-License-Identifier: Apache-2.0
#include "tools/cli/lottery/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tools/cli/lottery/ticket_folder.h"
#include "tools/cli/report.h"

namespace ohmset::cli {

double GivenRun::error_max() const {
  double largest = 0.0;
  for (Eigen::Index k = 0; k < outputs.size(); ++k) {
    largest = std::max(largest, std::abs(outputs.data()[k] - layer_outputs.data()[k]));
  }
  return largest;
}

double GivenRun::output_max() const {
  double largest = 0.0;
  for (Eigen::Index k = 0; k < layer_outputs.size(); ++k) {
    largest = std::max(largest, std::abs(layer_outputs.data()[k]));
  }
  return largest;
}

std::size_t unreached_weights(const Layer& layer, const Ticket& ticket, double within) {
  std::size_t count = 0;
  for (std::size_t k = 0; k < layer.weights.size(); ++k) {
    const auto beyond = [&](double achieved) { return std::abs(achieved - layer.weights[k]) > within; };
    const bool negative = !ticket.achieved_negative.empty() && beyond(ticket.achieved_negative[k]);
    count += beyond(ticket.achieved[k]) || negative ? 1 : 0;
  }
  return count;
}

io::Json json_report(const LotteryQuestion& question, const LotteryAnswer& answer) {
  const TicketSummary& summary = answer.summary;
  const ForwardCheck& forward = answer.forward;
  io::Json json;
  json["construction"] = question.construction;
  json["shape"] = extents(answer.layer.shape);
  json["weight_count"] = summary.weights;
  json["units"] = question.units;
  json["scale"] = io::json_number(answer.ticket.scale);
  json["seed"] = question.seed;
  json["error_max"] = io::json_number(summary.error_max);
  json["error_median"] = io::json_number(summary.error_median);
  json["error_mean"] = io::json_number(summary.error_mean);
  json["bound"] = io::json_number(summary.bound);
  json["bound_by_rows"] = io::json_number(summary.bound_by_rows);
  json["kept"] = summary.kept;
  json["total"] = summary.total;
  if (question.construction == "relu") json["total_dense"] = summary.total_dense;
  if (answer.unreached) json["unreached"] = *answer.unreached;
  if (question.within) json["within_reached"] = summary.error_max <= *question.within;
  json["forward"] = {{"inputs", forward.inputs},
                     {"output_max", io::json_number(forward.output_max)},
                     {"error_max", io::json_number(forward.error_max)},
                     {"error_rms", io::json_number(forward.error_rms)},
                     {"bound", io::json_number(forward.bound)},
                     {"bound_share", io::json_number(forward.bound_share)},
                     {"worst_error", io::json_number(forward.worst_error)},
                     {"rounding_share", io::json_number(forward.rounding_share)},
                     {"holds", forward.holds()}};
  if (answer.given) {
    json["given_inputs"] = {{"file", answer.given->path},
                            {"inputs", answer.given->outputs.rows()},
                            {"output_max", io::json_number(answer.given->output_max())},
                            {"error_max", io::json_number(answer.given->error_max())}};
  }
  json["question"] = json_of(question);
  return json;
}

std::string people_report(const LotteryQuestion& question, const LotteryAnswer& answer) {
  const TicketSummary& summary = answer.summary;
  const ForwardCheck& forward = answer.forward;
  const bool relu = question.construction == "relu";
  const double kept = 100.0 * static_cast<double>(summary.kept) / static_cast<double>(summary.total);
  std::vector<std::vector<std::string>> rows;
  rows.push_back({"weights", fmt::format("{} ({})", summary.weights, fmt::join(extents(answer.layer.shape), " x "))});
  rows.push_back(
      {"construction", fmt::format("{}, {} random weights {}, scale {:.6g}", question.construction, question.units,
                                   relu ? "and as many hidden units" : "each", answer.ticket.scale)});
  rows.push_back({"largest error", fmt::format("{:.3g}", summary.error_max)});
  rows.push_back({"median error", fmt::format("{:.3g}", summary.error_median)});
  rows.push_back({"mean error", fmt::format("{:.3g}", summary.error_mean)});
  if (answer.unreached) {
    rows.push_back({"not within", fmt::format("{:g}: {} of the weights, which got their nearest",
                                              question.fewest_within.value_or(0.0), *answer.unreached)});
  }
  rows.push_back({"outputs' bound", fmt::format("{:.3g} (by rows {:.3g}), for inputs within {}", summary.bound,
                                                summary.bound_by_rows, question.nonnegative ? "[0, 1]" : "[-1, 1]")});
  rows.push_back({"kept", fmt::format("{} of {} random weights ({:.1f} %)", summary.kept, summary.total, kept)});
  if (relu) rows.push_back({"", fmt::format("of {} had the first layer been dense", summary.total_dense)});
  rows.push_back({"outputs", fmt::format("off by {:.3g} at most, {:.3g} rms, of {:.3g}, on {} random inputs",
                                         forward.error_max, forward.error_rms, forward.output_max, forward.inputs)});
  rows.push_back({"", fmt::format("off by {:.3g} on the inputs that are worst for them", forward.worst_error)});
  if (answer.given) {
    const GivenRun& given = *answer.given;
    rows.push_back({"", fmt::format("off by {:.3g} at most, of {:.3g}, on the {} of {}", given.error_max(),
                                    given.output_max(), given.outputs.rows(), given.path)});
  }
  const double rate = answer.seconds > 0.0 ? static_cast<double>(summary.weights) / answer.seconds : 0.0;
  rows.push_back({"time", fmt::format("{} to choose ({:.3g} weights/s), {} to run", seconds_text(answer.seconds), rate,
                                      seconds_text(answer.forward_seconds))});
  return table(rows, {0, 1});
}

}  // namespace ohmset::cli
