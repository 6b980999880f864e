// The pruned random network next to the layer that it stands for, on random inputs and on the worst ones.
// SPDX-License-Identifier: Apache-2.0
#include <tbb/parallel_for.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "design/lottery/errors.h"
#include "design/lottery/network.h"
#include "design/lottery/samples.h"
#include "design/parallel/finished.h"
#include "design/parallel/threads.h"
#include "sim/error.h"

namespace ohmset {
namespace lottery {
namespace {

// The root of a mean of squares that doubles may not hold.
class RootMeanSquare {
 public:
  void add(double size) { merge(size, 1.0, 1.0); }
  void add(const RootMeanSquare& other) { merge(other.largest_, other.squares_, other.count_); }
  [[nodiscard]] double value() const { return count_ > 0.0 ? largest_ * std::sqrt(squares_ / count_) : 0.0; }

 private:
  void merge(double largest, double squares, double count) {
    count_ += count;
    if (largest > largest_) {
      const double share = largest_ / largest;
      squares_ = squares_ * share * share + squares;
      largest_ = largest;
    } else if (largest > 0.0 && std::isfinite(largest_)) {
      const double share = largest / largest_;
      squares_ += squares * share * share;
    }
  }

  double largest_ = 0.0;
  double squares_ = 0.0;  // of the shares of the largest
  double count_ = 0.0;
};

// What one output came to.
struct Outcome {
  double largest = 0.0;
  double error = 0.0;
  double worst_error = 0.0;
  double missed = 0.0;  // distance from what the achieved weights make
  RootMeanSquare rms{};
  double bound = 0.0;
  double rounding = 0.0;  // what may be missed

  void add(const Outcome& other) {
    largest = std::max(largest, other.largest);
    error = std::max(error, other.error);
    worst_error = std::max(worst_error, other.worst_error);
    missed = std::max(missed, other.missed);
    rms.add(other.rms);
    bound = std::max(bound, other.bound);
    rounding = std::max(rounding, other.rounding);
  }
};

// A difference that is no number is beyond every bound.
double distance(double a, double b) {
  const double difference = std::abs(a - b);
  return std::isnan(difference) ? HUGE_VAL : difference;
}

// What doubles do not hold is not told from anything else.
double share(double difference, double of) { return std::isfinite(of) ? difference / of : 0.0; }

// `roundings` in a row, each by 2^-53 at most, of terms that are 1 together [Higham02].
double rounding(std::size_t roundings) {
  const double lost = static_cast<double>(roundings) * 0x1p-53;
  return lost / (1.0 - lost);
}

// The most that the computed outputs can differ by, for inputs on [-1, 1]: from the layer's, and from those of the
// achieved weights. `magnitude`: of all the output's edges.
void set_bounds(const Layer& layer, const Ticket& ticket, std::size_t output, double magnitude, Outcome& outcome) {
  const std::size_t fan_in = ticket.shape.fan_in();
  const std::size_t units = ticket.options.units;
  double weights = 0.0;
  double slopes = 0.0;
  for (std::size_t k = output * fan_in; k < (output + 1) * fan_in; ++k) {
    weights += std::abs(layer.weights[k]);
    const double negative = ticket.achieved_negative.empty() ? 0.0 : std::abs(ticket.achieved_negative[k]);
    slopes += std::max(std::abs(ticket.achieved[k]), negative);
  }
  // Of an edge: two products, the sum of its input's edges, that of all inputs, the scale.
  const double of_network = rounding(fan_in + units + 6) * magnitude;
  // The differences are rounded too, the magnitudes are sums of numbers that are, and small products may vanish.
  const double tiny = static_cast<double>(fan_in * (units + 2)) * std::numeric_limits<double>::denorm_min();
  const double lost = of_network + std::max(1.0, ticket.scale) * tiny;
  const double more = 1.0 + static_cast<double>(fan_in + units + 8) * 0x1p-52;
  outcome.bound = (row_bound(layer, ticket, output) + rounding(fan_in + 2) * weights + lost) * more;
  outcome.rounding = (rounded_up(ticket, 0.0) + rounding(fan_in + 2) * slopes + lost) * more;
}

// The inputs at which a weight's error brings an output up, and down, the most.
std::array<double, 2> worst_inputs(const Layer& layer, const Ticket& ticket, std::size_t weight) {
  const bool both = !ticket.achieved_negative.empty();
  const double error = ticket.achieved[weight] - layer.weights[weight];
  // Of an input of -1, which no network for nonnegative inputs sees.
  const double negative = ticket.options.nonnegative ? 0.0
                          : both                     ? layer.weights[weight] - ticket.achieved_negative[weight]
                                                     : -error;
  const auto most = [](double at_plus, double at_minus) {
    if (at_plus > 0.0 && at_plus >= at_minus) return 1.0;
    return at_minus > 0.0 ? -1.0 : 0.0;
  };
  return {most(error, negative), most(-error, -negative)};
}

// Adds what the achieved weight brings of each case.
void add_slope(const Ticket& ticket, std::size_t weight, std::span<const double> from, std::span<double> to) {
  const double positive = ticket.achieved[weight];
  double negative = positive;
  if (ticket.options.construction == Construction::relu) {
    negative = ticket.achieved_negative.empty() ? 0.0 : ticket.achieved_negative[weight];
  }
  for (std::size_t k = 0; k < from.size(); ++k) to[k] += (from[k] > 0.0 ? positive : negative) * from[k];
}

// What is computed of one output: of all cases, then of its two worst ones.
struct Sums {
  static constexpr std::size_t most = cases_together + 2;
  std::array<double, most> network{};
  std::array<double, most> layer{};
  std::array<double, most> slopes{};
  double magnitude = 0.0;
};

class Forward {
 public:
  Forward(const Layer& layer, const Ticket& ticket, std::size_t inputs)
      : layer_(layer), ticket_(ticket), inputs_(inputs), network_(ticket) {}

  // Parts of the work: some outputs on some inputs, all groups of outputs on the same inputs first.
  [[nodiscard]] std::size_t groups() const { return (ticket_.shape.outputs + outputs_together - 1) / outputs_together; }
  [[nodiscard]] std::size_t blocks() const {
    const std::size_t together = samples_together(ticket_.shape);
    return std::max<std::size_t>(1, (inputs_ + together - 1) / together);
  }

  // The outcomes are those of the group's outputs.
  void run(std::size_t group, std::size_t block, std::span<Outcome> outcomes, parallel::Finished& finished) const {
    const std::size_t first_output = group * outputs_together;
    const std::size_t first = block * samples_together(ticket_.shape);
    Samples samples(ticket_, first, std::min(samples_together(ticket_.shape), inputs_ - first));
    const std::size_t cases = samples.cases();
    const std::size_t worst = block == 0 ? 2 : 0;  // once is enough
    std::vector<Sums> sums(outcomes.size());
    samples.each_window([&](const Cases& seen) {
      for (std::size_t k = 0; k < sums.size() && !finished.stopped(); ++k) {
        add(first_output + k, seen, worst, sums[k]);
        samples.add_layer(row(first_output + k), seen.window, std::span(sums[k].layer).first(cases));
      }
      return finished.advance(seen.window.size() * sums.size());
    });
    for (std::size_t k = 0; k < sums.size(); ++k) {
      if (block == 0) set_bounds(layer_, ticket_, first_output + k, ticket_.scale * sums[k].magnitude, outcomes[k]);
      compare(sums[k], cases, worst, outcomes[k]);
    }
  }

 private:
  [[nodiscard]] std::span<const double> row(std::size_t output) const {
    return std::span(layer_.weights).subspan(output * ticket_.shape.fan_in(), ticket_.shape.fan_in());
  }

  void add(std::size_t output, const Cases& seen, std::size_t worst, Sums& sums) const {
    const std::span<double> network = std::span(sums.network).first(seen.count);
    const std::span<double> slopes = std::span(sums.slopes).first(seen.count);
    network_.each_input(output, seen.window, [&](std::size_t input, const Edges& edges) {
      const std::size_t weight = output * ticket_.shape.fan_in() + input;
      edges.add(seen.of(input), network);
      add_slope(ticket_, weight, seen.of(input), slopes);
      if (worst == 0) return;
      sums.magnitude += edges.magnitude();
      const std::array<double, 2> from = worst_inputs(layer_, ticket_, weight);
      edges.add(from, std::span(sums.network).subspan(seen.count, worst));
      add_slope(ticket_, weight, from, std::span(sums.slopes).subspan(seen.count, worst));
      for (std::size_t k = 0; k < worst; ++k) sums.layer.at(seen.count + k) += layer_.weights[weight] * from.at(k);
    });
  }

  void compare(const Sums& sums, std::size_t cases, std::size_t worst, Outcome& outcome) const {
    for (std::size_t k = 0; k < cases + worst; ++k) {
      const double network = ticket_.scale * sums.network.at(k);
      const double error = distance(network, sums.layer.at(k));
      outcome.missed = std::max(outcome.missed, distance(network, sums.slopes.at(k)));
      if (k >= cases) {
        outcome.worst_error = std::max(outcome.worst_error, error);
        continue;
      }
      outcome.largest = std::max(outcome.largest, std::abs(sums.layer.at(k)));
      outcome.error = std::max(outcome.error, error);
      outcome.rms.add(error);
    }
  }

  const Layer& layer_;
  const Ticket& ticket_;
  std::size_t inputs_;
  PrunedNetwork network_;
};

// Of each output, in parts on all threads: as many blocks of inputs at once as keep the threads busy.
std::vector<Outcome> outcomes_of(const Forward& forward, const Ticket& ticket, parallel::Finished& finished) {
  const std::size_t outputs = ticket.shape.outputs;
  const std::size_t groups = forward.groups();
  const std::size_t blocks_together = std::max<std::size_t>(1, 64 / groups);
  std::vector<Outcome> result(outputs);
  for (std::size_t first = 0; first < forward.blocks(); first += blocks_together) {
    const std::size_t blocks = std::min(blocks_together, forward.blocks() - first);
    std::vector<Outcome> parts(blocks * outputs);
    parallel::on_threads(ticket.options.threads, [&] {
      tbb::parallel_for(std::size_t{0}, blocks * groups, [&](std::size_t k) {
        const std::size_t first_output = k % groups * outputs_together;
        const std::span<Outcome> own = std::span(parts).subspan(k / groups * outputs + first_output,
                                                                std::min(outputs_together, outputs - first_output));
        if (!finished.stopped()) forward.run(k % groups, first + k / groups, own, finished);
      });
    });
    if (finished.stopped()) throw world_error("interrupted");
    for (std::size_t k = 0; k < parts.size(); ++k) result[k % outputs].add(parts[k]);
  }
  return result;
}

}  // namespace
}  // namespace lottery

ForwardCheck run_forward(const Layer& layer, const Ticket& ticket, std::size_t inputs,
                         const std::function<bool(std::size_t done, std::size_t total)>& progress) {
  lottery::check(layer, ticket);
  const lottery::Forward forward(layer, ticket, inputs);
  parallel::Finished finished(progress, forward.blocks() * ticket.shape.weights());
  ForwardCheck check{.inputs = inputs};
  lottery::RootMeanSquare rms;
  for (const lottery::Outcome& outcome : lottery::outcomes_of(forward, ticket, finished)) {
    check.output_max = std::max(check.output_max, outcome.largest);
    check.error_max = std::max(check.error_max, outcome.error);
    check.bound = std::max(check.bound, outcome.bound);
    check.bound_share = std::max(check.bound_share, lottery::share(outcome.error, outcome.bound));
    check.worst_error = std::max(check.worst_error, outcome.worst_error);
    check.rounding_share = std::max(check.rounding_share, lottery::share(outcome.missed, outcome.rounding));
    rms.add(outcome.rms);
  }
  check.error_rms = rms.value();
  return check;
}

}  // namespace ohmset
