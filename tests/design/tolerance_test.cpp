// Samples of banks: the fast path against the replayed bank, draws against fabrication, laws in closed form.
// SPDX-License-Identifier: Apache-2.0
#include "design/tolerance.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>

#include "sim/error.h"
#include "sim/random.h"
#include "tests/support/questions.h"

using namespace ohmset;
using support::Random;

namespace {

std::uint64_t bits(double value) { return std::bit_cast<std::uint64_t>(value); }

std::vector<double> evaluated(const BankSamples& samples, std::size_t count, const std::vector<double>& points) {
  std::vector<double> values(samples.series() * count);
  samples.evaluate(count, points, values);
  return values;
}

std::vector<double> column(const std::vector<double>& rows, std::size_t count, std::size_t sample) {
  std::vector<double> values;
  for (std::size_t at = sample; at < rows.size(); at += count) values.push_back(rows[at]);
  return values;
}

// Every sample of the block by itself: as many values that differ in a bit.
std::size_t differences(const BankSamples& samples, std::size_t count, const std::vector<double>& points) {
  const std::vector<double> values = evaluated(samples, count, points);
  std::size_t different = 0;
  for (std::size_t s = 0; s < count; ++s) {
    const BankSample alone = samples.replay(column(points, count, s));
    const std::vector<double> expected = column(values, count, s);
    REQUIRE(alone.values.size() == expected.size());
    for (std::size_t k = 0; k < expected.size(); ++k) different += bits(expected[k]) != bits(alone.values[k]) ? 1 : 0;
  }
  return different;
}

}  // namespace

TEST_CASE("blocks of samples are the replayed banks, bit for bit") {
  for (const Population population : {Population::die, Population::blind, Population::redesigned}) {
    for (std::uint64_t seed = 0; seed < 150; ++seed) {
      CAPTURE(seed);
      CAPTURE(static_cast<int>(population));
      Random random(seed);
      const BankSamples samples(support::any_question(random, population));
      const std::size_t count = 1 + random() % 40;
      CHECK(differences(samples, count, support::any_points(random, samples.variables().size() * count)) == 0);
    }
  }
}

TEST_CASE("draws make of a device what fabrication makes of them") {
  const auto draw_of = [](Cause cause) {
    switch (cause) {
      case Cause::lot:
        return Draw::lot;
      case Cause::resistance:
        return Draw::resistance;
      case Cause::device_fault:
        return Draw::device_fault;
      case Cause::switch_on:
        return Draw::switch_on;
      case Cause::switch_fault:
        return Draw::switch_fault;
      case Cause::tc1:
        return Draw::tc1;
      case Cause::tc2:
        return Draw::tc2;
      default:
        return Draw::measurement;
    }
  };
  for (std::uint64_t seed = 1; seed < 200; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    BankQuestion question = support::any_question(random, Population::redesigned);
    question.conditions = {{.celsius = 85.0}};
    question.spec.fabrication.process.drift = {};
    question.spec.fabrication.process.read_noise = 0.0;
    const BankSamples samples(question);
    std::vector<double> point;
    for (const Variable& variable : samples.variables()) {
      point.push_back(uniform({.seed = seed, .die = 3, .cell = 0, .device = variable.device}, draw_of(variable.cause)));
    }
    const Bank ours = samples.replay(point).bank;
    const Bank theirs = fabricate(question.spec, {.seed = seed, .die = 3});
    for (std::size_t k = 0; k < theirs.devices.size(); ++k) {
      const Device& a = ours.devices[k];
      const Device& b = theirs.devices[k];
      CHECK(bits(a.resistance.value) == bits(b.resistance.value));
      CHECK(bits(a.measured.value) == bits(b.measured.value));
      CHECK(bits(a.contact.on.value) == bits(b.contact.on.value));
      CHECK(bits(a.contact.off.value) == bits(b.contact.off.value));
      CHECK(bits(a.tc1) == bits(b.tc1));
      CHECK(bits(a.tc2) == bits(b.tc2));
      CHECK(a.stuck == b.stuck);
    }
  }
}
