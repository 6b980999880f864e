// Laws of compiling a weight matrix: every cell is the best its own devices can do, and the arrays tell the truth.
// SPDX-License-Identifier: Apache-2.0
#include "design/compile.h"

#include <doctest/doctest.h>

#include <cmath>
#include <numeric>

#include "sim/error.h"

namespace {

using namespace ohmset;

Matrix random_weights(Eigen::Index outputs, Eigen::Index inputs, std::uint64_t seed) {
  Matrix weights(outputs, inputs);
  for (Eigen::Index o = 0; o < outputs; ++o) {
    for (Eigen::Index i = 0; i < inputs; ++i) {
      const Stream stream{.seed = seed, .cell = static_cast<std::uint64_t>(o), .device = static_cast<std::uint64_t>(i)};
      weights(o, i) = 2.0 * uniform(stream, Draw::choice) - 1.0;
    }
  }
  return weights;
}

CrossbarSpec lognormal_spec(std::size_t devices, double sigma) {
  CrossbarSpec spec;
  spec.bank.topology = Topology::parallel(devices);
  spec.bank.fabrication.process = {.nominals = {1e4}, .distribution = Distribution::lognormal, .sigma = sigma};
  return spec;
}

// The independent oracle: conductance of a parallel bank in long double, straight from the arrays.
long double bank_conductance(const BankArray& array, std::size_t bank, std::uint64_t mask) {
  long double g = 0.0L;
  const std::size_t n = array.devices();
  for (std::size_t k = 0; k < n; ++k) {
    const std::size_t at = bank * n + k;
    const auto stuck = array.stuck.empty() ? Stuck::free : static_cast<Stuck>(array.stuck[at]);
    const bool closed = stuck == Stuck::free ? ((mask >> k) & 1U) != 0 : stuck == Stuck::closed;
    const long double on = array.switch_on.empty() ? array.contact.on.value : array.switch_on[at];
    const long double r = static_cast<long double>(array.resistances[at]) + (closed ? on : array.contact.off.value);
    g += 1.0L / r;
  }
  return g;
}

double best_pair_error(const BankArray& array, std::size_t plus, std::size_t minus, double target) {
  const std::size_t n = array.devices();
  long double best = std::numeric_limits<long double>::infinity();
  for (std::uint64_t p = 0; p < (std::uint64_t{1} << n); ++p) {
    const long double g = bank_conductance(array, plus, p) - static_cast<long double>(target);
    for (std::uint64_t m = 0; m < (std::uint64_t{1} << n); ++m) {
      const long double error = std::fabs(g - bank_conductance(array, minus, m));
      if (error < best) best = error;
    }
  }
  return static_cast<double>(best);
}

}  // namespace

TEST_CASE("a joint cell is the closest of all configurations of its two banks") {
  CrossbarSpec spec = lognormal_spec(5, 0.3);
  spec.bank.fabrication.switches = {
      .nominal = {Ohm{50.0}, Ohm{1e9}}, .on_sigma = 0.2, .stuck_open = 0.05, .stuck_closed = 0.05};
  spec.bank.fabrication.process.device_open = 0.05;
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    CAPTURE(seed);
    const CrossbarDesign design = compile(spec, random_weights(3, 4, seed), {.seed = seed});
    REQUIRE(design.array.word_lines == 4);
    REQUIRE(design.array.bit_lines == 6);
    for (std::size_t i = 0; i < 4; ++i) {
      for (std::size_t o = 0; o < 3; ++o) {
        const auto row = static_cast<Eigen::Index>(o);
        const auto column = static_cast<Eigen::Index>(i);
        const double target = design.targets(row, column);
        const std::size_t plus = design.array.index(i, 2 * o);
        const double recomputed =
            static_cast<double>(bank_conductance(design.array, plus, design.array.switches[plus]) -
                                bank_conductance(design.array, plus + 1, design.array.switches[plus + 1]));
        CHECK(std::abs(design.achieved(row, column) - recomputed) <= 1e-15 * design.full_scale);
        CHECK(std::abs(std::abs(recomputed - target) - best_pair_error(design.array, plus, plus + 1, target)) <=
              1e-15 * design.full_scale);
      }
    }
  }
}

TEST_CASE("an offset cell and its reference are the closest of their own bank's configurations") {
  CrossbarSpec spec = lognormal_spec(8, 0.2);
  spec.mapping.scheme = Scheme::offset;
  const CrossbarDesign design = compile(spec, random_weights(3, 4, 5));
  REQUIRE(design.array.bit_lines == 4);
  for (std::size_t i = 0; i < 4; ++i) {
    for (std::size_t bit = 0; bit < 4; ++bit) {
      const double weight =
          bit < 3 ? design.targets(static_cast<Eigen::Index>(bit), static_cast<Eigen::Index>(i)) : 0.0;
      const double target = design.common_mode + weight;
      const std::size_t bank = design.array.index(i, bit);
      double best = infinity;
      for (std::uint64_t mask = 0; mask < 256; ++mask) {
        best = std::min(best, static_cast<double>(std::fabs(bank_conductance(design.array, bank, mask) - target)));
      }
      const double error =
          static_cast<double>(std::fabs(bank_conductance(design.array, bank, design.array.switches[bank]) - target));
      CHECK(std::abs(error - best) <= 1e-15 * design.full_scale);
    }
  }
}

TEST_CASE("a sequential pair lets minus make up the error of plus") {
  CrossbarSpec spec = lognormal_spec(10, 0.3);
  spec.mapping.pair = Pair::sequential;
  const CrossbarDesign design = compile(spec, random_weights(4, 4, 9));
  const CompileSummary summary = summarize(design);
  CHECK(summary.bits_median > 8.0);
  for (std::size_t i = 0; i < 4; ++i) {
    const std::size_t plus = design.array.index(i, 0);
    const long double wanted = bank_conductance(design.array, plus, design.array.switches[plus]) -
                               design.targets(0, static_cast<Eigen::Index>(i));
    long double best = std::numeric_limits<long double>::infinity();
    for (std::uint64_t mask = 0; mask < 1024; ++mask) {
      best = std::min(best, std::fabs(bank_conductance(design.array, plus + 1, mask) - wanted));
    }
    const long double error =
        std::fabs(bank_conductance(design.array, plus + 1, design.array.switches[plus + 1]) - wanted);
    CHECK(static_cast<double>(error - best) <= 1e-14 * design.full_scale);
  }
}

TEST_CASE("joint search is worth several bits over the sequential one") {
  CrossbarSpec spec = lognormal_spec(8, 0.3);
  const Matrix weights = random_weights(12, 12, 3);
  const double joint = summarize(compile(spec, weights)).bits_median;
  spec.mapping.pair = Pair::sequential;
  CHECK(joint > summarize(compile(spec, weights)).bits_median + 4.0);
}

TEST_CASE("banks of any topology compile sequentially") {
  for (const char* text : {"series(8)", "parallel(series(3), series(3), 2)"}) {
    CAPTURE(text);
    CrossbarSpec spec = lognormal_spec(8, 0.3);
    spec.bank.topology = Topology::parse(text);
    spec.bank.fabrication.switches.nominal = {Ohm{50.0}, Ohm{1e9}};
    const CrossbarDesign design = compile(spec, random_weights(3, 3, 4));
    const CompileSummary summary = summarize(design);
    CHECK(summary.bits_median > 4.0);
    // The recorded difference is that of the two banks.
    const double plus = conductance(design.array.bank(1, 2), design.array.configuration(1, 2)).value;
    const double minus = conductance(design.array.bank(1, 3), design.array.configuration(1, 3)).value;
    CHECK(design.achieved(1, 1) == plus - minus);
  }
}

TEST_CASE("the automatic full scale is half the root of the summed squares of the cell's conductances") {
  const double sigma = 0.3;
  const double mean_square = std::exp(2.0 * sigma * sigma) / 1e8;
  const double mean = std::exp(0.5 * sigma * sigma) / 1e4;
  CrossbarSpec spec = lognormal_spec(8, sigma);
  CHECK(automatic_full_scale(spec).full_scale == doctest::Approx(0.5 * std::sqrt(16.0 * mean_square)).epsilon(1e-6));
  spec.mapping.scheme = Scheme::offset;
  const FullScale offset = automatic_full_scale(spec);
  CHECK(offset.full_scale == doctest::Approx(0.5 * std::sqrt(8.0 * mean_square)).epsilon(1e-6));
  CHECK(offset.common_mode == doctest::Approx(0.5 * 8.0 * mean).epsilon(1e-6));
  spec.mapping.full_scale = Siemens{1e-5};
  CHECK(automatic_full_scale(spec).full_scale == 1e-5);
}

TEST_CASE("8 + 8 lognormal devices give about 16 bits in the median and 11 at worst") {
  // The simulation behind the choice of full scale: 20,000 weights, worst 11.5 bits, median 16.
  const CompileSummary summary = summarize(compile(lognormal_spec(8, 0.3), random_weights(100, 200, 1)));
  CHECK(summary.cells == 20000);
  CHECK(summary.devices == 320000);
  CHECK(summary.bits_median == doctest::Approx(16.0).epsilon(0.02));
  CHECK(summary.bits_worst > 9.5);
  CHECK(summary.bits_worst < 13.0);
  CHECK(summary.unreachable == 0);
}

TEST_CASE("the stream of cells holds the devices and the choices of one bank at a time") {
  for (const bool faults : {false, true}) {
    for (const int how : {0, 1, 2}) {  // joint, sequential, offset
      CAPTURE(faults);
      CAPTURE(how);
      CrossbarSpec spec = lognormal_spec(7, 0.3);
      spec.mapping.scheme = how == 2 ? Scheme::offset : Scheme::differential;
      spec.mapping.pair = how == 1 ? Pair::sequential : Pair::joint;
      spec.bank.fabrication.process.gradient = {0.1, -0.2};
      spec.bank.fabrication.process.lot_sigma = 0.05;
      if (faults) {
        spec.bank.fabrication.process.device_open = 0.05;
        spec.bank.fabrication.process.device_short = 0.02;
        spec.bank.fabrication.measurement = {.sigma = 1e-3, .bits = 12};
        spec.bank.fabrication.switches = {
            .nominal = {Ohm{50.0}, Ohm{1e9}}, .on_sigma = 0.2, .stuck_open = 0.05, .stuck_closed = 0.05};
      }
      const Matrix weights = random_weights(23, 17, 5);
      const CrossbarDesign design = compile(spec, weights, {.seed = 5, .die = 2});
      const BankArray& array = design.array;
      const auto seen = [&](std::size_t word, std::size_t bit, Configuration configuration) {
        const auto place = [](std::size_t index, std::size_t lines) {
          return static_cast<double>(index) / static_cast<double>(lines - 1) - 0.5;
        };
        const Bank bank = fabricate(spec.bank, {.seed = 5,
                                                .die = 2,
                                                .cell = array.index(word, bit),
                                                .along_word = place(bit, array.bit_lines),
                                                .along_bit = place(word, array.word_lines)});
        for (std::size_t k = 0; k < 7; ++k) {
          REQUIRE(bank.devices[k].resistance == array.bank(word, bit).devices[k].resistance);
          REQUIRE(bank.devices[k].stuck == array.bank(word, bit).devices[k].stuck);
        }
        return conductance(bank, configuration, Seen::measured).value;
      };
      // No single switch set otherwise comes nearer, in the values that the search saw.
      for (std::size_t word = 0; word < array.word_lines; ++word) {
        for (std::size_t bit = 0; bit < array.bit_lines; ++bit) {
          const double own = seen(word, bit, array.configuration(word, bit));
          double aim = 0.0;
          const auto target = [&](std::size_t output) {
            return design.targets(static_cast<Eigen::Index>(output), static_cast<Eigen::Index>(word));
          };
          if (how == 2) {
            aim = design.common_mode + (bit < design.outputs ? target(bit) : 0.0);
          } else if (how == 1 && bit % 2 == 0) {
            aim = design.common_mode + target(bit / 2);
          } else {
            const std::size_t other = bit ^ 1U;
            const double rest = seen(word, other, array.configuration(word, other));
            aim = bit % 2 == 0 ? rest + target(bit / 2) : rest - target(bit / 2);
          }
          if (!std::isfinite(own) || !std::isfinite(aim)) continue;
          for (std::size_t k = 0; k < 7; ++k) {
            Configuration changed = array.configuration(word, bit);
            changed.set(k, !changed.inserted(k));
            REQUIRE(std::abs(seen(word, bit, changed) - aim) >= std::abs(own - aim) - 1e-18);
          }
        }
      }
    }
  }
}

TEST_CASE("work shared by word lines gives the bytes of the whole") {
  CrossbarSpec spec = lognormal_spec(6, 0.3);
  spec.bank.fabrication.switches = {.nominal = {Ohm{50.0}, Ohm{1e9}}, .on_sigma = 0.2, .stuck_open = 0.1};
  for (const Scheme scheme : {Scheme::differential, Scheme::offset}) {
    spec.mapping.scheme = scheme;
    const Matrix weights = random_weights(9, 31, 3);
    const CrossbarDesign whole = compile(spec, weights, {.seed = 4});
    CrossbarDesign shared = prepare(spec, weights, {.seed = 4});
    for (const auto& [first, last] : {std::pair<std::size_t, std::size_t>{20, 31}, {0, 7}, {7, 7}, {7, 20}}) {
      choose_switches(shared, first, last, {.seed = 4});
    }
    settle(shared);
    CHECK(shared.array.resistances == whole.array.resistances);
    CHECK(shared.array.switch_on == whole.array.switch_on);
    CHECK(shared.array.stuck == whole.array.stuck);
    CHECK(shared.array.switches == whole.array.switches);
    CHECK(shared.achieved == whole.achieved);
    CHECK_THROWS_AS(choose_switches(shared, 3, 32), std::invalid_argument);
  }
}

TEST_CASE("the same seed gives the same arrays on one thread and on all") {
  CrossbarSpec spec = lognormal_spec(8, 0.3);
  spec.bank.fabrication.measurement = {.sigma = 1e-3, .bits = 12};
  const Matrix weights = random_weights(20, 30, 2);
  const CrossbarDesign one = compile(spec, weights, {.seed = 7, .threads = 1});
  const CrossbarDesign all = compile(spec, weights, {.seed = 7});
  CHECK(one.array.resistances == all.array.resistances);
  CHECK(one.array.switches == all.array.switches);
  CHECK(one.achieved == all.achieved);
  CHECK(compile(spec, weights, {.seed = 8}).array.resistances != all.array.resistances);
  CHECK(compile(spec, weights, {.seed = 7, .die = 1}).array.resistances != all.array.resistances);
}

TEST_CASE("real dies are used as they were measured") {
  const CrossbarSpec spec = lognormal_spec(4, 0.3);
  std::vector<double> dies(2 * 4 * 4);
  for (std::size_t k = 0; k < dies.size(); ++k) dies[k] = 8000.0 + 137.0 * static_cast<double>(k);
  dies[3] = infinity;
  dies[9] = 0.0;
  const CrossbarDesign design = compile(spec, random_weights(2, 2, 1), {.measured = dies});
  CHECK(design.array.resistances == dies);
  CHECK((design.array.switches[0] & 8U) == 0);  // an open device changes nothing
  CHECK((design.array.switches[2] & 2U) == 0);  // a shorted one would short the bank
  CHECK(design.achieved.allFinite());
  CHECK_THROWS_AS((void)compile(spec, random_weights(2, 3, 1), {.measured = dies}), Error);
}

TEST_CASE("a bank that is shorted for good is counted as unreachable, not hidden") {
  CrossbarSpec spec = lognormal_spec(4, 0.3);
  spec.bank.fabrication.process.device_short = 1.0;
  spec.bank.fabrication.switches.stuck_closed = 1.0;
  spec.mapping.full_scale = Siemens{1e-4};
  const CompileSummary summary = summarize(compile(spec, random_weights(2, 2, 1)));
  CHECK(summary.unreachable == 4);
  CHECK(summary.bits_worst == -infinity);
}

TEST_CASE("weights beyond the devices' range are counted as unreachable") {
  CrossbarSpec spec = lognormal_spec(4, 0.3);
  spec.mapping.full_scale = Siemens{1.0};
  CHECK(summarize(compile(spec, random_weights(3, 3, 1))).unreachable == 9);
}

TEST_CASE("a matrix of zeros compiles to differences near zero") {
  const CrossbarDesign design = compile(lognormal_spec(6, 0.3), Matrix::Zero(2, 2));
  CHECK(design.targets.isZero(0.0));
  CHECK(design.achieved.isZero(0.0));  // nothing inserted is the exact answer with the fewest devices
}

TEST_CASE("what cannot be compiled is refused") {
  CrossbarSpec spec = lognormal_spec(21, 0.3);
  const Matrix weights = random_weights(2, 2, 1);
  CHECK_THROWS_AS((void)compile(spec, weights), Error);
  spec.mapping.pair = Pair::joint;
  spec.bank.topology = Topology::series(4);
  CHECK_THROWS_AS((void)compile(spec, weights), Error);
  CHECK_THROWS_AS((void)compile(lognormal_spec(65, 0.3), weights), Error);
  Matrix holes = weights;
  holes(0, 0) = std::nan("");
  CHECK_THROWS_AS((void)compile(lognormal_spec(4, 0.3), holes), std::invalid_argument);
}

TEST_CASE("progress reports every cell and can stop the work") {
  std::size_t last = 0;
  const CompileOptions counting{.threads = 1, .progress = [&](std::size_t done, std::size_t total) {
                                  CHECK(done <= total);
                                  CHECK(done > last);
                                  last = done;
                                  return true;
                                }};
  (void)compile(lognormal_spec(4, 0.3), random_weights(20, 20, 1), counting);
  CHECK(last == 400);
  const CompileOptions stopping{.progress = [](std::size_t, std::size_t) { return false; }};
  CHECK_THROWS_AS((void)compile(lognormal_spec(4, 0.3), random_weights(20, 20, 1), stopping), Error);
}

TEST_CASE(
    "Neighbouring cells that are alike make another die, and every cell is still the best that its devices can do") {
  CrossbarSpec spec = lognormal_spec(4, 0.3);
  const Matrix weights = random_weights(5, 6, 1);
  const CrossbarDesign apart = compile(spec, weights);
  spec.bank.fabrication.process.correlation_length = 3.0;
  const CrossbarDesign alike = compile(spec, weights);
  const CrossbarDesign again = compile(spec, weights, {.threads = 1});
  CHECK(alike.array.resistances != apart.array.resistances);
  CHECK(alike.array.resistances == again.array.resistances);
  CHECK(alike.array.switches == again.array.switches);
  CHECK(alike.full_scale == apart.full_scale);  // an expectation
  for (std::size_t i = 0; i < 6; ++i) {
    for (std::size_t o = 0; o < 5; ++o) {
      const double target = alike.targets(static_cast<Eigen::Index>(o), static_cast<Eigen::Index>(i));
      const double achieved = alike.achieved(static_cast<Eigen::Index>(o), static_cast<Eigen::Index>(i));
      const double best =
          best_pair_error(alike.array, alike.array.index(i, 2 * o), alike.array.index(i, 2 * o + 1), target);
      CHECK(std::abs(achieved - target) == doctest::Approx(best).epsilon(1e-6).scale(1e-9 * alike.full_scale));
    }
  }
  // Dies that were measured are what they are.
  const CompileOptions measured{.measured = apart.array.resistances};
  const CrossbarDesign known = compile(spec, weights, measured);
  spec.bank.fabrication.process.correlation_length = 0.0;
  CHECK(known.array.resistances == apart.array.resistances);
  CHECK(known.array.switches == compile(spec, weights, measured).array.switches);
}
