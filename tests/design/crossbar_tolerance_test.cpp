// Laws of sampled crossbars: a sample is a die as it would be fabricated, aged, solved and judged.
// SPDX-License-Identifier: Apache-2.0
#include "design/crossbar_tolerance.h"

#include <doctest/doctest.h>
#include <tbb/task_arena.h>

#include <cmath>

#include "tests/design/crossbar_questions.h"
#include "tests/sim/crossbar_exact.h"
#include "tests/support/refusal.h"

namespace {

using namespace ohmset;
using namespace crossbar_questions;

// The draws that fabricate a die, in the order of a blind question's coordinates.
std::vector<double> own_draws(const CrossbarDesign& design, std::uint64_t die) {
  const Fabrication& fabrication = design.spec.bank.fabrication;
  std::vector<double> point;
  if (fabrication.process.lot_sigma > 0.0) {
    point.push_back(uniform({.seed = design.seed, .die = die, .cell = 0, .device = 0}, Draw::lot));
  }
  const std::size_t each = design.array.devices();
  const auto add = [&](Draw quantity) {
    for (std::size_t k = 0; k < design.array.resistances.size(); ++k) {
      point.push_back(uniform({.seed = design.seed, .die = die, .cell = k / each, .device = k % each}, quantity));
    }
  };
  add(Draw::resistance);
  if (fabrication.process.device_open > 0.0) add(Draw::device_fault);
  if (fabrication.switches.on_sigma > 0.0) add(Draw::switch_on);
  if (fabrication.switches.stuck_open > 0.0) add(Draw::switch_fault);
  if (fabrication.measurement.sigma > 0.0) add(Draw::measurement);
  return point;
}

// What a bank conducts in a condition, in plain long double: series-parallel sums of R and its switch.
long double plain_resistance(const Group& group, bool series, const std::vector<long double>& devices,
                             const std::vector<long double>& switches) {
  if (group.arrangement == Arrangement::device) {
    const long double r = devices[group.device];
    const long double s = switches[group.device];
    return series ? 1.0L / (1.0L / r + 1.0L / s) : r + s;
  }
  const bool inner = group.arrangement == Arrangement::series;
  long double sum = 0.0L;
  for (const Group& member : group.members) {
    const long double part = plain_resistance(member, inner, devices, switches);
    sum += inner ? part : 1.0L / part;
  }
  return inner ? sum : 1.0L / sum;
}

long double plain_conductance(const CrossbarQuestion& question, const BankArray& made, std::size_t bank,
                              const Condition& condition, std::span<const double> point, std::size_t first) {
  const Process& process = question.design.spec.bank.fabrication.process;
  const std::size_t each = made.devices();
  const std::size_t all = made.resistances.size();
  const std::vector<bool> bypass = bypassed_by_switch(made.topology);
  std::vector<long double> devices;
  std::vector<long double> switches;
  for (std::size_t k = 0; k < each; ++k) {
    const std::size_t at = bank * each + k;
    // Coordinates of tc1, tc2, nu and the reading follow each other, from `first` on.
    const auto score = [&](std::size_t cause) { return normal_quantile(point[first + cause * all + at]); };
    const long double dt = condition.celsius - 27.0;
    long double r = made.resistances[at];
    r *= 1.0L + (process.tc1.mean + process.tc1.sigma * score(0)) * dt +
         (process.tc2.mean + process.tc2.sigma * score(1)) * dt * dt;
    r *= std::pow(*condition.seconds / static_cast<long double>(process.drift.t0),
                  static_cast<long double>(process.drift.nu.mean + process.drift.nu.sigma * score(2)));
    r *= 1.0L + process.read_noise * score(3);
    devices.push_back(r);
    bool closed = (((made.switches[bank] >> k) & 1U) != 0) != bypass[k];
    if (!made.stuck.empty() && made.stuck[at] != 0) closed = made.stuck[at] == 2;
    switches.push_back(closed ? made.switch_on[at] : made.contact.off.value);
  }
  return 1.0L / plain_resistance(made.topology.root(), false, devices, switches);
}

const Topology tree = Topology::parse("parallel(series(2), 2)");

}  // namespace

TEST_CASE("The draws that made a die make it again, to the bit, whatever is random about it") {
  for (const double length : {0.0, 2.5}) {
    for (const Topology& topology : {Topology::parallel(3), tree}) {
      CAPTURE(length);
      CAPTURE(topology.text());
      CrossbarSpec spec = restless_spec(topology);
      spec.bank.fabrication.process.correlation_length = length;
      spec.bank.fabrication.process.read_noise = 0.0;
      const CrossbarSamples blind(question_of(spec, Population::blind));
      const CrossbarDesign& design = blind.question().design;
      const std::vector<double> point = own_draws(design, 0);
      REQUIRE(point.size() == blind.dimensions());
      const CrossbarSample sample = blind.replay(point);
      CHECK(sample.made.resistances == design.array.resistances);
      CHECK(sample.made.switch_on == design.array.switch_on);
      CHECK(sample.made.stuck == design.array.stuck);
      CHECK(sample.made.switches == design.array.switches);
      CHECK(sample.conductances.at(0) == conductances(design.array));
    }
  }
}

TEST_CASE("Dies around the design's own resistances spread as the process's do around nominal ones; faults stay") {
  for (const CrossbarSpec& spec : {usual_spec(), restless_spec()}) {
    for (const Population population : {Population::blind, Population::redesigned}) {
      CAPTURE(population == Population::blind);
      CrossbarQuestion question = question_of(spec, population);
      question.design.array.resistances[3] = infinity;
      question.design.array.resistances[7] = 0.0;
      CrossbarQuestion around = question;
      around.around_own = true;
      const CrossbarSamples of_process(question);
      const CrossbarSamples of_own(around);
      REQUIRE(of_own.dimensions() == of_process.dimensions());
      const std::vector<double> point = random_point(of_own.dimensions(), 3);
      const BankArray a = of_own.replay(point).made;
      const BankArray b = of_process.replay(point).made;
      const double nominal = spec.bank.fabrication.process.nominals.front();
      std::size_t faults = 0;
      for (std::size_t k = 0; k < a.resistances.size(); ++k) {
        CAPTURE(k);
        const double own = question.design.array.resistances[k];
        if (own == 0.0 || own == infinity) {
          ++faults;
          CHECK(a.resistances[k] == own);
        } else if (b.resistances[k] == infinity) {
          CHECK(a.resistances[k] == infinity);
        } else {
          CHECK(a.resistances[k] / own == doctest::Approx(b.resistances[k] / nominal).epsilon(1e-14));
        }
      }
      CHECK(faults >= 2);
      CHECK(a.stuck == b.stuck);
      if (population == Population::blind) CHECK(a.switches == question.design.array.switches);
    }
  }
}

TEST_CASE("Where nothing spreads, dies around the design's own resistances are the design") {
  CrossbarQuestion question = question_of(usual_spec(), Population::blind);
  question.design.spec.bank.fabrication.process.sigma = 0.0;
  question.design.spec.bank.fabrication.process.nominals = {1e7};
  question.around_own = true;
  const CrossbarSamples samples(question);
  CHECK(samples.dimensions() == 0);
  CHECK(samples.replay({}).made.resistances == question.design.array.resistances);
  question.population = Population::die;
  question.around_own = false;
  CHECK(samples.replay({}).values == CrossbarSamples(question).replay({}).values);
}

TEST_CASE("Redesigned dies get the switches that compile chooses for them, by what it sees") {
  for (const Scheme scheme : {Scheme::differential, Scheme::offset}) {
    for (const Measurement& measurement : {Measurement{}, Measurement{.sigma = 0.05, .bits = 6}}) {
      for (const Topology& topology : {Topology::parallel(3), tree}) {
        CAPTURE(topology.text());
        CrossbarSpec spec = restless_spec(topology);
        spec.mapping.scheme = scheme;
        spec.bank.fabrication.process.read_noise = 0.0;
        spec.bank.fabrication.measurement = measurement;
        const CrossbarSamples redesigned(question_of(spec, Population::redesigned));
        const CrossbarDesign& design = redesigned.question().design;
        // Another die of the same process, compiled for the same weights.
        const CrossbarDesign other = compile(spec, random_matrix(3, 4, 1), {.seed = 1, .die = 7});
        const std::vector<double> point = own_draws(design, 7);
        REQUIRE(point.size() == redesigned.dimensions());
        const CrossbarSample sample = redesigned.replay(point);
        CHECK(sample.made.resistances == other.array.resistances);
        CHECK(sample.made.switches == other.array.switches);
        CHECK(sample.made.switches != design.array.switches);
      }
    }
  }
}

TEST_CASE("A sample's outputs are those of Kirchhoff's laws in 80 bits, for devices that live") {
  for (const Scheme scheme : {Scheme::differential, Scheme::offset}) {
    for (const Topology& topology : {Topology::parallel(3), tree}) {
      for (const Population population : {Population::die, Population::blind}) {
        CAPTURE(topology.text());
        CrossbarSpec spec = restless_spec(topology);
        spec.mapping.scheme = scheme;
        CrossbarQuestion question = question_of(spec, population);
        question.conditions = {{.celsius = -40.0, .seconds = 3600.0}, {.celsius = 85.0, .seconds = 1e6}};
        const CrossbarSamples samples(question);
        const CrossbarDesign& design = samples.question().design;
        const std::size_t all = design.array.resistances.size();
        REQUIRE(samples.series() == 3);
        REQUIRE(samples.dimensions() == (population == Population::die ? 1 : 4) * all +
                                            (population == Population::die ? 0 : 1) + (3 + 2) * all);
        const std::vector<double> point = random_point(samples.dimensions(), 5);
        const CrossbarSample sample = samples.replay(point);
        const Matrix ideal = question.inputs * design.targets.transpose();
        double largest = 0.0;
        for (std::size_t condition = 0; condition < 2; ++condition) {
          // Readings of the second condition lie behind those of the first.
          std::size_t first = samples.dimensions() - 5 * all;
          std::vector<double> at(point);
          if (condition == 1)
            std::copy(at.end() - static_cast<long>(all), at.end(), at.end() - 2 * static_cast<long>(all));
          Matrix g(4, static_cast<Eigen::Index>(design.array.bit_lines));
          for (std::size_t bank = 0; bank < design.array.switches.size(); ++bank) {
            g.data()[bank] = static_cast<double>(
                plain_conductance(question, sample.made, bank, question.conditions[condition], at, first));
          }
          CHECK(crossbars::difference(g, sample.conductances[condition]) < 1e-13 * crossbars::largest(g));
          double worst = 0.0;
          for (Eigen::Index input = 0; input < question.inputs.rows(); ++input) {
            const auto exact = crossbars::exact({g, spec.wires}, question.inputs.row(input).transpose());
            const auto current = [&](Eigen::Index j) {
              return static_cast<double>(exact.outputs[static_cast<std::size_t>(j)]);
            };
            for (Eigen::Index output = 0; output < ideal.cols(); ++output) {
              const double difference = scheme == Scheme::differential ? current(2 * output) - current(2 * output + 1)
                                                                       : current(output) - current(ideal.cols());
              CHECK(std::abs(difference - sample.outputs[condition](input, output)) < 1e-9 * crossbars::largest(ideal));
              worst = std::max(worst, std::abs(difference - ideal(input, output)) / crossbars::largest(ideal));
            }
          }
          CHECK(sample.values[condition] == doctest::Approx(worst).epsilon(1e-9));
          largest = std::max(largest, sample.values[condition]);
        }
        CHECK(sample.values[2] == largest);
      }
    }
  }
}

TEST_CASE("Without anything random there is one value: the design's own error, wires included") {
  for (const OutputError kind : {OutputError::largest, OutputError::rms}) {
    CrossbarQuestion question = question_of(usual_spec(), Population::die);
    question.error = kind;
    const CrossbarSamples samples(question);
    REQUIRE(samples.dimensions() == 0);
    const Matrix outputs = output_differences(
        Scheme::differential,
        crossbar_outputs({conductances(question.design.array), question.design.spec.wires}, question.inputs).currents);
    const Matrix ideal = question.inputs * question.design.targets.transpose();
    const Matrix errors = (outputs - ideal) / ideal.cwiseAbs().maxCoeff();
    std::vector<double> values(3);
    samples.evaluate(3, {}, values);
    const double expected = kind == OutputError::largest
                                ? errors.cwiseAbs().maxCoeff()
                                : std::sqrt(errors.squaredNorm() / static_cast<double>(errors.size()));
    CHECK(values[0] == doctest::Approx(expected).epsilon(1e-9));
    CHECK(values[1] == values[0]);
    CHECK(values[2] == values[0]);
    CHECK(samples.replay({}).values.at(0) == values[0]);
  }
}

TEST_CASE("Samples have the same bits alone or together, evaluated or replayed, on one thread or two") {
  CrossbarQuestion question = question_of(restless_spec(), Population::redesigned);
  question.conditions = {{}, {.celsius = 85.0}};
  question.design.spec.bank.fabrication.process.correlation_length = 3.0;
  const CrossbarSamples samples(question);
  constexpr std::size_t count = 3;
  const std::size_t series = samples.series();
  const std::size_t dimensions = samples.dimensions();
  std::vector<double> points(dimensions * count);
  std::vector<double> values(series * count);
  for (std::size_t s = 0; s < count; ++s) {
    const std::vector<double> point = random_point(dimensions, 11 + s);
    for (std::size_t d = 0; d < dimensions; ++d) points[d * count + s] = point[d];
  }
  samples.evaluate(count, points, values);
  for (const int threads : {1, 2}) {
    tbb::task_arena(threads).execute([&] {
      std::vector<double> again(values.size());
      samples.experiment().evaluate(0, count, points, again);
      CHECK(again == values);
      for (std::size_t s = 0; s < count; ++s) {
        const std::vector<double> point = random_point(dimensions, 11 + s);
        std::vector<double> alone(series);
        samples.evaluate(1, point, alone);
        CHECK(samples.replay(point).values == alone);
        for (std::size_t k = 0; k < series; ++k) CHECK(alone[k] == values[k * count + s]);
      }
    });
  }
  CHECK(values[0] != values[1]);
}

TEST_CASE("A large array has the same bits on one thread and two") {
  CrossbarSpec spec = restless_spec();
  spec.bank.fabrication.process.correlation_length = 5.0;
  CrossbarQuestion question{.design = compile(spec, random_matrix(20, 50, 1)),
                            .population = Population::redesigned,
                            .inputs = random_matrix(2, 50, 2),
                            .conditions = {{.celsius = 85.0, .seconds = 100.0}}};
  const CrossbarSamples samples(question);
  CHECK(samples.experiment().together == 16);
  const std::vector<double> point = random_point(samples.dimensions(), 3);
  std::vector<CrossbarSample> runs(2);
  for (const int threads : {1, 2}) {
    tbb::task_arena(threads).execute([&] { runs[static_cast<std::size_t>(threads) - 1] = samples.replay(point); });
  }
  CHECK(runs[0].values == runs[1].values);
  CHECK(runs[0].made.resistances == runs[1].made.resistances);
  CHECK(runs[0].made.switches == runs[1].made.switches);
  CHECK(runs[0].outputs[0] == runs[1].outputs[0]);
}

TEST_CASE("Infinite currents are infinite errors, not unordered ones") {
  CrossbarSpec spec = usual_spec();
  spec.bank.fabrication.switches.nominal = {};
  spec.wires = {};
  for (const OutputError kind : {OutputError::largest, OutputError::rms}) {
    CrossbarQuestion question = question_of(spec, Population::die);
    question.error = kind;
    // Both banks of a weight shorted: their difference is no number.
    question.design.array.resistances[0] = 0.0;
    question.design.array.resistances[3] = 0.0;
    question.design.array.switches[0] = 1;
    question.design.array.switches[1] = 1;
    CHECK(CrossbarSamples(question).replay({}).values.at(0) == infinity);
  }
}

TEST_CASE("Questions that make no sense are refused in one line") {
  using test::refusal;
  const CrossbarQuestion good = question_of(usual_spec(), Population::blind);
  const auto told = [&](const auto& change) {
    CrossbarQuestion question = good;
    change(question);
    return refusal([&] { const CrossbarSamples samples(question); });
  };
  CHECK(told([](CrossbarQuestion&) {}).empty());
  CHECK(told([](CrossbarQuestion& q) { q.conditions.clear(); }).find("no condition") != std::string::npos);
  CHECK(told([](CrossbarQuestion& q) { q.inputs.setZero(); }).find("no ideal output") != std::string::npos);
  CHECK(told([](CrossbarQuestion& q) { q.inputs = Matrix::Ones(1, 3); }).find("1 x 3") != std::string::npos);
  CHECK(told([](CrossbarQuestion& q) { q.inputs.resize(0, 4); }).find("0 x 4") != std::string::npos);
  CHECK(told([](CrossbarQuestion& q) { q.inputs(0, 0) = NAN; }).find("not finite") != std::string::npos);
  CHECK(told([](CrossbarQuestion& q) { q.conditions = {{.celsius = -300.0}}; }).find("-300") != std::string::npos);
  CHECK(told([](CrossbarQuestion& q) { q.design.spec.bank.fabrication.process.sigma = -1.0; }).find("sigma") !=
        std::string::npos);
  CHECK(told([](CrossbarQuestion& q) { q.design.spec.bank.topology = Topology::parallel(4); }).find("x 4 devices") !=
        std::string::npos);
  CHECK(told([](CrossbarQuestion& q) { q.design.spec.mapping.scheme = Scheme::offset; }).find("4 x 6 x 3") !=
        std::string::npos);
  CHECK(told([](CrossbarQuestion& q) { q.design.spec.wires.drivers.setOnes(7); }).find("wires") != std::string::npos);
  CHECK(told([](CrossbarQuestion& q) {
          q.around_own = true;
          q.population = Population::die;
        }).find("made anew") != std::string::npos);
  CHECK(told([](CrossbarQuestion& q) {
          q.around_own = true;
          q.design.spec.bank.fabrication.process = {.values = {1.0, 2.0, 3.0}};
        }).find("given values") != std::string::npos);
  CHECK(told([](CrossbarQuestion& q) {
          q.population = Population::redesigned;
          q.design.spec.mapping.pair = Pair::joint;
          q.design.spec.bank.topology = q.design.array.topology = Topology::series(3);
        }).find("mapping.pair") != std::string::npos);
  CHECK(told([](CrossbarQuestion& q) {
          q.design.spec.bank.fabrication.process.read_noise = 0.01;
          q.conditions.resize(200'000);
        }).find("random quantities") != std::string::npos);
  CrossbarQuestion odd = good;
  odd.design.targets.resize(1, 4);
  CHECK_THROWS_AS(CrossbarSamples{odd}, std::invalid_argument);
  const CrossbarSamples samples(good);
  std::vector<double> value(1);
  CHECK_THROWS_AS(samples.evaluate(1, {}, value), std::invalid_argument);
  CHECK_THROWS_AS((void)samples.replay({}), std::invalid_argument);
}
