// Comparisons made and what came of them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "netlists/crosscheck.h"

namespace ohmset::crosscheck {

// |a - b| / max(|a|, |b|); 0 for equal values, infinities included, and infinity where only one is finite.
[[nodiscard]] double relative_difference(double a, double b);

// 94080 -> "94,080", for sentences.
[[nodiscard]] std::string counted(std::size_t count);
[[nodiscard]] std::string bank_name(std::size_t word, std::size_t bit);

// `count` of `total` indices, evenly spread: the k-th of them.
[[nodiscard]] std::size_t spread(std::size_t k, std::size_t count, std::size_t total);

class Findings {
 public:
  // One comparison. `where` is only called for a disagreement.
  template <class Where>
  void compare(const Where& where, std::string_view quantity, double expected, double found, double difference,
               double tolerance) {
    ++report.checked;
    if (!(difference <= tolerance)) add({where(), std::string(quantity), expected, found, difference});
  }
  // The same between our solve and ngspice, counted in the report's largest difference.
  template <class Where>
  void compare_simulators(const Where& where, std::string_view quantity, double ours, double ngspice, double difference,
                          double tolerance) {
    if (difference > report.max_relative_difference) report.max_relative_difference = difference;
    compare(where, quantity, ours, ngspice, difference, tolerance);
  }
  void fail(std::string where, std::string why);
  void say(std::string sentence) { report.scope.push_back(std::move(sentence)); }
  [[nodiscard]] CrosscheckReport finish();

  CrosscheckReport report{};

 private:
  void add(Disagreement disagreement);
  void keep_worst();
};

}  // namespace ohmset::crosscheck
