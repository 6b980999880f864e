// Precision without a search, and with what a search does not know: codes, averages, ties, heat, contacts, readings.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <numeric>

#include "design/precision.h"
#include "tests/design/precision_circuits.h"

namespace {

using namespace ohmset;
using namespace precision_circuits;

// Ten devices, twice as much resistance each: the most significant bit is device 0, the least one 1 / 512 of it.
double value_of_code(const Bank& bank, double target) {
  const auto code = static_cast<std::uint64_t>(std::lround(target * 10e3 * 512.0));
  double value = 0.0;
  for (std::size_t bit = 0; bit < 10; ++bit) {
    if (((code >> (9 - bit)) & 1U) != 0) value += 1.0 / bank.devices[bit].resistance.value;
  }
  return value;
}

TEST_CASE("a binary ladder read as a code is the ordinary converter, capped by mismatch") {
  PrecisionQuestion question = question_of("parallel", plain(0.001));
  question.family->ladder = 2.0;
  question.choosing = Choosing::code;
  question.banks = 300;
  const PrecisionSample sample = sample_precision(question, 10);
  std::vector<double> expected;
  for (std::size_t k = 0; k < sample.banks; ++k) {
    const Circuit circuit = circuit_of(question, 10, k);
    expected.push_back(value_of_code(circuit.banks.front(), sample.target[k]) - sample.target[k]);
  }
  CHECK(disagreement(sample, expected) < 1e-7);
  CHECK(sample.law.empty());
  // More devices do not help, where searching among them does.
  CHECK(median_of(sample_precision(question, 20).bits) < median_of(sample.bits) + 1.0);
  question.choosing = Choosing::search;
  CHECK(median_of(sample_precision(question, 20).bits) > median_of(sample.bits) + 4.0);
}

TEST_CASE("without spread a code is as near as its steps, however many of its sums are equal") {
  for (const char* topology : {"parallel", "series", "differential"}) {
    for (const std::size_t devices : {4, 6, 40}) {
      PrecisionQuestion question = question_of(topology, {.process = {.nominals = {10e3}}});
      question.choosing = devices == 6 ? Choosing::search : Choosing::code;
      question.banks = 50;
      const PrecisionSample sample = sample_precision(question, devices);
      const double step = std::string(topology) == "series" ? 10e3 : 1e-4;
      std::vector<double> expected;
      for (const double target : sample.target) expected.push_back(std::round(target / step) * step - target);
      CAPTURE(topology);
      CHECK(disagreement(sample, expected) < 1e-9);
    }
  }
}

TEST_CASE("of two configurations as near as each other the one with fewer devices is taken") {
  for (const char* topology : {"parallel", "series", "differential"}) {
    const bool series = std::string(topology) == "series";
    PrecisionQuestion question = question_of(topology, {.process = {.nominals = {series ? 2.0 : 0.5}}});
    question.banks = 1;
    question.targets = {3.0, 5.0};
    CHECK(sample_precision(question, 8).error == std::vector<double>{-1.0, -1.0});
  }
}

struct Average {
  double target = 0.0;  // siemens
  double error = 0.0;   // relative, mean
  double bits = 0.0;    // mean
};
Average average_of(std::size_t devices) {
  PrecisionQuestion question = question_of("parallel", plain());
  question.family->fabrication.switches.nominal = {.on = Ohm{0.0}, .off = Ohm{1e6}};
  question.choosing = Choosing::everything;
  question.banks = 2000;
  const PrecisionSample sample = sample_precision(question, devices);
  const auto mean = [](const std::vector<double>& values) {
    return std::accumulate(values.begin(), values.end(), 0.0) / 2000.0;
  };
  return {.target = sample.target.front(),
          .error = mean(sample.error) / sample.target.front(),
          .bits = sample.bits.size() == 2000 ? mean(sample.bits) : infinity};
}

TEST_CASE("averaging: everything inserted gains half a bit for each doubling of the devices") {
  const Average few = average_of(16);
  const Average many = average_of(256);
  CHECK(few.target == about(16.0 * std::exp(0.045) / 10e3, 1e-9));
  CHECK(many.bits - few.bits == about(2.0, 0.1));
  // Four standard deviations of a mean over 2,000 banks.
  CHECK(std::abs(few.error) < 4.0 * 0.32 / std::sqrt(2000.0 * 16.0));
  CHECK(std::abs(many.error) < 4.0 * 0.32 / std::sqrt(2000.0 * 256.0));
}

TEST_CASE("the average of a series bank is that of its resistances, in siemens its reciprocal") {
  PrecisionQuestion question = question_of("series", plain());
  question.choosing = Choosing::everything;
  CHECK(sample_precision(question, 10).target.front() == about(10.0 * std::exp(0.045) * 10e3, 1e-9));
  question.unit = TargetUnit::siemens;
  CHECK(sample_precision(question, 10).target.front() == about(std::exp(-0.045) / 100e3, 1e-9));
  // Beyond a mask's 64 devices, and with an open bypass across each.
  question = question_of("series", {.process = {.nominals = {10e3}}, .switches = {.nominal = {.off = Ohm{10e3}}}});
  question.choosing = Choosing::everything;
  const PrecisionSample sample = sample_precision(question, 150);
  CHECK(sample.target.front() == about(750e3, 1e-9));
  CHECK(std::abs(sample.error.front()) < 1e-6);
}

TEST_CASE("a bank that warms up by a tenth misses every target by a tenth, however many devices it has") {
  PrecisionQuestion question = question_of("parallel", plain());
  question.family->fabrication.process.tc1 = {.mean = 1e-3};
  question.condition = Condition{.celsius = 127.0};
  const PrecisionSample sample = sample_precision(question, 20);
  const auto [least, greatest] = std::ranges::minmax(sample.bits);
  CHECK(least == about(std::log2(11.0), 0.001));
  CHECK(greatest == about(std::log2(11.0), 0.001));
  // The law is of what the search sees.
  CHECK(sample.law.empty());
  question.condition.reset();
  CHECK(sample_precision(question, 20).law.front() > 15.0);
}

TEST_CASE("contacts made anew: chosen for the nominal ones, judged with those of the use") {
  for (const char* topology : {"parallel", "series", "differential", "parallel(series(n/2), series(n/2))"}) {
    PrecisionQuestion question = question_of(topology, troubled());
    question.contacts_anew = true;
    question.family->fabrication.process.tc1 = {.mean = 0.0, .sigma = 1e-3};
    question.condition = Condition{.celsius = 60.0};
    CAPTURE(topology);
    CHECK(agrees_with_brute_force(question, 8));
  }
}

TEST_CASE("open-loop measurement caps what is judged, not what is believed") {
  PrecisionQuestion question = question_of("series", plain());
  question.banks = 400;
  question.family->fabrication.measurement.sigma = 1e-3;
  // log2(1 / noise) + log2(n / 2) / 2 = 11.8 for an error of one standard deviation; its median is 0.67 of it.
  CHECK(std::abs(median_of(sample_precision(question, 24).bits) - 12.3) < 0.6);
  CHECK(median_of(sample_precision(question, 12).bits) < 12.3);
}

}  // namespace
