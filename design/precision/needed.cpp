// How many devices it takes for so many bits, with what probability.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <stdexcept>

#include "design/precision.h"
#include "sim/error.h"

namespace ohmset {
namespace precision {
namespace {

// The lower end of an interval of one side.
double proven(std::uint64_t passed, std::uint64_t trials, double confidence) {
  return clopper_pearson(passed, trials, 2.0 * confidence - 1.0).low;
}

void check_provable(const PrecisionQuestion& question, double bits, double probability) {
  if (!std::isfinite(bits)) throw input_error(fmt::format("{} bits", bits), "a number");
  if (!(probability > 0.0 && probability < 1.0)) {
    throw input_error(fmt::format("a probability of {}", probability), "more than 0 and less than 1");
  }
  if (!(question.confidence > 0.5 && question.confidence < 1.0)) {
    throw input_error(fmt::format("a proof with a confidence of {}", question.confidence),
                      "more than 0.5 and less than 1");
  }
  if (question.even > 1 || (question.targets.size() > 1 && !question.each_its_own)) {
    throw input_error("several targets on each bank", "one: what happens on one bank counts once");
  }
  if (question.banks == 0 || proven(question.banks, question.banks, question.confidence) < probability) {
    const double least = std::ceil(std::log1p(-question.confidence) / std::log(probability));
    throw input_error(fmt::format("{} banks to prove a probability of {}", question.banks, probability),
                      fmt::format("{:.0f} or more", std::max(least, static_cast<double>(question.banks) + 1.0)));
  }
}

}  // namespace
}  // namespace precision

NeededDevices needed_devices(const PrecisionQuestion& question, std::span<const std::size_t> devices, double bits,
                             double probability) {
  if (std::ranges::adjacent_find(devices, std::greater_equal{}) != devices.end()) {
    throw std::invalid_argument("needed_devices: numbers in ascending order");
  }
  precision::check_provable(question, bits, probability);
  NeededDevices needed;
  for (const std::size_t number : devices) {
    const PrecisionSample sample = sample_precision(question, number);
    std::uint64_t passed = 0;
    for (std::size_t k = 0; k < sample.bits.size(); ++k) {
      // Of dead banks, whose error is NaN, none passes, however few bits it takes.
      if (!std::isnan(sample.error[k]) && sample.bits[k] >= bits) ++passed;
    }
    const std::uint64_t trials = sample.bits.size();
    needed.tried.push_back({.devices = number,
                            .passed = passed,
                            .trials = trials,
                            .share = static_cast<double>(passed) / static_cast<double>(trials),
                            .lower = precision::proven(passed, trials, question.confidence)});
    if (needed.tried.back().lower < probability) continue;
    needed.devices = number;
    break;
  }
  return needed;
}

}  // namespace ohmset
