// Laws of lottery tickets: every weight's random weights are kept as the search for one question would keep them, and
// the sums, bounds and counts are those of the masks.
// SPDX-License-Identifier: Apache-2.0
#include "design/lottery.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <limits>
#include <random>
#include <stdexcept>
#include <utility>

#include "design/lottery/choose.h"
#include "design/subset_sum.h"
#include "sim/error.h"
#include "sim/random.h"
#include "tests/support/layers.h"

namespace {

using namespace ohmset;
using ohmset::test::random_layer;

std::vector<double> weights_of(const Ticket& ticket, std::size_t weight) {
  std::vector<double> units(ticket.options.units);
  random_weights(ticket, weight, units);
  return units;
}

long double sum_of(const std::vector<double>& items, std::uint64_t mask) {
  long double sum = 0.0L;
  for (std::size_t k = 0; k < items.size(); ++k) {
    if ((mask >> k & 1U) != 0) sum += items[k];
  }
  return sum;
}

// What each weight's mask ought to be, asked for one by one.
using Answer = std::function<std::uint64_t(const std::vector<double>& items, double target)>;
std::vector<std::uint64_t> masks_by(const Answer& answer, const Layer& layer, const Ticket& ticket) {
  std::vector<std::uint64_t> masks;
  for (std::size_t weight = 0; weight < layer.weights.size(); ++weight) {
    masks.push_back(answer(weights_of(ticket, weight), layer.weights[weight] / ticket.scale));
  }
  return masks;
}

// Sums of so few multiples of 2^-52 are exact in long double.
std::vector<double> sums_of(const Ticket& ticket) {
  std::vector<double> sums;
  for (std::size_t weight = 0; weight < ticket.masks.size(); ++weight) {
    sums.push_back(ticket.scale * static_cast<double>(sum_of(weights_of(ticket, weight), ticket.masks[weight])));
  }
  return sums;
}

std::uint64_t closest(const std::vector<double>& items, double target) {
  return closest_subset_sums(items, target).subsets.front().mask;
}

std::uint64_t fewest(const std::vector<double>& items, double target, double within) {
  const auto few = cheapest_subset_sums(items, {}, target - within, target + within, target).subsets;
  return few.empty() ? closest(items, target) : few.front().mask;
}

std::uint64_t fewest_by_force(const std::vector<double>& items, double target, long double within) {
  std::uint64_t best = ~std::uint64_t{0};
  long double error = 0.0L;
  for (std::uint64_t mask = 0; mask < std::uint64_t{1} << items.size(); ++mask) {
    const long double off = std::abs(sum_of(items, mask) - target);
    if (off > within || std::pair(std::popcount(mask), off) >= std::pair(std::popcount(best), error)) continue;
    best = mask;
    error = off;
  }
  return best == ~std::uint64_t{0} ? closest(items, target) : best;
}

// The sample's own: of an even number the lower of the two in the middle.
double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[(values.size() - 1) / 2];
}

}  // namespace

TEST_CASE("A ticket's random weights are the streams' numbers, each weight's its own, uniform on [-1, 1]") {
  const Layer layer = random_layer({.outputs = 9, .inputs = 31}, 1.0, 1);
  const Ticket ticket = draw_ticket(layer, {.units = 7, .seed = 5});
  std::vector<double> numbers;
  std::vector<double> expected;
  for (std::size_t weight = 0; weight < layer.weights.size(); ++weight) {
    const std::vector<double> units = weights_of(ticket, weight);
    numbers.insert(numbers.end(), units.begin(), units.end());
    for (std::size_t k = 0; k < 7; ++k) {
      const auto words = philox_block({.seed = 5, .die = 0, .cell = weight, .device = k / 4}, 3);
      expected.push_back(2.0 * to_uniform(words.at(k % 4)) - 1.0);
    }
  }
  CHECK(numbers == expected);
  double sum = 0.0;
  double squares = 0.0;
  for (const double number : numbers) {
    sum += number;
    squares += number * number;
  }
  // Five standard deviations of the mean and of the mean square.
  const auto count = static_cast<double>(numbers.size());
  CHECK(std::abs(sum / count) < 5.0 / std::sqrt(3.0 * count));
  CHECK(std::abs(squares / count - 1.0 / 3.0) < 5.0 * std::sqrt(4.0 / 45.0 / count));
  CHECK(*std::min_element(numbers.begin(), numbers.end()) < -0.99);
  CHECK(*std::max_element(numbers.begin(), numbers.end()) > 0.99);
}

TEST_CASE("Every weight's mask is the closest subset's, for any number of units that a search takes") {
  for (const std::size_t units : {1U, 2U, 5U, 10U, 11U, 16U, 20U, 21U, 22U, 23U, 27U, 40U}) {
    CAPTURE(units);
    const LayerShape shape{.outputs = units > 30 ? 1U : 3U, .inputs = units > 30 ? 3U : 17U};
    const Layer layer = random_layer(shape, 1.0, static_cast<unsigned>(units));
    const Ticket ticket = draw_ticket(layer, {.units = units, .seed = units});
    CHECK(ticket.masks == masks_by(closest, layer, ticket));
    CHECK(ticket.achieved == sums_of(ticket));
    CHECK(ticket.scale == 1.0);
    CHECK(ticket.hidden_masks.size() + ticket.achieved_negative.size() == 0);
  }
}

TEST_CASE("Small tickets are what trying every subset finds, at a scale of their own") {
  const Layer layer = random_layer({.outputs = 4, .inputs = 5}, 3.0, 2);
  double largest = 0.0;
  for (const double weight : layer.weights) largest = std::max(largest, std::abs(weight));
  for (const bool given : {false, true}) {
    LotteryOptions options{.units = 9, .seed = 3};
    if (given) options.scale = 0.75;
    const Ticket ticket = draw_ticket(layer, options);
    CHECK(ticket.scale == (given ? 0.75 : largest));
    CHECK(ticket.achieved == sums_of(ticket));
    std::vector<double> more;  // than the least error there is
    for (std::size_t weight = 0; weight < layer.weights.size(); ++weight) {
      const std::vector<double> items = weights_of(ticket, weight);
      long double best = std::numeric_limits<long double>::infinity();
      for (std::uint64_t mask = 0; mask < 512; ++mask) {
        best = std::min(best, std::abs(ticket.scale * sum_of(items, mask) - layer.weights[weight]));
      }
      more.push_back(std::abs(std::abs(ticket.achieved[weight] - layer.weights[weight]) - static_cast<double>(best)));
    }
    CHECK(*std::max_element(more.begin(), more.end()) < 1e-14);
  }
}

TEST_CASE("Nearest keeps one random weight, and no other is nearer") {
  const Layer layer = random_layer({.outputs = 6, .inputs = 20}, 0.5, 4);
  const Answer nearest = [](const std::vector<double>& items, double target) {
    const auto best = std::min_element(items.begin(), items.end(), [&](long double a, long double b) {
      return std::abs(a - target) < std::abs(b - target);
    });
    return std::uint64_t{1} << static_cast<std::size_t>(best - items.begin());
  };
  for (const std::size_t units : {1U, 3U, 20U, 64U}) {
    const Ticket ticket = draw_ticket(layer, {.construction = Construction::nearest, .units = units, .seed = 9});
    CHECK(ticket.masks == masks_by(nearest, layer, ticket));
    CHECK(ticket.achieved == sums_of(ticket));
  }
}

TEST_CASE("The fewest within an error: no smaller subset is, the nearest of that size is taken, else the nearest") {
  const Layer layer = random_layer({.outputs = 5, .inputs = 8}, 1.5, 5);
  for (const double within : {0.5, 0.02, 1e-3, 1e-12}) {
    CAPTURE(within);
    const Ticket ticket = draw_ticket(layer, {.units = 12, .fewest_within = within, .seed = 2});
    const Answer by_force = [&](const std::vector<double>& items, double target) {
      return fewest_by_force(items, target, within / ticket.scale);
    };
    CHECK(ticket.masks == masks_by(by_force, layer, ticket));
  }
}

TEST_CASE("The fewest within an error are the search's for the fewest, in either way that they are looked for") {
  const Layer layer = random_layer({.outputs = 10, .inputs = 30}, 1.0, 12);
  for (const double within : {0.3, 0.01, 1e-4}) {
    for (const std::size_t units : {4U, 15U, 21U}) {
      const Ticket ticket = draw_ticket(layer, {.units = units, .fewest_within = within, .seed = units});
      const Answer search = [&](const std::vector<double>& items, double target) {
        return fewest(items, target, within);
      };
      CHECK(ticket.masks == masks_by(search, layer, ticket));
    }
  }
}

TEST_CASE("Among ties and what differs in lost bits alone, the one item and the fewest are the exact search's") {
  CHECK(lottery::nearest_item(std::vector{0.25, 0.75}, 0.5) == 1);
  CHECK(lottery::nearest_item(std::vector{-1.0, 1.0}, 0x1p-60) == 2);
  CHECK(lottery::nearest_item(std::vector{1.0, -1.0}, -0x1p-60) == 2);
  std::mt19937_64 random(13);
  for (int round = 0; round < 300; ++round) {
    // Multiples of an eighth, some of them off by what sums of doubles lose.
    std::vector<double> items(1 + random() % 9);
    for (double& item : items) {
      item = static_cast<double>(random() % 17) / 8.0 - 1.0;
      if (random() % 3 == 0) item += 0x1p-70;
    }
    const double target = static_cast<double>(random() % 65) / 16.0 - 2.0;
    const std::uint64_t one = closest_subset_sums(items, target, {.at_least = 1, .at_most = 1}).subsets.front().mask;
    CHECK(lottery::nearest_item(items, target) == one);
    for (const double within : {0.0, 0x1p-71, 0.0625, 0.125, 0.3}) {
      CHECK(lottery::fewest_items(items, target, within) == fewest(items, target, within));
    }
  }
}

TEST_CASE("Errors, bounds and counts are those of the masks") {
  const Layer layer = random_layer({.outputs = 7, .inputs = 12}, 2.0, 6);
  const Ticket ticket = draw_ticket(layer, {.units = 8, .seed = 6});
  const TicketSummary summary = summarize(layer, ticket);
  std::vector<double> errors;
  std::uint64_t kept = 0;
  std::vector<long double> rows(7);
  for (std::size_t weight = 0; weight < 84; ++weight) {
    const long double exact = ticket.scale * sum_of(weights_of(ticket, weight), ticket.masks[weight]);
    const long double error = std::abs(exact - layer.weights[weight]);
    errors.push_back(static_cast<double>(error));
    rows[weight / 12] += error;
    kept += static_cast<std::uint64_t>(std::popcount(ticket.masks[weight]));
  }
  const long double worst_row = *std::max_element(rows.begin(), rows.end());
  double mean = 0.0;
  for (const double error : errors) mean += error / 84.0;
  CHECK(summary.weights == 84);
  CHECK(summary.error_max == doctest::Approx(*std::max_element(errors.begin(), errors.end())).epsilon(1e-12));
  CHECK(summary.error_median == doctest::Approx(median(errors)).epsilon(1e-12));
  CHECK(summary.error_mean == doctest::Approx(mean).epsilon(1e-12));
  // Bounds hold for the real numbers, and are hardly larger than they need to be.
  CHECK(static_cast<long double>(summary.bound) >= 12.0L * *std::max_element(errors.begin(), errors.end()));
  CHECK(static_cast<long double>(summary.bound_by_rows) >= worst_row);
  CHECK(summary.bound == doctest::Approx(12.0 * summary.error_max).epsilon(1e-9));
  CHECK(summary.bound_by_rows == doctest::Approx(static_cast<double>(worst_row)).epsilon(1e-9));
  CHECK(summary.bound_by_rows <= summary.bound);
  CHECK(summary.kept == kept);
  CHECK(summary.total == 8 * 84);
  CHECK(summary.total_dense == 8 * 84);
}

TEST_CASE("Twice the precision with every random weight more: the median error falls as 2^-units") {
  // The law's slope in bits, 1 - 0.5 log2((n + 4) / n) / 4 for four more units, less for few of them.
  const Layer layer = random_layer({.outputs = 20, .inputs = 100}, 1.0, 7);
  double before = 0.0;
  for (std::size_t units = 8; units <= 24; units += 4) {
    CAPTURE(units);
    const double bits = -std::log2(summarize(layer, draw_ticket(layer, {.units = units, .seed = 8})).error_median);
    if (units > 8) {
      const auto n = static_cast<double>(units);
      // E[z^2] = 1/3; the law of the mean bits, of which the median's distance does not change.
      const auto law = [](double m) {
        return m + 1.0 - 0.5 * std::log2(3.14159265358979 * m / 6.0) - (0.5 + 2.0 / m) / std::log(2.0);
      };
      CHECK(bits - before == doctest::Approx(law(n) - law(n - 4.0)).epsilon(0.08));
    }
    before = bits;
  }
}

TEST_CASE("The same ticket comes from one, two and three threads, and another one from another seed") {
  const Layer layer = random_layer({.outputs = 10, .inputs = 130}, 1.0, 8);
  const Ticket one = draw_ticket(layer, {.units = 13, .seed = 4, .threads = 1});
  for (const int threads : {2, 3}) {
    const Ticket other = draw_ticket(layer, {.units = 13, .seed = 4, .threads = threads});
    CHECK(other.masks == one.masks);
    CHECK(other.achieved == one.achieved);
  }
  CHECK(draw_ticket(layer, {.units = 13, .seed = 5}).masks != one.masks);
}

TEST_CASE("Progress goes to the end, and one that says no stops the work") {
  const Layer layer = random_layer({.outputs = 10, .inputs = 130}, 1.0, 9);
  LotteryOptions options{.units = 10, .threads = 1};
  std::size_t last = 0;
  options.progress = [&](std::size_t done, std::size_t total) {
    CHECK(done > last);
    CHECK(total == 1300);
    last = done;
    return true;
  };
  (void)draw_ticket(layer, options);
  CHECK(last == 1300);
  options.progress = [](std::size_t, std::size_t) { return false; };
  CHECK_THROWS_AS((void)draw_ticket(layer, options), Error);
}

TEST_CASE("Zero weights keep nothing or what cancels, and a layer of one weight is a layer") {
  const Layer zeros{.shape = {.outputs = 2, .inputs = 3}, .weights = std::vector<double>(6, 0.0)};
  const Ticket ticket = draw_ticket(zeros, {.units = 20});
  CHECK(ticket.masks == std::vector<std::uint64_t>(6, 0));
  CHECK(summarize(zeros, ticket).error_max == 0.0);
  const Layer one{.shape = {.outputs = 1, .inputs = 1}, .weights = {0.25}};
  const Ticket single = draw_ticket(one, {.units = 1});
  const double item = weights_of(single, 0)[0];
  CHECK(single.masks[0] == (std::abs(item - 0.25) < 0.25 ? 1U : 0U));
}

TEST_CASE("Scales and weights of any size that doubles hold are approximated as well as at 1") {
  const Layer layer = random_layer({.outputs = 3, .inputs = 9}, 1.0, 10);
  const Ticket plain = draw_ticket(layer, {.units = 18, .scale = 1.0});
  for (const double factor : {0x1p-1000, 0x1p-60, 0x1p900}) {
    Layer scaled = layer;
    for (double& weight : scaled.weights) weight *= factor;
    CHECK(draw_ticket(scaled, {.units = 18, .scale = factor}).masks == plain.masks);
  }
  // Out of reach: everything that helps is kept.
  Layer far = layer;
  for (double& weight : far.weights) weight = 1e9;
  const Ticket reached = draw_ticket(far, {.units = 6, .scale = 1.0});
  const Answer what_helps = [](const std::vector<double>& items, double) {
    std::uint64_t mask = 0;
    for (std::size_t k = 0; k < items.size(); ++k) mask |= std::uint64_t{items[k] > 0.0 ? 1U : 0U} << k;
    return mask;
  };
  CHECK(reached.masks == masks_by(what_helps, far, reached));
}

TEST_CASE("What cannot be drawn is refused in one line") {
  const Layer layer = random_layer({.outputs = 2, .inputs = 2}, 1.0, 11);
  const auto refused = [&](const LotteryOptions& options) {
    CHECK_THROWS_AS((void)draw_ticket(layer, options), Error);
  };
  refused({.units = 0});
  refused({.units = 41});
  refused({.construction = Construction::nearest, .units = 65});
  refused({.construction = Construction::relu, .units = 65});
  refused({.scale = 0.0});
  refused({.scale = -1.0});
  refused({.scale = std::numeric_limits<double>::infinity()});
  refused({.scale = std::nan("")});
  refused({.scale = 1e308});
  refused({.scale = 1e-320});
  refused({.fewest_within = -0.1});
  refused({.fewest_within = std::nan("")});
  Layer broken = layer;
  broken.weights[3] = std::nan("");
  CHECK_THROWS_WITH_AS((void)draw_ticket(broken, {}), "weight 3 is not finite", Error);
  broken.weights.pop_back();
  CHECK_THROWS_AS((void)draw_ticket(broken, {}), std::invalid_argument);
  CHECK_THROWS_AS((void)summarize(random_layer({.outputs = 2, .inputs = 3}, 1.0, 1), draw_ticket(layer, {})),
                  std::invalid_argument);
}
