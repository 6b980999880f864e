// Where a crossbar's errors come from: sensitivities, corners, ranking and the map, against solves and samples.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "design/crossbar_tolerance.h"
#include "tests/design/crossbar_questions.h"
#include "tests/support/refusal.h"

namespace {

using namespace ohmset;
using namespace crossbar_questions;

double output_of(const CrossbarQuestion& question, const Matrix& g, Eigen::Index input, Eigen::Index output) {
  const CrossbarOutputs solved = crossbar_outputs({g, question.design.spec.wires}, question.inputs.row(input));
  return output_differences(question.design.spec.mapping.scheme, solved.currents)(0, output);
}

double largest_ideal(const CrossbarQuestion& question) {
  return (question.inputs * question.design.targets.transpose()).cwiseAbs().maxCoeff();
}

struct Estimate {
  double mean = 0.0;
  double variance = 0.0;
};

// Of one output over samples, relative to the largest ideal one.
Estimate sampled(const CrossbarQuestion& question, Eigen::Index input, Eigen::Index output, std::size_t condition,
                 std::uint64_t count) {
  const CrossbarSamples samples(question);
  std::vector<double> values;
  for (std::uint64_t s = 0; s < count; ++s) {
    const CrossbarSample sample = samples.replay(random_point(samples.dimensions(), 1000 + s));
    values.push_back(sample.outputs[condition](input, output) / largest_ideal(question));
  }
  Estimate estimate;
  for (const double value : values) estimate.mean += value / static_cast<double>(count);
  for (const double value : values) {
    estimate.variance += (value - estimate.mean) * (value - estimate.mean) / static_cast<double>(count - 1);
  }
  return estimate;
}

const Topology tree = Topology::parse("parallel(series(2), 2)");

// Small spreads of everything that has a first order.
CrossbarSpec quiet_spec(const Topology& topology) {
  CrossbarSpec spec = usual_spec(topology);
  Process& process = spec.bank.fabrication.process;
  process.sigma = 0.01;
  process.nominals.resize(topology.device_count());
  for (std::size_t k = 0; k < process.nominals.size(); ++k)
    process.nominals[k] = 1e4 * (1.0 + 0.4 * static_cast<double>(k));
  process.tc1 = {1e-3, 1e-4};
  process.tc2 = {0.0, 1e-6};
  process.drift = {.model = DriftModel::power_law, .nu = {0.05, 0.001}, .t0 = 20.0};
  process.read_noise = 5e-3;
  spec.bank.fabrication.switches.nominal.on = Ohm{500.0};
  spec.bank.fabrication.switches.on_sigma = 0.05;
  return spec;
}

}  // namespace

TEST_CASE("Slopes are the central differences of solved outputs") {
  for (const Scheme scheme : {Scheme::differential, Scheme::offset}) {
    CrossbarSpec spec = usual_spec();
    spec.mapping.scheme = scheme;
    const CrossbarQuestion question = question_of(spec, Population::die);
    const Matrix g = conductances(question.design.array);
    for (std::size_t output = 0; output < 3; ++output) {
      const auto banks = sensitivities(question, 1, output, 0);
      REQUIRE(banks.size() == static_cast<std::size_t>(g.size()));
      for (const BankSensitivity& bank : banks) {
        constexpr double step = 1e-4;
        const auto moved = [&](double factor) {
          Matrix other = g;
          other(static_cast<Eigen::Index>(bank.word), static_cast<Eigen::Index>(bank.bit)) *= factor;
          return output_of(question, other, 1, static_cast<Eigen::Index>(output));
        };
        const double slope = (moved(std::exp(step)) - moved(std::exp(-step))) / (2.0 * step) / largest_ideal(question);
        CHECK(bank.slope == doctest::Approx(slope).epsilon(1e-6).scale(1e-3));
        CHECK(bank.stddev == 0.0);  // nothing is random in this die
      }
    }
  }
}

TEST_CASE("The banks' variances add up to that of samples with small spreads") {
  constexpr std::uint64_t count = 3000;
  for (const Scheme scheme : {Scheme::differential, Scheme::offset}) {
    for (const Topology& topology : {Topology::parallel(3), tree}) {
      for (const Population population : {Population::die, Population::blind}) {
        CAPTURE(topology.text());
        CAPTURE(static_cast<int>(population));
        CrossbarSpec spec = quiet_spec(topology);
        spec.mapping.scheme = scheme;
        CrossbarQuestion question = question_of(spec, population);
        question.conditions = {{}, {.celsius = 85.0, .seconds = 1e5}};
        const auto banks = sensitivities(question, 0, 1, 1);
        double variance = 0.0;
        double shares = 0.0;
        for (const BankSensitivity& bank : banks) {
          variance += bank.stddev * bank.stddev;
          shares += bank.share;
        }
        CHECK(shares == doctest::Approx(1.0));
        CHECK(std::is_sorted(banks.begin(), banks.end(), [](auto& a, auto& b) { return a.share > b.share; }));
        // The variance of a sample's variance is 2/n of its square; the second order adds some percent.
        const Estimate estimate = sampled(question, 0, 1, 1, count);
        CHECK(estimate.variance == doctest::Approx(variance).epsilon(4.0 * std::sqrt(2.0 / count) + 0.02));
      }
    }
  }
}

TEST_CASE("Redesigned dies keep what their designs do not know: readings and life") {
  CrossbarSpec spec = usual_spec(Topology::parallel(8));
  spec.wires = {};
  spec.bank.fabrication.process.read_noise = 0.01;
  const CrossbarQuestion question = question_of(spec, Population::redesigned);
  double variance = 0.0;
  for (const BankSensitivity& bank : sensitivities(question, 0, 1, 0)) variance += bank.stddev * bank.stddev;
  const Estimate estimate = sampled(question, 0, 1, 0, 2000);
  // Each die has banks of its own: alike in size, not the same.
  CHECK(std::sqrt(estimate.variance) < 1.6 * std::sqrt(variance));
  CHECK(std::sqrt(estimate.variance) > 0.6 * std::sqrt(variance));
}

TEST_CASE("Nearly all samples with small spreads lie between the corners, which are solved and called estimates") {
  for (const Topology& topology : {Topology::parallel(3), tree}) {
    for (const Population population : {Population::die, Population::blind}) {
      CrossbarSpec spec = quiet_spec(topology);
      spec.bank.fabrication.process.lot_sigma = 0.01;
      CrossbarQuestion question = question_of(spec, population);
      question.conditions = {{}, {.celsius = 85.0, .seconds = 1e5}};
      const auto corner = corners(question, 1, 2, 3.0);
      REQUIRE(corner.size() == 2);
      const CrossbarSamples samples(question);
      const double ideal = (question.inputs * question.design.targets.transpose())(1, 2);
      for (std::size_t condition = 0; condition < 2; ++condition) {
        const Corner& own = corner[condition];
        CHECK_FALSE(own.exact);
        CHECK(own.aim == 2);
        CHECK(own.condition == condition);
        CHECK(own.sigmas == 3.0);
        CHECK(own.low < own.high);
        CHECK(own.low_error == doctest::Approx((own.low - ideal) / largest_ideal(question)));
        CHECK(own.high_error == doctest::Approx((own.high - ideal) / largest_ideal(question)));
        // Wider corners contain narrower ones.
        const auto wider = corners(question, 1, 2, 4.0);
        CHECK(wider[condition].low < own.low);
        CHECK(wider[condition].high > own.high);
      }
      double least = infinity;
      double most = -infinity;
      for (std::uint64_t s = 0; s < 300; ++s) {
        const CrossbarSample sample = samples.replay(random_point(samples.dimensions(), s));
        for (std::size_t condition = 0; condition < 2; ++condition) {
          const double output = sample.outputs[condition](1, 2);
          CHECK(output > corner[condition].low);
          CHECK(output < corner[condition].high);
          least = std::min(least, output - corner[condition].low);
          most = std::max(most, output - corner[condition].low);
        }
      }
    }
  }
}

TEST_CASE("With perfect wires and one device a bank, corners are the textbook's") {
  CrossbarSpec spec = usual_spec(Topology::parallel(1));
  spec.wires = {};
  spec.bank.fabrication.switches = {};
  spec.bank.fabrication.process.sigma = 0.1;
  spec.bank.fabrication.process.lot_sigma = 0.05;
  const CrossbarQuestion question = question_of(spec, Population::blind);
  const BankArray& array = question.design.array;
  constexpr double k = 2.5;
  const auto corner = corners(question, 0, 1, k);
  const double nominal = 1.0 / 2e4;
  // Positive terms are large at the high corner, negative ones small; the lot decides by their sum.
  double positive = 0.0;
  double negative = 0.0;
  for (Eigen::Index word = 0; word < 4; ++word) {
    for (Eigen::Index side = 0; side < 2; ++side) {
      if (array.switches[array.index(static_cast<std::size_t>(word), static_cast<std::size_t>(2 + side))] == 0)
        continue;
      const double current = (side == 0 ? 1.0 : -1.0) * question.inputs(0, word) * nominal;
      (current > 0.0 ? positive : negative) += current;
    }
  }
  const double lot = positive + negative > 0.0 ? 1.0 : -1.0;
  const double high = std::exp(lot * 0.05 * k) * (positive * std::exp(0.1 * k) + negative * std::exp(-0.1 * k));
  const double low = std::exp(-lot * 0.05 * k) * (positive * std::exp(-0.1 * k) + negative * std::exp(0.1 * k));
  CHECK(corner.at(0).high == doctest::Approx(std::max(low, high)).epsilon(1e-9));
  CHECK(corner.at(0).low == doctest::Approx(std::min(low, high)).epsilon(1e-9));
}

TEST_CASE("The ranking holds every dimension once, and its first ones carry the samples' variance") {
  CrossbarSpec spec = restless_spec();
  CrossbarQuestion question = question_of(spec, Population::blind);
  question.conditions = {{}, {.celsius = 85.0, .seconds = 1e5}};
  const CrossbarSamples samples(question);
  std::vector<std::uint32_t> order = ranking(samples);
  CHECK(std::ranges::find(order, 0U) - order.begin() < 50);  // behind the largest devices and their faults
  std::vector<std::uint32_t> sorted = order;
  std::ranges::sort(sorted);
  std::vector<std::uint32_t> all(samples.dimensions());
  std::iota(all.begin(), all.end(), 0U);
  CHECK(sorted == all);
  // What moves an output when one coordinate alone goes from the middle to a standard deviation above, over all
  // outputs.
  const std::vector<double> middle(samples.dimensions(), 0.5);
  const CrossbarSample still = samples.replay(middle);
  const auto moved = [&](std::uint32_t dimension) {
    std::vector<double> point = middle;
    point[dimension] = 0.8413;
    const CrossbarSample sample = samples.replay(point);
    return std::sqrt((sample.outputs[0] - still.outputs[0]).squaredNorm() +
                     (sample.outputs[1] - still.outputs[1]).squaredNorm());
  };
  const std::size_t few = samples.dimensions() / 10;
  double first = 0.0;
  double last = 0.0;
  for (std::size_t k = 1; k <= few; ++k) {
    first += moved(order[k]);
    last += moved(order[order.size() - k]);
  }
  CHECK(first > 10.0 * last);
}

TEST_CASE("The map's errors are those of plain loops, and add up to the outputs'") {
  for (const Scheme scheme : {Scheme::differential, Scheme::offset}) {
    CrossbarSpec spec = restless_spec();
    spec.mapping.scheme = scheme;
    const CrossbarQuestion question = question_of(spec, Population::blind);
    const CrossbarSamples samples(question);
    const SamplingPlan plan({.seed = 5, .dimensions = samples.dimensions()});
    constexpr std::size_t count = 20;
    const Matrix map = error_map(samples, plan, 3, count);
    Matrix expected = Matrix::Zero(4, 3);
    const Matrix ideal = question.inputs * question.design.targets.transpose();
    for (std::size_t s = 0; s < count; ++s) {
      std::vector<double> point(samples.dimensions());
      plan.points(3 + s, 1, point);
      const CrossbarSample sample = samples.replay(point);
      for (Eigen::Index input = 0; input < 2; ++input) {
        const CrossbarFields fields =
            crossbar_fields({sample.conductances[0], spec.wires}, question.inputs.row(input).transpose());
        for (Eigen::Index output = 0; output < 3; ++output) {
          double sum = 0.0;
          for (Eigen::Index word = 0; word < 4; ++word) {
            const double current =
                scheme == Scheme::differential
                    ? fields.device_currents(word, 2 * output) - fields.device_currents(word, 2 * output + 1)
                    : fields.device_currents(word, output) - fields.device_currents(word, 3);
            const double error = current - question.inputs(input, word) * question.design.targets(output, word);
            expected(word, output) += error * error / (2.0 * count);
            sum += error;
          }
          CHECK(sum == doctest::Approx(sample.outputs[0](input, output) - ideal(input, output)).epsilon(1e-6));
        }
      }
    }
    expected = expected.cwiseSqrt() / largest_ideal(question);
    REQUIRE(map.rows() == 4);
    REQUIRE(map.cols() == 3);
    CHECK((map - expected).cwiseAbs().maxCoeff() < 1e-9 * expected.maxCoeff());
    CHECK_THROWS_AS((void)error_map(samples, plan, 0, 0), std::invalid_argument);
    CHECK_THROWS_AS((void)error_map(samples, SamplingPlan({.dimensions = 1}), 0, 1), std::invalid_argument);
  }
}

TEST_CASE("There are only so many inputs, outputs and conditions") {
  const CrossbarQuestion question = question_of(usual_spec(), Population::blind);
  using test::refusal;
  CHECK(refusal([&] { (void)sensitivities(question, 2, 0, 0); }).find("input 2") != std::string::npos);
  CHECK(refusal([&] { (void)sensitivities(question, 0, 3, 0); }).find("output 3") != std::string::npos);
  CHECK(refusal([&] { (void)sensitivities(question, 0, 0, 1); }).find("condition 1") != std::string::npos);
  CHECK(refusal([&] { (void)corners(question, 0, 3, 1.0); }).find("output 3") != std::string::npos);
  CHECK(refusal([&] { (void)corners(question, 0, 0, 0.0); }).find("sigmas") != std::string::npos);
  CHECK(refusal([&] { (void)corners(question, 0, 0, 9.0); }).find("sigmas") != std::string::npos);
}
