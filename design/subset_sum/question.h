// A question about subset sums in real numbers, answered exactly: from windows around the target where few subsets are
// in them, else by the meet in the middle in the narrowest integers that hold the items.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "design/subset_sum.h"
#include "design/subset_sum/exact_sum.h"
#include "design/subset_sum/meet.h"

namespace ohmset::exact {

// Order of the answers: by error, by cost, or by number of items before error.
enum class Order : unsigned char { closest, cheapest, fewest };

// Both give the same answers.
enum class Method : unsigned char { fastest, integers };

// What answers are said to come from: known from the items alone, so that it is the same whatever was asked before.
[[nodiscard]] std::string method_for(std::span<const double> items);

// Whether this thread has just answered about these items without limits, so that what it made for that is at hand.
[[nodiscard]] bool lists_at_hand(std::span<const double> items);

// About the items that are free to choose; no bound where the optional is empty.
class Question {
 public:
  // Throws std::invalid_argument as closest_subset_sums does.
  Question(std::span<const double> items, double target, const SubsetSumOptions& options,
           Method method = Method::fastest);

  // Only sums of at least, at most bound + distance.
  void low(double bound, double distance = 0.0) { lows_.push_back(placed(bound, distance)); }
  void high(double bound, double distance = 0.0) { highs_.push_back(placed(bound, distance)); }
  void order(Order order, std::span<const double> costs = {});

  // At most options.cap of the `wanted` first; asks for one more to know whether there are more.
  [[nodiscard]] SubsetSumResult result(std::size_t wanted) const;
  [[nodiscard]] Subset subset_of(std::uint64_t mask) const;
  // The first mask, of the free items, without limits of any kind.
  [[nodiscard]] std::uint64_t closest() const;

 private:
  // A bound of the free items' sums.
  [[nodiscard]] ExactSum placed(double bound, double distance) const;
  [[nodiscard]] std::uint64_t spread(std::uint64_t mask) const;
  // Masks of the free items; says how in `about`.
  [[nodiscard]] std::vector<std::uint64_t> answer(std::size_t count, SubsetSumResult& about) const;
  template <class V>
  [[nodiscard]] std::vector<std::uint64_t> answer_in(int unit, std::size_t count, SubsetSumResult& about) const;
  template <class V>
  [[nodiscard]] std::optional<std::vector<std::uint64_t>> from_windows(std::span<const V> integers,
                                                                       const Request<V>& request, int unit) const;
  [[nodiscard]] std::vector<Int128> integer_costs() const;

  std::span<const double> items_;
  double target_;
  SubsetSumOptions options_;
  Method method_;
  std::vector<double> forced_{};      // values of the items that are in every subset
  std::vector<double> free_{};        // values of the items to choose from
  std::vector<std::size_t> which_{};  // their indices
  Frame frame_{};                     // of all items and the target
  std::vector<ExactSum> lows_{};
  std::vector<ExactSum> highs_{};
  Order order_ = Order::closest;
  std::span<const double> costs_{};
  Frame cost_frame_{};
};

}  // namespace ohmset::exact
