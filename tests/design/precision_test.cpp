// Precision sampled: against brute force over every configuration, bank by bank.
// SPDX-License-Identifier: Apache-2.0
#include "design/precision.h"

#include <doctest/doctest.h>

#include <array>

#include "design/precision/banks.h"
#include "sim/error.h"
#include "tests/design/precision_circuits.h"

namespace {

using namespace ohmset;
using namespace precision_circuits;

// In every unit that it may be asked in.
bool searches_exactly(PrecisionQuestion question, std::size_t devices) {
  for (const Choosing choosing : {Choosing::search, Choosing::code}) {
    question.choosing = choosing;
    question.unit.reset();
    if (!agrees_with_brute_force(question, devices)) return false;
    for (const TargetUnit unit : {TargetUnit::ohm, TargetUnit::siemens}) {
      if (is_pair(question) && unit == TargetUnit::ohm) continue;
      question.unit = unit;
      if (!agrees_with_brute_force(question, devices)) return false;
    }
  }
  return true;
}

TEST_CASE("in every topology and unit the search finds what looking at every configuration finds") {
  for (const char* topology : {"parallel", "series", "differential", "parallel(series(n/2), series(n/2))",
                               "series(parallel(n/3), n/3, parallel(n/6, series(n/6)))"}) {
    CAPTURE(topology);
    CHECK(searches_exactly(question_of(topology, plain()), 6));
    CHECK(searches_exactly(question_of(topology, troubled()), 6));
  }
}

TEST_CASE("many targets on a bank are as many single searches") {
  for (const char* topology : {"parallel", "series", "differential", "parallel(series(n/2), series(n/2))"}) {
    CAPTURE(topology);
    PrecisionQuestion question = question_of(topology, troubled());
    question.banks = 3;
    question.even = 37;
    CHECK(searches_exactly(question, 8));
  }
}

// Items, targets and errors as the search for one question has them.
bool is_exact(const PrecisionQuestion& question, std::size_t devices) {
  const PrecisionSample sample = sample_precision(question, devices);
  const precision::Family family(question, devices);
  for (std::size_t k = 0; k < sample.error.size(); ++k) {
    const precision::Drawn drawn = family.draw(k / sample.targets);
    const auto within = [](double value) { return std::abs(value) <= 1.0; };
    if (!std::ranges::all_of(drawn.items, within) || !within(sample.target[k])) return false;
    const Subset subset = closest_subset_sums(drawn.items, sample.target[k]).subsets.front();
    if (sample.error[k] != subset.error || sample.bits[k] != -std::log2(std::abs(subset.error))) return false;
  }
  return true;
}

TEST_CASE("signed items are searched exactly, their errors rounded once") {
  for (const std::size_t devices : {1, 7, 13, 22}) {
    CAPTURE(devices);
    CHECK(is_exact({.banks = 25, .seed = 5}, devices));
    CHECK(is_exact({.banks = 25, .even = 9, .seed = 5}, devices));
  }
}

std::vector<std::uint64_t> bytes(PrecisionQuestion question, int threads) {
  question.threads = threads;
  const PrecisionSample sample = sample_precision(question, 12);
  std::vector<std::uint64_t> all;
  for (const std::vector<double>* values : {&sample.target, &sample.error, &sample.bits, &sample.law}) {
    for (const double value : *values) all.push_back(std::bit_cast<std::uint64_t>(value));
  }
  return all;
}

TEST_CASE("the same values come from any number of threads") {
  std::vector<PrecisionQuestion> questions{{.banks = 300}, {.banks = 1, .even = 500}};
  for (const char* topology : {"parallel", "series", "differential", "series(parallel(n/2), parallel(n/2))"}) {
    questions.push_back(question_of(topology, troubled()));
    questions.back().banks = 150;
    questions.push_back(questions.back());
    questions.back().banks = 2;
    questions.back().even = 150;
  }
  for (const PrecisionQuestion& question : questions) {
    const std::vector<std::uint64_t> one = bytes(question, 1);
    CHECK(bytes(question, 2) == one);
    CHECK(bytes(question, 3) == one);
  }
}

// The first three of a bank.
std::vector<double> resistances(const PrecisionQuestion& question, std::size_t devices, std::size_t bank) {
  std::vector<double> values;
  const precision::Drawn drawn = precision::Family(question, devices).draw(3);
  for (std::size_t k = 0; k < 3; ++k) values.push_back(drawn.banks[bank].devices[k].resistance.value);
  return values;
}

TEST_CASE("a bank is a function of seed and number, and with more devices it has those it had before") {
  PrecisionQuestion question = question_of("differential", plain());
  const std::vector<double> plus = resistances(question, 6, 0);
  const std::vector<double> minus = resistances(question, 6, 1);
  CHECK(resistances(question, 10, 0) == plus);
  CHECK(resistances(question, 10, 1) == minus);
  CHECK(plus != minus);
  question.seed = 8;
  CHECK(resistances(question, 6, 0) != plus);
}

TEST_CASE("so are signed items") {
  const std::vector<double> items = precision::Family({}, 4).draw(9).items;
  const std::vector<double> more = precision::Family({}, 6).draw(9).items;
  CHECK(items == std::vector<double>(more.begin(), more.begin() + 4));
}

// A series bank's targets over its largest value.
std::vector<double> fractions_of_reach(const PrecisionQuestion& question, std::size_t devices) {
  const PrecisionSample sample = sample_precision(question, devices);
  std::vector<double> fractions;
  for (std::size_t k = 0; k < sample.target.size(); ++k) {
    double total = 0.0;
    const Circuit circuit = circuit_of(question, devices, k / sample.targets);
    for (const Device& device : circuit.banks.front().devices) total += device.resistance.value;
    fractions.push_back(sample.target[k] / total);
  }
  return fractions;
}

TEST_CASE("drawn targets lie at fractions of what the bank at hand reaches") {
  PrecisionQuestion question = question_of("series", plain());
  question.interval = Interval{0.4, 0.6};
  question.banks = 200;
  std::vector<double> fractions = fractions_of_reach(question, 9);
  std::ranges::sort(fractions);
  CHECK(fractions.front() == about(0.4, 0.02));
  CHECK(fractions[100] == about(0.5, 0.05));
  CHECK(fractions.back() == about(0.6, 0.02));
}

TEST_CASE("evenly spaced ones include both ends") {
  PrecisionQuestion question = question_of("series", plain());
  question.even = 3;
  const std::vector<double> fractions = fractions_of_reach(question, 9);
  REQUIRE(fractions.size() == 120);
  for (std::size_t k = 0; k < 120; ++k) CHECK(fractions[k] == about(0.25 + 0.25 * static_cast<double>(k % 3), 1e-12));
}

TEST_CASE("those of differential pairs lie at multiples of the full scale, given ones where they are") {
  PrecisionQuestion question = question_of("differential", plain());
  question.even = 3;
  PrecisionSample sample = sample_precision(question, 8);
  // Half the square root of 8 E[g^2], E[g^2] = exp(2 sigma^2) / R^2.
  const double full_scale = sample.full_scale;
  CHECK(full_scale == about(0.5 * std::sqrt(8.0) * std::exp(0.09) / 10e3, 1e-9));
  sample.target.resize(3);
  CHECK(sample.target == std::vector<double>{-full_scale, 0.0, full_scale});

  question = question_of("parallel", plain());
  question.targets = {1e-4, 3e-4};
  question.banks = 2;
  CHECK(sample_precision(question, 8).target == std::vector<double>{1e-4, 3e-4, 1e-4, 3e-4});
  question.each_its_own = true;
  sample = sample_precision(question, 8);
  CHECK(sample.target == std::vector<double>{1e-4, 3e-4});
  CHECK(sample.targets == 1);
}

// The error of the configuration that program() chooses, in long double; devices have ideal switches.
double error_in_long_double(const Bank& bank, double target, TargetUnit unit) {
  const Design design = program(bank, target, {.unit = unit});
  long double sum = 0.0L;
  for (const std::size_t k : design.choices.front().configuration.on()) {
    sum += static_cast<long double>(contribution(bank.devices[k], false).inserted);
  }
  const long double wanted = target;
  return static_cast<double>(unit == TargetUnit::siemens ? sum - wanted : (1.0L - wanted * sum) / sum);
}

bool is_honest(TargetUnit unit, std::size_t devices) {
  PrecisionQuestion question = question_of("parallel", plain());
  question.banks = 1;
  question.unit = unit;
  question.targets = {unit == TargetUnit::siemens ? 1.9e-3 : 1.0 / 1.9e-3};
  const PrecisionSample sample = sample_precision(question, devices);
  const Circuit circuit = circuit_of(question, devices, 0);
  const double expected = error_in_long_double(circuit.banks.front(), sample.target.front(), unit);
  return sample.error.front() == about(expected, 0.01) && sample.bits.front() > 34.0;
}

TEST_CASE("errors are honest below the rounding of the value, also of more devices than half lists hold") {
  CHECK(is_honest(TargetUnit::siemens, 38));
  CHECK(is_honest(TargetUnit::siemens, 43));
  CHECK(is_honest(TargetUnit::ohm, 38));
  CHECK(is_honest(TargetUnit::ohm, 43));
}

TEST_CASE("banks that have nothing to choose from have no bits") {
  PrecisionQuestion question = question_of("parallel", plain());
  question.family->fabrication.process.device_open = 1.0;
  const PrecisionSample open = sample_precision(question, 3);
  CHECK(open.bits == std::vector<double>(40, 0.0));
  CHECK(std::ranges::all_of(open.target, [](double target) { return std::isnan(target); }));
  CHECK(std::ranges::all_of(open.error, [](double error) { return std::isnan(error); }));
  const PrecisionRow all_dead = summarize(question, open);
  CHECK(all_dead.dead == 40);
  CHECK(std::isnan(all_dead.error_median));
  CHECK(!all_dead.bits_law);
  // A short that is stuck in makes everything else vain.
  question.family->fabrication.process.device_open = 0.0;
  question.family->fabrication.process.device_short = 1.0;
  question.family->fabrication.switches.stuck_closed = 1.0;
  question.targets = {1e-4};
  const PrecisionSample shorted = sample_precision(question, 3);
  CHECK(shorted.error.front() == infinity);
  CHECK(shorted.bits.front() == -infinity);
}

// What a sample has of live banks, and whether all of the others are as dead as they should be.
struct Live {
  std::size_t dead = 0;
  bool told = true;
  std::vector<double> errors{};
  double laws = 0.0;
};
Live live_of(const PrecisionQuestion& question, const PrecisionSample& sample) {
  Live live;
  for (std::size_t k = 0; k < sample.bits.size(); ++k) {
    const bool none = circuit_of(question, sample.devices, k / sample.targets).value(7, Seen::actual) == 0.0;
    live.told = live.told && std::isnan(sample.target[k]) == none && std::isnan(sample.error[k]) == none;
    if (none) {
      live.told = live.told && sample.bits[k] == 0.0;
      live.dead += k % sample.targets == 0 ? 1 : 0;
    } else {
      live.errors.push_back(std::abs(sample.error[k]));
      live.laws += sample.law[k];
    }
  }
  return live;
}

TEST_CASE("dead banks count with 0 bits, and are in neither the median error nor the law nor what passes") {
  PrecisionQuestion question = question_of("parallel", plain());
  question.family->fabrication.process.device_open = 0.8;
  question.banks = 400;
  for (const std::size_t even : {3, 0}) {
    question.even = even;
    const PrecisionSample sample = sample_precision(question, 3);
    const Live live = live_of(question, sample);
    CHECK(live.told);
    // 0.8^3 = 0.512 of them.
    CHECK(live.dead > 160);
    CHECK(live.dead < 250);
    const PrecisionRow row = summarize(question, sample);
    CHECK(row.dead == live.dead);
    CHECK(row.error_median == doctest::Approx(median_of(live.errors)).epsilon(0.05));
    CHECK(*row.bits_law == doctest::Approx(live.laws / static_cast<double>(live.errors.size())));
  }
  const std::array<std::size_t, 1> three{3};
  // However few bits are asked for: also live banks have fewer than 0 at times.
  const NeededDevices needed = needed_devices(question, three, -100.0, 0.9);
  CHECK(!needed.devices);
  CHECK(needed.tried.front().passed == question.banks - summarize(question, sample_precision(question, 3)).dead);
}

TEST_CASE("targets of a pair as multiples of its full scale are those of the same siemens") {
  PrecisionQuestion question = question_of("differential", plain());
  question.targets = {-1.5, 0.0, 0.25, 1.0};
  question.of_full_scale = true;
  const PrecisionSample multiples = sample_precision(question, 8);
  for (double& target : question.targets) target *= multiples.full_scale;
  question.of_full_scale = false;
  const PrecisionSample siemens = sample_precision(question, 8);
  CHECK(multiples.target == siemens.target);
  CHECK(multiples.error == siemens.error);
  CHECK(multiples.target[2] == 0.25 * multiples.full_scale);
  question.of_full_scale = question.each_its_own = true;
  question.targets.assign(question.banks, 0.25);
  CHECK(sample_precision(question, 8).target.back() == 0.25 * multiples.full_scale);
}

TEST_CASE("a sample that is told to stop says that it was interrupted") {
  PrecisionQuestion question{.banks = 5000};
  std::size_t calls = 0;
  question.progress = [&](std::size_t done, std::size_t total) { return done <= total && ++calls < 3; };
  std::string said = "nothing";
  try {
    static_cast<void>(sample_precision(question, 8));
  } catch (const Error& error) {
    said = error.fault() == Fault::world ? error.what() : "another fault";
  }
  CHECK(said == "interrupted");
  CHECK(calls == 3);
}

}  // namespace
