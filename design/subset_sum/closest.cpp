// The questions one can ask, as requests to the meet in the middle in the narrowest integers that hold the items.
// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <stdexcept>

#include "design/subset_sum.h"
#include "design/subset_sum/exact_sum.h"
#include "design/subset_sum/meet.h"
#include "design/subset_sum/packed.h"

namespace ohmset {
namespace {

using exact::ExactSum;
using exact::Frame;

void require_items(std::span<const double> items, double target) {
  if (items.size() > most_items) throw std::invalid_argument("subset sum: too many items");
  if (!std::isfinite(target)) throw std::invalid_argument("subset sum: the target is not finite");
  for (const double item : items) {
    if (!std::isfinite(item)) throw std::invalid_argument("subset sum: an item is not finite");
  }
}

// A question in real numbers; no bound where the optional is empty.
struct Question {
  std::span<const double> items{};
  double target = 0.0;
  std::optional<ExactSum> low{};
  std::optional<ExactSum> high{};
  std::size_t count = 1;
  std::optional<std::size_t> at_most{};
};

template <class V>
std::vector<std::uint64_t> answer_in(const Question& question, const Frame& items, const Frame& all) {
  std::vector<V> integers;
  integers.reserve(question.items.size());
  for (const double item : question.items) {
    ExactSum sum(all);
    sum.add(item);
    integers.push_back(sum.quarters<V>(items.unit));
  }
  ExactSum target(all);
  target.add(question.target);
  const V end = exact::power_of_two<V>(exact::Traits<V>::bits);
  exact::Request<V> request{.target = target.quarters<V>(items.unit),
                            .low = question.low ? question.low->quarters<V>(items.unit) : -end,
                            .high = question.high ? question.high->quarters<V>(items.unit) : end,
                            .count = question.count};
  if (question.at_most && *question.at_most < question.items.size()) request.at_most = *question.at_most;
  return exact::Meet<V>(integers, request).run();
}

std::vector<std::uint64_t> answer(const Question& question) {
  Frame items = exact::frame_of(question.items);
  const Frame target = exact::frame_of({&question.target, 1});
  if (items.bits == 0) items.unit = std::numeric_limits<double>::max_exponent - 1;  // all sums are zero
  const Frame all = exact::join(items, target);
  // Sums of 40 items need 6 bits more than the items, quarters two.
  const int bits = items.bits + 8;
  if (bits <= exact::Traits<std::int64_t>::bits) return answer_in<std::int64_t>(question, items, all);
  if (bits <= exact::Traits<exact::Int128>::bits) return answer_in<exact::Int128>(question, items, all);
  if (bits <= exact::Traits<exact::Wide<4>>::bits) return answer_in<exact::Wide<4>>(question, items, all);
  return answer_in<exact::Wide<exact::most_limbs>>(question, items, all);
}

Subset subset_of(std::span<const double> items, const Frame& frame, double target, std::uint64_t mask) {
  ExactSum sum(frame);
  for (std::uint64_t rest = mask; rest != 0; rest &= rest - 1) {
    sum.add(items[static_cast<std::size_t>(std::countr_zero(rest))]);
  }
  Subset subset{.mask = mask, .sum = sum.rounded()};
  sum.subtract(target);
  subset.error = sum.rounded();
  return subset;
}

Frame frame_of(std::span<const double> items, double target) {
  return exact::join(exact::frame_of(items), exact::frame_of({&target, 1}));
}

// At most `cap` of the `wanted` first; asks for one more to know whether there are more.
SubsetSumResult result_of(Question question, std::size_t wanted, std::size_t cap) {
  const bool may_cap = cap < wanted;
  question.count = may_cap ? cap + 1 : wanted;
  std::vector<std::uint64_t> masks = answer(question);
  SubsetSumResult result{.method = "meet-in-the-middle"};
  if (may_cap && masks.size() > cap) {
    result.capped = true;
    masks.resize(cap);
  }
  const Frame frame = frame_of(question.items, question.target);
  result.subsets.reserve(masks.size());
  for (const std::uint64_t mask : masks) {
    result.subsets.push_back(subset_of(question.items, frame, question.target, mask));
  }
  return result;
}

// A bound of the sums: target + distance.
ExactSum bound_at(std::span<const double> items, double target, double distance) {
  ExactSum bound(exact::join(frame_of(items, target), exact::frame_of({&distance, 1})));
  bound.add(target);
  bound.add(distance);
  return bound;
}

}  // namespace

SubsetSumResult closest_subset_sums(std::span<const double> items, double target, const SubsetSumOptions& options) {
  require_items(items, target);
  if (options.within && !(*options.within >= 0.0)) throw std::invalid_argument("subset sum: within is negative");
  if (options.best == 1 && options.cap > 0 && !options.within && !options.at_most) {
    SubsetSumSearch search;
    return {.subsets = {search.closest(items, target)}, .method = "meet-in-the-middle"};
  }
  Question question{.items = items, .target = target, .at_most = options.at_most};
  if (options.within && std::isfinite(*options.within)) {
    question.low = bound_at(items, target, -*options.within);
    question.high = bound_at(items, target, *options.within);
  }
  return result_of(question, options.best, options.cap);
}

SubsetSumResult subset_sums_below(std::span<const double> items, double target, std::size_t count,
                                  const SubsetSumOptions& options) {
  require_items(items, target);
  Question question{.items = items, .target = target, .at_most = options.at_most};
  question.high = bound_at(items, target, 0.0);
  return result_of(question, count, options.cap);
}

SubsetSumResult subset_sums_above(std::span<const double> items, double target, std::size_t count,
                                  const SubsetSumOptions& options) {
  require_items(items, target);
  Question question{.items = items, .target = target, .at_most = options.at_most};
  question.low = bound_at(items, target, 0.0);
  return result_of(question, count, options.cap);
}

SubsetSumResult subset_sums_between(std::span<const double> items, double low, double high, double target,
                                    const SubsetSumOptions& options) {
  require_items(items, target);
  if (std::isnan(low) || std::isnan(high)) throw std::invalid_argument("subset sum: a bound is not a number");
  if (low > high || low == std::numeric_limits<double>::infinity() ||
      high == -std::numeric_limits<double>::infinity()) {
    return {.method = "meet-in-the-middle"};
  }
  Question question{.items = items, .target = target, .at_most = options.at_most};
  if (std::isfinite(low)) question.low = bound_at(items, low, 0.0);
  if (std::isfinite(high)) question.high = bound_at(items, high, 0.0);
  return result_of(question, exact::unlimited, options.cap);
}

Subset SubsetSumSearch::closest(std::span<const double> items, double target) {
  require_items(items, target);
  const std::optional<std::uint64_t> packed = exact::closest_packed(items, target, buffers_);
  const std::uint64_t mask = packed ? *packed : answer({.items = items, .target = target}).front();
  return subset_of(items, frame_of(items, target), target, mask);
}

}  // namespace ohmset
