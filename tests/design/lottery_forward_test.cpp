// Laws of the forward check: what it measures on random inputs is what the inputs' own streams give, each output stays
// within its own bound, the worst inputs attain it, and no edge is missed.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "design/lottery.h"
#include "sim/error.h"
#include "sim/random.h"
#include "tests/support/layers.h"

namespace {

using namespace ohmset;
using ohmset::test::random_layer;

constexpr LayerShape dense{.outputs = 8, .inputs = 16};
constexpr LayerShape kernel{.outputs = 4, .inputs = 3, .height = 2, .width = 5, .convolution = true};
constexpr std::array constructions{Construction::nearest, Construction::subset_sum, Construction::relu};

// Its random weights that are on an input's way: v, or v u.
std::vector<double> edges_of(const Ticket& ticket, std::size_t weight) {
  std::vector<double> edges(ticket.options.units);
  random_weights(ticket, weight, edges);
  if (ticket.options.construction != Construction::relu) return edges;
  std::vector<double> u(edges.size());
  random_hidden(ticket, weight / ticket.shape.taps() % ticket.shape.inputs, u);
  for (std::size_t k = 0; k < edges.size(); ++k) edges[k] *= u[k];
  return edges;
}

// One edge of a weight, kept or not, is turned over: the strongest, or the weakest that rounding does not hide.
enum class Edge : unsigned char { strongest, weak };
Ticket damaged(Ticket ticket, std::size_t weight, Edge which) {
  const std::vector<double> edges = edges_of(ticket, weight);
  const auto order = [&](double a, double b) {
    if (which == Edge::strongest) return std::abs(a) < std::abs(b);
    const auto hidden = [](double edge) { return std::abs(edge) < 1e-6; };
    return hidden(a) != hidden(b) ? hidden(a) : std::abs(a) > std::abs(b);
  };
  const auto chosen = std::max_element(edges.begin(), edges.end(), order);
  ticket.masks[weight] ^= std::uint64_t{1} << static_cast<std::size_t>(chosen - edges.begin());
  return ticket;
}

// The case's random inputs: for convolutions each image is 64 patches of 2 x 5, of an image of 9 x 12.
double random_input(const Ticket& ticket, std::size_t sample, std::size_t number) {
  const auto words = philox_block({.seed = ticket.options.seed, .die = 2, .cell = sample, .device = number / 4}, 3);
  const double x = 2.0 * to_uniform(words.at(number % 4)) - 1.0;
  return ticket.options.nonnegative ? std::abs(x) : x;
}
Matrix random_inputs(const Ticket& ticket, std::size_t samples) {
  const LayerShape& shape = ticket.shape;
  const std::size_t places = shape.convolution ? 64 : 1;
  Matrix inputs(static_cast<Eigen::Index>(samples * places), static_cast<Eigen::Index>(shape.fan_in()));
  double* to = inputs.data();
  for (std::size_t sample = 0; sample < samples; ++sample) {
    for (std::size_t place = 0; place < places; ++place) {
      for (std::size_t channel = 0; channel < shape.inputs; ++channel) {
        for (std::size_t tap = 0; tap < shape.taps(); ++tap) {
          const std::size_t y = place / 8 + tap / shape.width;
          const std::size_t x = place % 8 + tap % shape.width;
          const std::size_t width = shape.convolution ? shape.width + 7 : 1;
          const std::size_t height = shape.convolution ? shape.height + 7 : 1;
          *to++ = random_input(ticket, sample, (channel * height + y) * width + x);
        }
      }
    }
  }
  return inputs;
}

// Rows of the errors of both branches; of nothing for nonnegative inputs.
struct Row {
  long double bound = 0.0L;  // of the greater ones
  long double up = 0.0L;     // the most that they bring the output up, and down
  long double down = 0.0L;
};
std::vector<Row> rows_of(const Layer& layer, const Ticket& ticket) {
  std::vector<Row> rows(layer.shape.outputs);
  for (std::size_t k = 0; k < layer.weights.size(); ++k) {
    const bool both = !ticket.achieved_negative.empty();
    const long double plus = static_cast<long double>(ticket.achieved[k]) - layer.weights[k];
    const long double minus = both ? static_cast<long double>(ticket.achieved_negative[k]) - layer.weights[k]
                              : ticket.options.nonnegative ? 0.0L
                                                           : plus;
    Row& row = rows[k / layer.shape.fan_in()];
    row.bound += std::max(std::abs(plus), std::abs(minus));
    row.up += std::max({0.0L, plus, -minus});
    row.down += std::max({0.0L, -plus, minus});
  }
  return rows;
}

void check_against_inputs(const Layer& layer, const Ticket& ticket, std::size_t samples) {
  const ForwardCheck check = run_forward(layer, ticket, samples);
  const Matrix inputs = random_inputs(ticket, samples);
  const auto fan_in = static_cast<Eigen::Index>(layer.shape.fan_in());
  const auto outputs = static_cast<Eigen::Index>(layer.shape.outputs);
  const Matrix wanted = inputs * Eigen::Map<const Matrix>(layer.weights.data(), outputs, fan_in).transpose();
  const Matrix errors = (run_ticket(ticket, inputs) - wanted).cwiseAbs();
  const std::vector<Row> rows = rows_of(layer, ticket);
  double share = 0.0;
  double bound = 0.0;
  double worst = 0.0;
  for (Eigen::Index output = 0; output < outputs; ++output) {
    const Row& row = rows[static_cast<std::size_t>(output)];
    share = std::max(share, errors.col(output).maxCoeff() / static_cast<double>(row.bound));
    bound = std::max(bound, static_cast<double>(row.bound));
    worst = std::max(worst, static_cast<double>(std::max(row.up, row.down)));
  }
  // Errors are differences of outputs, which are rounded.
  const double rounding = 1e-12 * wanted.cwiseAbs().maxCoeff();
  const double rms = errors.norm() / std::sqrt(static_cast<double>(errors.size()));
  const double off = std::max({std::abs(check.output_max - wanted.cwiseAbs().maxCoeff()),
                               std::abs(check.error_max - errors.maxCoeff()), std::abs(check.error_rms - rms),
                               0.1 * std::abs(check.bound - bound), std::abs(check.worst_error - worst)});
  CHECK(off <= rounding);
  CHECK(check.bound >= bound);
  CHECK(std::abs(check.bound_share - share) <= 100.0 * rounding / bound + 1e-9);
  CHECK(check.holds());
}

// Each with one thing wrong.
std::vector<Ticket> damages_of(const Ticket& ticket) {
  std::vector<Ticket> tickets;
  const std::size_t weights = ticket.shape.weights();
  for (const std::size_t weight : {std::size_t{0}, weights / 2, weights - 1}) {
    for (const Edge edge : {Edge::strongest, Edge::weak}) tickets.push_back(damaged(ticket, weight, edge));
  }
  // Another seed's random weights under the same masks.
  tickets.push_back(ticket);
  tickets.back().options.seed = 5;
  if (ticket.options.construction == Construction::relu) {
    tickets.push_back(ticket);
    tickets.back().hidden_masks[1] &= tickets.back().hidden_masks[1] - 1;
  }
  return tickets;
}

// Of what rounding allows; 0 where a check holds.
double least_share(const Layer& layer, const std::vector<Ticket>& tickets) {
  double least = HUGE_VAL;
  for (const Ticket& ticket : tickets) {
    const ForwardCheck check = run_forward(layer, ticket, 20);
    least = std::min(least, check.holds() ? 0.0 : check.rounding_share);
  }
  return least;
}

std::vector<double> figures_of(const ForwardCheck& check) {
  return {check.output_max,  check.error_max,   check.error_rms,     check.bound,
          check.bound_share, check.worst_error, check.rounding_share};
}

}  // namespace

TEST_CASE("Errors, shares and worst inputs are those of the streams' inputs and the weights' errors, one by one") {
  for (const Construction construction : constructions) {
    for (const LayerShape& shape :
         {dense, kernel, LayerShape{.outputs = 1, .inputs = 1}, LayerShape{.outputs = 19, .inputs = 301},
          LayerShape{.outputs = 2, .inputs = 57, .height = 2, .width = 3, .convolution = true},
          LayerShape{.outputs = 1, .inputs = 2, .height = 9, .width = 31, .convolution = true}}) {
      for (const bool nonnegative : {false, true}) {
        CAPTURE(shape.inputs);
        CAPTURE(nonnegative);
        const Layer layer = random_layer(shape, 1.0, 7);
        const Ticket ticket = draw_ticket(
            layer, {.construction = construction, .units = 6, .nonnegative = nonnegative, .seed = shape.inputs});
        check_against_inputs(layer, ticket, shape.convolution ? 5 : 300);
      }
    }
  }
}

TEST_CASE("Without a ReLU an output's worst inputs attain its bound, which random signs of a wide layer are far from") {
  for (const Construction construction : {Construction::nearest, Construction::subset_sum}) {
    const Layer layer = random_layer({.outputs = 3, .inputs = 2000}, 1.0, 2);
    const Ticket ticket = draw_ticket(layer, {.construction = construction, .units = 5, .seed = 2});
    const ForwardCheck check = run_forward(layer, ticket, 100);
    const double by_rows = summarize(layer, ticket).bound_by_rows;
    CHECK(check.worst_error == doctest::Approx(by_rows).epsilon(1e-9));
    CHECK(check.bound_share < 0.2);
    CHECK(check.holds());
  }
}

TEST_CASE("A single edge too few or too many is found, strong or weak, in any row, and so is a hidden unit") {
  for (const Construction construction : constructions) {
    for (const LayerShape& shape : {dense, kernel}) {
      const Layer layer = random_layer(shape, 0.5, 8);
      const Ticket ticket = draw_ticket(layer, {.construction = construction, .units = 14, .seed = 4});
      CHECK(run_forward(layer, ticket, 20).holds());
      CHECK(least_share(layer, damages_of(ticket)) > 1e3);
    }
  }
}

TEST_CASE("An output beyond its own bound is found beside one whose bound is far larger") {
  Layer layer = random_layer({.outputs = 2, .inputs = 40}, 0.5, 9);
  for (std::size_t k = 0; k < 40; ++k) layer.weights[k] = 1e3;  // out of reach at the scale of 1
  const Ticket ticket = draw_ticket(layer, {.units = 16, .scale = 1.0, .seed = 1});
  REQUIRE(run_forward(layer, ticket, 50).holds());
  // The achieved weights that the ticket tells are not what its masks make, and so are not the errors.
  const ForwardCheck check = run_forward(layer, damaged(ticket, 60, Edge::strongest), 50);
  CHECK(check.error_max <= check.bound);
  CHECK(check.bound_share > 1.0);
  CHECK_FALSE(check.holds());
}

TEST_CASE("A ticket that tells other achieved weights than its masks make is found, on inputs of either sign") {
  const Layer layer = random_layer(dense, 0.5, 10);
  const Ticket ticket = draw_ticket(layer, {.construction = Construction::relu, .units = 20, .seed = 3});
  for (const bool negative : {false, true}) {
    Ticket other = ticket;
    (negative ? other.achieved_negative : other.achieved)[5] += 1e-9;
    CHECK_FALSE(run_forward(layer, other, 3).holds());
  }
}

TEST_CASE("Root mean squares neither overflow nor vanish where the errors do not") {
  const Layer layer = random_layer(dense, 0.5, 11);
  const ForwardCheck plain = run_forward(layer, draw_ticket(layer, {.units = 7, .scale = 1.0}), 30);
  for (const double factor : {0x1p-900, 0x1p-600, 0x1p600, 0x1p900}) {
    Layer scaled = layer;
    for (double& weight : scaled.weights) weight *= factor;
    const ForwardCheck check = run_forward(scaled, draw_ticket(scaled, {.units = 7, .scale = factor}), 30);
    CHECK(check.error_rms == factor * plain.error_rms);
    CHECK(check.holds());
  }
}

TEST_CASE("Networks run the same on one, two and three threads, and inputs are the seed's") {
  for (const LayerShape& shape : {dense, kernel, LayerShape{.outputs = 40, .inputs = 5}}) {
    const Layer layer = random_layer(shape, 0.5, 9);
    const LotteryOptions options{.construction = Construction::relu, .units = 20, .seed = 6, .threads = 1};
    const Ticket ticket = draw_ticket(layer, options);
    const ForwardCheck one = run_forward(layer, ticket, 600);
    for (const int threads : {2, 3}) {
      Ticket other = ticket;
      other.options.threads = threads;
      CHECK(figures_of(run_forward(layer, other, 600)) == figures_of(one));
    }
    // The first inputs stay the first ones.
    CHECK(run_forward(layer, ticket, 5).error_max <= one.error_max);
  }
}

TEST_CASE("The check's progress counts weights once for each 256 inputs, and one that says no stops it") {
  const Layer layer = random_layer({.outputs = 20, .inputs = 600}, 0.5, 12);
  const Ticket ticket = draw_ticket(layer, {.construction = Construction::nearest, .units = 2, .threads = 1});
  std::vector<std::size_t> done_so_far;
  std::size_t all = 0;
  (void)run_forward(layer, ticket, 300, [&](std::size_t done, std::size_t total) {
    done_so_far.push_back(done);
    all = total;
    return true;
  });
  CHECK(all == 2 * 12000);
  // Windows of 256, 256 and 88 inputs, of 16 and of 4 outputs, on 256 and on 44 cases.
  CHECK(done_so_far ==
        std::vector<std::size_t>{4096, 8192, 9600, 10624, 11648, 12000, 16096, 20192, 21600, 22624, 23648, 24000});
  CHECK_THROWS_AS((void)run_forward(layer, ticket, 300, [](std::size_t, std::size_t) { return false; }), Error);
}
