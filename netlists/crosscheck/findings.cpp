// Comparisons made and what came of them.
// SPDX-License-Identifier: Apache-2.0
#include "netlists/crosscheck/findings.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace ohmset::crosscheck {
namespace {

constexpr std::size_t most_kept = 100;

}  // namespace

double relative_difference(double a, double b) {
  if (a == b) return 0.0;
  if (!std::isfinite(a) || !std::isfinite(b)) return infinity;
  return std::abs(a - b) / std::max(std::abs(a), std::abs(b));
}

std::string counted(std::size_t count) {
  std::string text = std::to_string(count);
  for (std::size_t at = text.size(); at > 3; at -= 3) text.insert(at - 3, 1, ',');
  return text;
}

std::string bank_name(std::size_t word, std::size_t bit) { return fmt::format("bank ({}, {})", word, bit); }

std::size_t spread(std::size_t k, std::size_t count, std::size_t total) {
  if (count >= total) return k;
  return static_cast<std::size_t>((static_cast<double>(k) + 0.5) * static_cast<double>(total) /
                                  static_cast<double>(count));
}

void Findings::fail(std::string where, std::string why) {
  ++report.checked;
  add({std::move(where), std::move(why), 0.0, 0.0, infinity});
}

void Findings::add(Disagreement disagreement) {
  report.agree = false;
  ++report.disagreement_count;
  report.disagreements.push_back(std::move(disagreement));
  if (report.disagreements.size() >= 50 * most_kept) keep_worst();
}

void Findings::keep_worst() {
  std::stable_sort(
      report.disagreements.begin(), report.disagreements.end(),
      [](const Disagreement& a, const Disagreement& b) { return a.relative_difference > b.relative_difference; });
  if (report.disagreements.size() > most_kept) report.disagreements.resize(most_kept);
}

CrosscheckReport Findings::finish() {
  keep_worst();
  return std::move(report);
}

}  // namespace ohmset::crosscheck
