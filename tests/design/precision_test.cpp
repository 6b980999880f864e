// Precision sampled: against brute force over every configuration, bank by bank.
// SPDX-License-Identifier: Apache-2.0
#include "design/precision.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "design/precision/banks.h"
#include "design/precision/use.h"
#include "sim/error.h"

namespace {

using namespace ohmset;

Fabrication plain(double sigma = 0.3) {
  return {.process = {.nominals = {10e3}, .distribution = Distribution::lognormal, .sigma = sigma}};
}

// Spread, faults, real switches, and readings that are not exact.
Fabrication troubled() {
  Fabrication fabrication = plain();
  fabrication.process.lot_sigma = 0.1;
  fabrication.process.device_open = 0.06;
  fabrication.process.device_short = 0.04;
  fabrication.switches = {
      .nominal = {.on = Ohm{60.0}, .off = Ohm{3e6}}, .on_sigma = 0.3, .stuck_open = 0.05, .stuck_closed = 0.05};
  fabrication.measurement.sigma = 0.02;
  return fabrication;
}

// Within a part of the expected value, whatever its size.
doctest::Approx about(double expected, double relative) {
  return doctest::Approx(expected).epsilon(relative).scale(std::numeric_limits<double>::min());
}

PrecisionQuestion question_of(const std::string& topology, const Fabrication& fabrication) {
  PrecisionQuestion question{.banks = 40, .seed = 7, .threads = 2};
  question.family = BankFamily{.fabrication = fabrication, .topology = topology};
  return question;
}

double value_of(const Bank& bank, const Configuration& configuration, TargetUnit unit, Seen seen) {
  return unit == TargetUnit::ohm ? resistance(bank, configuration, seen).value
                                 : conductance(bank, configuration, seen).value;
}

// What a plus and a minus bank, or one bank, make of a mask of all their devices.
struct Circuit {
  std::vector<Bank> banks{};
  TargetUnit unit = TargetUnit::ohm;

  [[nodiscard]] std::size_t devices() const { return banks.size() * banks.front().devices.size(); }
  [[nodiscard]] double value(std::uint64_t mask, Seen seen) const {
    const std::size_t own = banks.front().devices.size();
    const std::uint64_t low = (std::uint64_t{1} << own) - 1;
    const double plus = value_of(banks.front(), Configuration::from_mask(mask & low, own), unit, seen);
    if (banks.size() == 1) return plus;
    return plus - value_of(banks.back(), Configuration::from_mask(mask >> own, own), unit, seen);
  }
};

// The configuration that is nearest in what the search sees; nearer by less than rounding is no difference.
std::uint64_t nearest(const Circuit& circuit, double target) {
  std::uint64_t best = 0;
  double least = infinity;
  double magnitude = std::abs(target);
  for (std::uint64_t mask = 0; mask < std::uint64_t{1} << circuit.devices(); ++mask) {
    const double value = circuit.value(mask, Seen::measured);
    if (!std::isfinite(value)) continue;
    magnitude = std::max(magnitude, std::abs(value));
    const double error = std::abs(value - target);
    const double slack = 1e-14 * magnitude;
    const bool nearer = error < least - slack;
    const bool fewer = error < least + slack && std::popcount(mask) < std::popcount(best);
    if (nearer || fewer) {
      best = mask;
      least = std::min(error, least);
    }
  }
  return best;
}

Circuit circuit_of(const PrecisionQuestion& question, std::size_t devices, std::uint64_t number, bool nominal) {
  const BankSpec spec = bank_spec_of(*question.family, devices);
  Circuit circuit{.unit = target_unit_of(question, devices)};
  for (std::uint64_t cell = 0; cell < (question.family->topology == "differential" ? 2 : 1); ++cell) {
    Bank bank = fabricate(spec, {.seed = question.seed, .die = number, .cell = cell});
    for (Device& device : bank.devices) {
      if (!nominal) continue;
      device.resistance = device.measured = device.nominal;
      device.contact = spec.fabrication.switches.nominal;
      device.stuck = Stuck::free;
    }
    circuit.banks.push_back(bank);
  }
  return circuit;
}

void check_by_brute_force(const PrecisionQuestion& question, std::size_t devices) {
  const PrecisionSample sample = sample_precision(question, devices);
  REQUIRE(sample.error.size() == sample.banks * sample.targets);
  std::size_t reached = 0;
  for (std::size_t k = 0; k < sample.error.size(); ++k) {
    const Circuit actual = circuit_of(question, devices, k / sample.targets, false);
    const Circuit known = circuit_of(question, devices, k / sample.targets, question.choosing == Choosing::code);
    const double target = sample.target[k];
    const double value = actual.value(nearest(known, target), Seen::actual);
    CAPTURE(k);
    CAPTURE(target);
    if (std::isinf(value)) {
      CHECK(std::isinf(sample.error[k]));
      CHECK(sample.bits[k] == -infinity);
      continue;
    }
    ++reached;
    CHECK(sample.error[k] == doctest::Approx(value - target).epsilon(1e-9).scale(std::abs(target) * 1e-5));
    const bool pair = question.family->topology == "differential";
    const double scale = pair ? sample.full_scale : target;
    if (sample.error[k] != 0.0 && target != 0.0 && sample.bits[k] != 0.0) {
      CHECK(sample.bits[k] == doctest::Approx(-std::log2(std::abs(sample.error[k]) / scale)).epsilon(1e-12));
    }
  }
  CHECK(reached > sample.error.size() / 2);
}

TEST_CASE("in every topology and unit the search finds what looking at every configuration finds") {
  for (const char* topology : {"parallel", "series", "differential", "parallel(series(n/2), series(n/2))",
                               "series(parallel(n/3), n/3, parallel(n/6, series(n/6)))"}) {
    for (const std::optional<TargetUnit> unit :
         {std::optional<TargetUnit>{}, std::optional(TargetUnit::ohm), std::optional(TargetUnit::siemens)}) {
      if (std::string(topology) == "differential" && unit == TargetUnit::ohm) continue;
      for (const bool trouble : {false, true}) {
        for (const Choosing choosing : {Choosing::search, Choosing::code}) {
          PrecisionQuestion question = question_of(topology, trouble ? troubled() : plain());
          question.unit = unit;
          question.choosing = choosing;
          CAPTURE(topology);
          CAPTURE(trouble);
          CAPTURE(static_cast<int>(choosing));
          check_by_brute_force(question, 6);
        }
      }
    }
  }
}

TEST_CASE("many targets on a bank are as many single searches") {
  for (const char* topology : {"parallel", "series", "differential", "parallel(series(n/2), series(n/2))"}) {
    PrecisionQuestion question = question_of(topology, troubled());
    question.banks = 3;
    question.even = 37;
    CAPTURE(topology);
    check_by_brute_force(question, 8);
    question.unit = std::string(topology) == "series" ? TargetUnit::siemens : TargetUnit::ohm;
    if (std::string(topology) != "differential") check_by_brute_force(question, 8);
  }
}

TEST_CASE("signed items are searched exactly, their errors rounded once") {
  for (const std::size_t devices : {1, 7, 13, 22}) {
    for (const std::size_t even : {std::size_t{0}, std::size_t{9}}) {
      const PrecisionQuestion question{.banks = 25, .even = even, .seed = 5};
      const PrecisionSample sample = sample_precision(question, devices);
      const precision::Family family(question, devices);
      for (std::size_t k = 0; k < sample.error.size(); ++k) {
        const precision::Drawn drawn = family.draw(k / sample.targets);
        for (const double item : drawn.items) CHECK(std::abs(item) < 1.0);
        const Subset subset = closest_subset_sums(drawn.items, sample.target[k]).subsets.front();
        CHECK(sample.error[k] == subset.error);
        CHECK(sample.bits[k] == -std::log2(std::abs(subset.error)));
        CHECK(std::abs(sample.target[k]) <= 1.0);
      }
    }
  }
}

TEST_CASE("the same values come from any number of threads") {
  const auto bytes = [](PrecisionQuestion question, int threads) {
    question.threads = threads;
    const PrecisionSample sample = sample_precision(question, 12);
    std::vector<std::uint64_t> all;
    for (const std::vector<double>* values : {&sample.target, &sample.error, &sample.bits, &sample.law}) {
      for (const double value : *values) all.push_back(std::bit_cast<std::uint64_t>(value));
    }
    return all;
  };
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

TEST_CASE("a bank is a function of seed and number, and with more devices it has those it had before") {
  PrecisionQuestion question = question_of("differential", plain());
  const precision::Drawn few = precision::Family(question, 6).draw(3);
  const precision::Drawn many = precision::Family(question, 10).draw(3);
  for (std::size_t bank = 0; bank < 2; ++bank) {
    for (std::size_t k = 0; k < 3; ++k) {
      CHECK(few.banks[bank].devices[k].resistance == many.banks[bank].devices[k].resistance);
    }
  }
  CHECK(few.banks[0].devices[0].resistance != few.banks[1].devices[0].resistance);
  question.seed = 8;
  CHECK(few.banks[0].devices[0].resistance != precision::Family(question, 6).draw(3).banks[0].devices[0].resistance);
  const precision::Drawn items = precision::Family({}, 4).draw(9);
  const std::vector<double> more = precision::Family({}, 6).draw(9).items;
  CHECK(std::ranges::equal(items.items, std::vector<double>(more.begin(), more.begin() + 4)));
}

TEST_CASE("targets lie in the interval: fractions of the reach, multiples of the full scale, or as given") {
  PrecisionQuestion question = question_of("series", plain());
  question.interval = Interval{0.4, 0.6};
  PrecisionSample sample = sample_precision(question, 9);
  for (std::size_t k = 0; k < sample.banks; ++k) {
    double total = 0.0;
    const Circuit circuit = circuit_of(question, 9, k, false);
    for (const Device& device : circuit.banks.front().devices) {
      total += device.resistance.value;
    }
    CHECK(sample.target[k] > 0.4 * total);
    CHECK(sample.target[k] < 0.6 * total);
  }
  question.even = 5;
  sample = sample_precision(question, 9);
  CHECK(sample.targets == 5);
  const precision::Drawn drawn = precision::Family(question, 9).draw(2);
  CHECK(sample.target[10] == doctest::Approx(0.4 * drawn.reach.high));
  CHECK(sample.target[12] == doctest::Approx(0.5 * drawn.reach.high));
  CHECK(sample.target[14] == doctest::Approx(0.6 * drawn.reach.high));

  question = question_of("differential", plain());
  question.even = 3;
  sample = sample_precision(question, 8);
  // Half the square root of 8 E[g^2], E[g^2] = exp(2 sigma^2) / R^2.
  CHECK(sample.full_scale == about(0.5 * std::sqrt(8.0) * std::exp(0.09) / 10e3, 1e-9));
  CHECK(sample.target[3] == -sample.full_scale);
  CHECK(sample.target[4] == 0.0);
  CHECK(sample.target[5] == sample.full_scale);

  question = question_of("parallel", plain());
  question.targets = {1e-4, 3e-4};
  question.banks = 2;
  sample = sample_precision(question, 8);
  CHECK(sample.target == std::vector<double>{1e-4, 3e-4, 1e-4, 3e-4});
  question.each_its_own = true;
  CHECK(sample_precision(question, 8).target == std::vector<double>{1e-4, 3e-4});
  CHECK(sample_precision(question, 8).targets == 1);
}

TEST_CASE("errors are honest below the rounding of the value") {
  // 40 devices miss by less than the last bit of what they make: in long double the same is found again.
  PrecisionQuestion question = question_of("parallel", plain());
  question.banks = 1;
  for (const TargetUnit unit : {TargetUnit::siemens, TargetUnit::ohm}) {
    question.unit = unit;
    question.targets = {unit == TargetUnit::siemens ? 1.9e-3 : 1.0 / 1.9e-3};
    const PrecisionSample sample = sample_precision(question, 38);
    const Bank bank = circuit_of(question, 38, 0, false).banks.front();
    const Design design = program(bank, sample.target.front(), {.unit = unit});
    long double sum = 0.0L;
    for (const std::size_t k : design.choices.front().configuration.on()) {
      sum += static_cast<long double>(contribution(bank.devices[k], false).inserted);
    }
    const long double target = sample.target.front();
    const long double error = unit == TargetUnit::siemens ? sum - target : (1.0L - target * sum) / sum;
    CHECK(sample.error.front() == about(static_cast<double>(error), 1e-3));
    CHECK(std::abs(sample.error.front()) < 1e-10 * sample.target.front());
  }
}

TEST_CASE("a binary ladder read as a code is the ordinary converter, capped by mismatch") {
  PrecisionQuestion question = question_of("parallel", plain(0.001));
  question.family->ladder = 2.0;
  question.choosing = Choosing::code;
  question.banks = 300;
  const PrecisionSample sample = sample_precision(question, 10);
  for (std::size_t k = 0; k < sample.banks; ++k) {
    const Bank bank = circuit_of(question, 10, k, false).banks.front();
    const auto code = static_cast<std::uint64_t>(std::lround(sample.target[k] * 10e3 * 512.0));
    double value = 0.0;
    for (std::size_t bit = 0; bit < 10; ++bit) {
      if (((code >> (9 - bit)) & 1U) != 0) value += 1.0 / bank.devices[bit].resistance.value;
    }
    CHECK(sample.error[k] == doctest::Approx(value - sample.target[k]).epsilon(1e-7).scale(1e-6 * sample.target[k]));
  }
  CHECK(sample.law.empty());
  // More devices do not help, where searching among them does.
  const auto median = [](PrecisionSample of) {
    std::ranges::sort(of.bits);
    return of.bits[of.bits.size() / 2];
  };
  CHECK(median(sample_precision(question, 20)) < median(sample) + 1.0);
  question.choosing = Choosing::search;
  CHECK(median(sample_precision(question, 20)) > median(sample) + 4.0);
}

TEST_CASE("without spread a code is as near as its steps, however many of its sums are equal") {
  for (const char* topology : {"parallel", "series", "differential"}) {
    for (const std::size_t devices : {5, 6, 40}) {
      if (std::string(topology) == "differential" && devices == 5) continue;
      PrecisionQuestion question = question_of(topology, {.process = {.nominals = {10e3}}});
      question.choosing = devices == 6 ? Choosing::search : Choosing::code;
      question.banks = 50;
      const PrecisionSample sample = sample_precision(question, devices);
      const double step = std::string(topology) == "series" ? 10e3 : 1e-4;
      for (std::size_t k = 0; k < sample.error.size(); ++k) {
        const double nearest_step = std::round(sample.target[k] / step) * step;
        CHECK(sample.error[k] == about(nearest_step - sample.target[k], 1e-6));
      }
    }
  }
}

TEST_CASE("of two configurations as near as each other the one with fewer devices is taken") {
  for (const char* topology : {"parallel", "series", "differential"}) {
    const bool series = std::string(topology) == "series";
    PrecisionQuestion question = question_of(topology, {.process = {.nominals = {series ? 2.0 : 0.5}}});
    question.targets = {3.0, 5.0};
    const PrecisionSample sample = sample_precision(question, 8);
    CHECK(sample.error[0] == -1.0);
    CHECK(sample.error[1] == -1.0);
  }
}

TEST_CASE("averaging: everything inserted gains half a bit for each doubling of the devices") {
  double last = 0.0;
  for (const std::size_t devices : {16, 64, 256}) {
    PrecisionQuestion question = question_of("parallel", plain());
    question.family->fabrication.switches.nominal = {.on = Ohm{0.0}, .off = Ohm{1e6}};
    question.choosing = Choosing::everything;
    question.banks = 2000;
    const PrecisionSample sample = sample_precision(question, devices);
    CHECK(sample.targets == 1);
    const double mean = static_cast<double>(devices) * std::exp(0.045) / 10e3;
    CHECK(sample.target.front() == about(mean, 1e-9));
    double bits = 0.0;
    double error = 0.0;
    for (std::size_t k = 0; k < sample.banks; ++k) {
      bits += sample.bits[k] / 2000.0;
      error += sample.error[k] / mean / 2000.0;
    }
    CHECK(std::abs(error) < 4.0 * 0.32 / std::sqrt(2000.0 * static_cast<double>(devices)));
    if (last > 0.0) CHECK(bits - last == doctest::Approx(1.0).epsilon(0.1));
    last = bits;
  }
  PrecisionQuestion question = question_of("series", plain());
  question.choosing = Choosing::everything;
  CHECK(sample_precision(question, 10).target.front() == doctest::Approx(10.0 * std::exp(0.045) * 10e3).epsilon(1e-9));
  question.unit = TargetUnit::siemens;
  CHECK(sample_precision(question, 10).target.front() == about(std::exp(-0.045) / 100e3, 1e-9));
}

TEST_CASE("a bank that warms up by a tenth misses every target by a tenth, however many devices it has") {
  PrecisionQuestion question = question_of("parallel", plain());
  question.family->fabrication.process.tc1 = {.mean = 1e-3};
  question.condition = Condition{.celsius = 127.0};
  const PrecisionSample sample = sample_precision(question, 20);
  for (const double bits : sample.bits) CHECK(bits == doctest::Approx(std::log2(11.0)).epsilon(0.001));
  // What is known of the devices stays what they were made as: so does the law.
  CHECK(sample.law.front() > 15.0);
}

TEST_CASE("contacts made anew: chosen for the nominal ones, judged with those of the use") {
  for (const char* topology : {"parallel", "series", "parallel(series(n/2), series(n/2))"}) {
    PrecisionQuestion question = question_of(topology, troubled());
    question.contacts_anew = true;
    question.family->fabrication.process.tc1 = {.mean = 0.0, .sigma = 1e-3};
    question.condition = Condition{.celsius = 60.0};
    const PrecisionSample sample = sample_precision(question, 8);
    const precision::Use use(question, bank_spec_of(*question.family, 8).fabrication);
    for (std::size_t k = 0; k < sample.banks; ++k) {
      Circuit known = circuit_of(question, 8, k, false);
      Circuit used = known;
      for (Device& device : known.banks.front().devices) device.contact.on = Ohm{60.0};
      use.apply(used.banks.front(), question.seed, k, 0);
      const double value = used.value(nearest(known, sample.target[k]), Seen::actual);
      CAPTURE(k);
      CAPTURE(topology);
      if (std::isinf(value)) {
        CHECK(std::isinf(sample.error[k]));
      } else {
        CHECK(sample.error[k] ==
              doctest::Approx(value - sample.target[k]).epsilon(1e-9).scale(sample.target[k] * 1e-5));
      }
    }
  }
}

TEST_CASE("more devices than half lists hold are searched too, and averaged beyond a mask") {
  PrecisionQuestion question = question_of("parallel", plain());
  question.banks = 2;
  question.targets = {2e-3};
  const PrecisionSample sample = sample_precision(question, 43);
  for (std::size_t k = 0; k < 2; ++k) {
    const Bank bank = circuit_of(question, 43, k, false).banks.front();
    const Design design = program(bank, 2e-3, {.unit = TargetUnit::siemens});
    long double sum = -static_cast<long double>(sample.target[k]);
    for (const std::size_t of : design.choices.front().configuration.on()) {
      sum += static_cast<long double>(contribution(bank.devices[of], false).inserted);
    }
    CHECK(sample.error[k] == about(static_cast<double>(sum), 0.01));
    CHECK(sample.bits[k] > 35.0);
  }
  question = question_of("series", plain(0.0));
  question.choosing = Choosing::everything;
  for (const double error : sample_precision(question, 150).error) CHECK(std::abs(error) < 1e-8);
}

TEST_CASE("open-loop measurement caps what is judged, not what is believed") {
  PrecisionQuestion question = question_of("series", plain());
  question.banks = 400;
  question.family->fabrication.measurement.sigma = 1e-3;
  std::vector<double> bits = sample_precision(question, 24).bits;
  std::ranges::sort(bits);
  // log2(1 / noise) + log2(n / 2) / 2 = 11.8, of errors as large as their standard deviation.
  CHECK(bits[200] == doctest::Approx(11.8 + 0.5).epsilon(0.08));
}

TEST_CASE("banks that have nothing to choose from have no bits") {
  PrecisionQuestion question = question_of("parallel", plain());
  question.family->fabrication.process.device_open = 1.0;
  for (const double bits : sample_precision(question, 3).bits) CHECK(bits == 0.0);
  // A short that is stuck in makes everything else vain.
  question.family->fabrication.process.device_open = 0.0;
  question.family->fabrication.process.device_short = 1.0;
  question.family->fabrication.switches.stuck_closed = 1.0;
  question.targets = {1e-4};
  const PrecisionSample shorted = sample_precision(question, 3);
  CHECK(shorted.error.front() == infinity);
  CHECK(shorted.bits.front() == -infinity);
}

TEST_CASE("a sample that is told to stop says that it was interrupted") {
  PrecisionQuestion question{.banks = 5000};
  std::size_t calls = 0;
  question.progress = [&](std::size_t done, std::size_t total) {
    CHECK(done <= total);
    return ++calls < 3;
  };
  try {
    static_cast<void>(sample_precision(question, 8));
    FAIL("it went on");
  } catch (const Error& error) {
    CHECK(std::string(error.what()) == "interrupted");
    CHECK(error.fault() == Fault::world);
  }
}

}  // namespace
