// Draws a ticket: every weight's random weights, which of them are kept, and what they add up to.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <tbb/enumerable_thread_specific.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "design/kernels/cells.h"
#include "design/lottery/choose.h"
#include "design/lottery/parts.h"
#include "design/lottery/units.h"
#include "design/subset_sum.h"
#include "sim/compensated_sum.h"
#include "sim/error.h"

namespace ohmset {
namespace lottery {
namespace {

// Many fill the vectors of the search, whatever their numbers of items; few weights are shared evenly.
constexpr std::size_t weights_at_once = 1024;
constexpr std::size_t shares = 32;

double checked_scale(const Layer& layer, const LotteryOptions& options) {
  double largest = 0.0;
  for (std::size_t k = 0; k < layer.weights.size(); ++k) {
    if (!std::isfinite(layer.weights[k])) throw input_error(fmt::format("weight {} is not finite", k));
    largest = std::max(largest, std::abs(layer.weights[k]));
  }
  const double scale = options.scale.value_or(std::max(1.0, largest));
  if (!(scale > 0.0) || !std::isfinite(scale)) {
    throw input_error(fmt::format("a scale of {}", scale), "a positive number");
  }
  if (!std::isfinite(scale * static_cast<double>(options.units)) || !std::isfinite(largest / scale)) {
    throw input_error(fmt::format("weights up to {} at a scale of {}", largest, scale), "magnitudes that doubles hold");
  }
  return scale;
}

void check_units(const LotteryOptions& options) {
  const std::size_t most = options.construction == Construction::subset_sum ? most_items : most_masked;
  if (options.units == 0 || options.units > most) {
    throw input_error(fmt::format("{} random weights for each weight", options.units), fmt::format("1 to {}", most));
  }
  if (options.fewest_within && !(*options.fewest_within >= 0.0 && std::isfinite(*options.fewest_within))) {
    throw input_error(fmt::format("an error of {}", *options.fewest_within), "a number that is not negative");
  }
}

void check_hidden(const Hidden& hidden, const LotteryOptions& options) {
  for (std::size_t input = 0; input < hidden.positive.size(); ++input) {
    const auto positive = static_cast<std::size_t>(std::popcount(hidden.positive[input]));
    const std::size_t negative = options.nonnegative ? 0 : options.units - positive;
    if (std::max(positive, negative) <= most_items) continue;
    throw input_error(fmt::format("{} of the {} hidden units of input {} have u {} 0", std::max(positive, negative),
                                  options.units, input, positive > negative ? ">" : "<"),
                      fmt::format("at most {}: take fewer units or another seed", most_items));
  }
}

// Bit k of `packed` to the place of the k-th bit of `places`.
std::uint64_t spread(std::uint64_t packed, std::uint64_t places) {
  std::uint64_t mask = 0;
  for (; packed != 0; packed >>= 1U, places &= places - 1) {
    if ((packed & 1U) != 0) mask |= places & (~places + 1);
  }
  return mask;
}

class Drawing {
 public:
  Drawing(const Layer& layer, Ticket& ticket)
      : layer_(layer), ticket_(ticket), hidden_(hidden_layer(layer.shape, ticket.options)) {
    check_hidden(hidden_, ticket.options);
  }

  struct Workspace {
    CellSearch search{};
    std::vector<double> numbers = std::vector<double>(weights_at_once * most_masked);
    std::vector<double> items = std::vector<double>(most_masked);
  };

  // The weights from `first` to before `last`, at most weights_at_once.
  void draw(std::size_t first, std::size_t last, Workspace& work) const {
    const std::size_t units = ticket_.options.units;
    const std::span<double> numbers = std::span(work.numbers).first((last - first) * units);
    uniform_numbers(ticket_.options.seed, Numbers::weights, first, units, numbers);
    const bool relu = ticket_.options.construction == Construction::relu;
    for (std::size_t weight = first; weight < last; ++weight) {
      const std::span<double> own = numbers.subspan((weight - first) * units, units);
      if (!relu) {
        choose(own, weight, all_units(units), work);
        continue;
      }
      const std::size_t input = input_of(layer_.shape, weight);
      const double* const u = hidden_.of(input);
      for (std::size_t k = 0; k < units; ++k) own[k] *= u[k];
      for (const std::uint64_t branch : branches(input)) choose(packed(own, branch, work), weight, branch, work);
    }
    work.search.finish([&](std::size_t ticket, std::uint64_t mask) { keep(ticket, mask); });
    for (std::size_t weight = first; weight < last; ++weight) {
      add_up(numbers.subspan((weight - first) * units, units), weight);
    }
  }

  // relu: the hidden units that some output uses.
  [[nodiscard]] std::vector<std::uint64_t> used_units() const {
    std::vector<std::uint64_t> used(hidden_.positive.size());
    if (used.empty()) return used;
    for (std::size_t weight = 0; weight < ticket_.masks.size(); ++weight) {
      used[input_of(layer_.shape, weight)] |= ticket_.masks[weight];
    }
    return used;
  }

 private:
  // The units that carry positive inputs, and those that carry negative ones; nobody needs the latter when there are
  // none.
  [[nodiscard]] std::array<std::uint64_t, 2> branches(std::size_t input) const {
    const std::uint64_t positive = hidden_.positive[input];
    return {positive, ticket_.options.nonnegative ? 0 : all_units(ticket_.options.units) & ~positive};
  }

  [[nodiscard]] static std::span<const double> packed(std::span<const double> items, std::uint64_t branch,
                                                      Workspace& work) {
    std::size_t count = 0;
    for (std::uint64_t left = branch; left != 0; left &= left - 1) {
      work.items[count++] = items[static_cast<std::size_t>(std::countr_zero(left))];
    }
    return std::span(work.items).first(count);
  }

  // Chooses among the items of some units of a weight, at once or by the time that the search is finished.
  void choose(std::span<const double> items, std::size_t weight, std::uint64_t units, Workspace& work) const {
    if (items.empty()) return;
    const LotteryOptions& options = ticket_.options;
    const double target = layer_.weights[weight] / ticket_.scale;
    const bool negative = !hidden_.positive.empty() && (units & hidden_.positive[input_of(layer_.shape, weight)]) == 0;
    const std::size_t ticket = 2 * weight + (negative ? 1 : 0);
    if (options.construction == Construction::nearest) {
      keep(ticket, nearest_item(items, target));
    } else if (options.fewest_within) {
      keep(ticket, fewest_items(items, target, *options.fewest_within / ticket_.scale));
    } else {
      work.search.ask(items, target, ticket, [&](std::size_t of, std::uint64_t mask) { keep(of, mask); });
    }
  }

  void keep(std::size_t ticket, std::uint64_t mask) const {
    const std::size_t weight = ticket / 2;
    if (hidden_.positive.empty()) {
      ticket_.masks[weight] = mask;
    } else {
      ticket_.masks[weight] |= spread(mask, branches(input_of(layer_.shape, weight)).at(ticket % 2));
    }
  }

  void add_up(std::span<const double> items, std::size_t weight) const {
    const std::uint64_t mask = ticket_.masks[weight];
    const auto sum = [&](std::uint64_t units) {
      CompensatedSum total;
      for (std::uint64_t left = mask & units; left != 0; left &= left - 1) {
        total.add(items[static_cast<std::size_t>(std::countr_zero(left))]);
      }
      return ticket_.scale * total.value();
    };
    if (hidden_.positive.empty()) {
      ticket_.achieved[weight] = sum(mask);
      return;
    }
    const auto [positive, negative] = branches(input_of(layer_.shape, weight));
    ticket_.achieved[weight] = sum(positive);
    if (!ticket_.options.nonnegative) ticket_.achieved_negative[weight] = sum(negative);
  }

  const Layer& layer_;
  Ticket& ticket_;
  Hidden hidden_;
};

}  // namespace
}  // namespace lottery

Ticket draw_ticket(const Layer& layer, const LotteryOptions& options) {
  const LayerShape& shape = layer.shape;
  if (shape.weights() == 0 || layer.weights.size() != shape.weights() || (!shape.convolution && shape.taps() != 1)) {
    throw std::invalid_argument("draw_ticket: the weights are not those of the shape");
  }
  lottery::check_units(options);
  Ticket ticket{.shape = shape, .options = options, .scale = lottery::checked_scale(layer, options)};
  const bool both = options.construction == Construction::relu && !options.nonnegative;
  ticket.masks.resize(shape.weights());
  ticket.achieved.resize(shape.weights());
  ticket.achieved_negative.resize(both ? shape.weights() : 0);
  const lottery::Drawing drawing(layer, ticket);
  tbb::enumerable_thread_specific<lottery::Drawing::Workspace> workspaces;
  const std::size_t part = std::clamp<std::size_t>(shape.weights() / lottery::shares, 1, lottery::weights_at_once);
  lottery::run_parts(
      {.total = shape.weights(), .part = part, .threads = options.threads},
      [&](std::size_t first, std::size_t last) { drawing.draw(first, last, workspaces.local()); }, options.progress);
  ticket.hidden_masks = drawing.used_units();
  return ticket;
}

}  // namespace ohmset
