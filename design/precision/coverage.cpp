// How well fresh banks cover an interval: any target of it, rather than some.
// SPDX-License-Identifier: Apache-2.0
#include "design/coverage.h"

#include <tbb/parallel_for.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "design/coverage/sums.h"
#include "design/parallel/finished.h"
#include "design/parallel/threads.h"
#include "design/precision.h"
#include "design/precision/banks.h"
#include "design/precision/use.h"
#include "sim/error.h"

namespace ohmset {
namespace precision {
namespace {

// Of the difference of two parallel banks.
Coverage coverage_of_pair(const Bank& plus, const Bank& minus, const Interval& interval) {
  std::size_t free = 0;
  std::vector<Contribution> pairs;
  for (const Bank* bank : {&plus, &minus}) {
    const double sign = bank == &plus ? 1.0 : -1.0;
    for (const Device& device : bank->devices) {
      const Contribution gives = contribution(device, false);
      pairs.push_back({.inserted = sign * gives.inserted, .removed = sign * gives.removed});
      free += device.stuck == Stuck::free ? 1U : 0U;
    }
  }
  covering::require_few(free);
  const auto finite = covering::finite_pairs(pairs);
  if (!finite) return {.at = interval.low, .distance = infinity, .below = -infinity, .above = infinity};
  return covering::cover_sums(*finite, interval.low, interval.high);
}

class Coverer {
 public:
  Coverer(const PrecisionQuestion& question, std::size_t devices)
      : question_(question), family_(question, devices), use_(question, family_.spec().fabrication) {}

  [[nodiscard]] double full_scale() const { return family_.full_scale(); }

  struct Covered {
    Coverage coverage{};
    double bits = 0.0;
  };
  [[nodiscard]] Covered cover(std::size_t number) const {
    Drawn drawn = family_.draw(number);
    const Interval& interval = drawn.interval;
    // Where there is nothing to choose from, its one value covers nothing.
    if (!(interval.low < interval.high)) {
      constexpr double none = std::numeric_limits<double>::quiet_NaN();
      return {.coverage = {.at = none, .distance = none}};
    }
    for (std::size_t cell = 0; cell < drawn.banks.size(); ++cell) {
      use_.apply(drawn.banks[cell], question_.seed, number, cell);
    }
    Covered covered{.coverage = coverage_of(drawn, interval)};
    const double scale = family_.is_signed() ? 1.0 : interval.high - interval.low;
    covered.bits = 0.0 - std::log2(covered.coverage.distance / scale);
    return covered;
  }

 private:
  [[nodiscard]] Coverage coverage_of(const Drawn& drawn, const Interval& interval) const {
    if (family_.is_pair()) return coverage_of_pair(drawn.banks.front(), drawn.banks.back(), interval);
    if (!family_.is_signed()) return coverage(drawn.banks.front(), family_.unit(), interval.low, interval.high);
    covering::require_few(drawn.items.size());
    return coverage(drawn.items, interval.low, interval.high);
  }

  const PrecisionQuestion& question_;
  Family family_;
  Use use_;
};

}  // namespace
}  // namespace precision

PrecisionSample sample_coverage(const PrecisionQuestion& question, std::size_t devices) {
  if (question.choosing != Choosing::search) {
    throw input_error("coverage of what is not searched for", "coverage is that of all configurations");
  }
  PrecisionQuestion asked = question;
  asked.interval = asked_interval(question, true);
  const precision::Coverer coverer(asked, devices);
  PrecisionSample sample{.devices = devices, .banks = asked.banks, .full_scale = coverer.full_scale()};
  sample.target.resize(asked.banks);
  sample.error.resize(asked.banks);
  sample.bits.resize(asked.banks);
  parallel::Finished done(asked.progress, asked.banks);
  const auto all = [&] {
    tbb::parallel_for(std::size_t{0}, asked.banks, [&](std::size_t number) {
      if (done.stopped()) return;
      const auto covered = coverer.cover(number);
      sample.target[number] = covered.coverage.at;
      sample.error[number] = covered.coverage.distance;
      sample.bits[number] = covered.bits;
      done.advance(1);
    });
  };
  parallel::on_threads(asked.threads, all);
  if (done.stopped()) throw world_error("interrupted");
  return sample;
}

}  // namespace ohmset
