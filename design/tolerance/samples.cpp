// Samples of a bank: the fast path by blocks, the plain path by one replayed bank.
// SPDX-License-Identifier: Apache-2.0
#include <tbb/enumerable_thread_specific.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "design/tolerance.h"
#include "design/tolerance/block.h"
#include "design/tolerance/variables.h"

namespace ohmset {
namespace {

const BankQuestion& checked(const BankQuestion& question) {
  tolerance::check(question);
  return question;
}

}  // namespace

struct BankSamples::Impl {
  explicit Impl(BankQuestion given) : question(std::move(given)), making(checked(question)) {}

  [[nodiscard]] std::size_t series() const {
    const std::size_t cases = question.aims.size() * question.conditions.size();
    return cases == 1 ? 1 : cases + 1;
  }

  BankQuestion question;
  tolerance::Making making;
  mutable tbb::enumerable_thread_specific<tolerance::Block> blocks{[this] { return tolerance::Block(making); }};
};

BankSamples::BankSamples(BankQuestion question) : impl_(std::make_unique<const Impl>(std::move(question))) {
  // A search that no die can ask for fails here rather than in the midst of the samples.
  if (impl_->question.population == Population::redesigned) {
    static_cast<void>(replay(std::vector<double>(variables().size(), 0.5)));
  }
}

BankSamples::~BankSamples() = default;
BankSamples::BankSamples(BankSamples&& other) noexcept = default;
BankSamples& BankSamples::operator=(BankSamples&& other) noexcept = default;

const BankQuestion& BankSamples::question() const { return impl_->question; }
std::size_t BankSamples::series() const { return impl_->series(); }
const std::vector<Variable>& BankSamples::variables() const { return impl_->making.variables(); }

void BankSamples::evaluate(std::size_t count, std::span<const double> points, std::span<double> values) const {
  if (points.size() != variables().size() * count || values.size() != series() * count) {
    throw std::invalid_argument("BankSamples: points or values do not fit the number of samples");
  }
  tolerance::Block& block = impl_->blocks.local();
  const tolerance::Points all{.all = points, .count = count};
  for (std::size_t first = 0; first < count; first += block.most_samples()) {
    block.evaluate(all, first, std::min(block.most_samples(), count - first), values);
  }
}

BankSample BankSamples::replay(std::span<const double> point) const {
  if (point.size() != variables().size()) throw std::invalid_argument("BankSamples: another number of coordinates");
  const tolerance::Making& making = impl_->making;
  const BankQuestion& asked = impl_->question;
  BankSample sample{.bank = making.bank(point)};
  for (const Aim& aim : asked.aims) {
    sample.configurations.push_back(
        asked.population == Population::redesigned
            ? program(sample.bank, aim.target, {.unit = aim.unit}).choices.at(0).configuration
            : with_stuck(sample.bank, aim.configuration));
  }
  for (std::size_t c = 0; c < asked.conditions.size(); ++c) sample.aged.push_back(making.aged(sample.bank, c, point));
  for (std::size_t a = 0; a < asked.aims.size(); ++a) {
    const Aim& aim = asked.aims[a];
    for (const Bank& bank : sample.aged) {
      sample.achieved.push_back(aim.unit == TargetUnit::ohm ? resistance(bank, sample.configurations[a]).value
                                                            : conductance(bank, sample.configurations[a]).value);
      sample.values.push_back((sample.achieved.back() - aim.target) / aim.target);
    }
  }
  if (series() == 1) return sample;
  // The first of the largest magnitude.
  sample.values.push_back(*std::ranges::max_element(sample.values, {}, [](double value) { return std::abs(value); }));
  return sample;
}

Experiment BankSamples::experiment() const {
  return {.dimensions = variables().size(),
          .series = series(),
          .together = impl_->blocks.local().most_samples(),
          .evaluate = [this](std::uint64_t /*first*/, std::size_t count, std::span<const double> points,
                             std::span<double> values) { evaluate(count, points, values); }};
}

}  // namespace ohmset
