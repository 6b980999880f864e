// Crossbars by hierarchical merging: certified against dense elimination in 80 bits, and against the factorisation.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>
#include <tbb/global_control.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "sim/crossbar.h"
#include "sim/crossbar/hps.h"
#include "sim/simd.h"
#include "tests/sim/crossbar_arrays.h"

using namespace crossbars;
using ohmset::crossbar::Hps;

namespace {

using Real = long double;
constexpr double anything = 1e300;

// The network among sources and sinks, by star-mesh elimination of a dense matrix one node after the other: nothing is
// subtracted, so that extreme ratios do no harm. A short is 2^300 siemens.
struct Exact {
  Index words = 0;
  Index bits = 0;
  std::vector<std::vector<Real>> between{};  // sources, then sinks

  [[nodiscard]] Real transfer(Index j, Index i) const {
    return between[static_cast<std::size_t>(words + j)][static_cast<std::size_t>(i)];
  }
  [[nodiscard]] Real output(Index j, const VectorXd& input) const {
    Real sum = 0.0L;
    for (Index i = 0; i < words; ++i) sum += transfer(j, i) * input[i];
    return sum;
  }
  [[nodiscard]] Real power(const VectorXd& input) const {
    Real sum = 0.0L;
    for (Index i = 0; i < words; ++i) {
      for (Index j = 0; j < bits; ++j) sum += transfer(j, i) * input[i] * input[i];
      for (Index k = 0; k < i; ++k) {
        const Real difference = static_cast<Real>(input[i]) - input[k];
        sum += between[static_cast<std::size_t>(i)][static_cast<std::size_t>(k)] * difference * difference;
      }
    }
    return sum;
  }
};

Exact exact(const Crossbar& crossbar) {
  const Wires& w = crossbar.wires;
  const Index words = crossbar.conductances.rows();
  const Index bits = crossbar.conductances.cols();
  const auto terminals = static_cast<std::size_t>(words + bits);
  const auto cells = static_cast<std::size_t>(words * bits);
  const std::size_t count = terminals + 2 * cells;
  Exact result{.words = words, .bits = bits, .between{count, std::vector<Real>(count, 0.0L)}};
  auto& between = result.between;
  const auto place = [](Index k) { return static_cast<std::size_t>(k); };
  const auto word = [&](Index i, Index j) { return terminals + place(i * bits + j); };
  const auto bit = [&](Index i, Index j) { return word(i, j) + cells; };
  const auto sink = [&](Index j) { return place(words + j); };
  const auto join = [&](std::size_t a, std::size_t b, Real g) {
    if (std::isinf(g)) g = std::ldexp(1.0L, 300);
    between[a][b] += g;
    between[b][a] += g;
  };
  const auto wire = [&](std::size_t a, std::size_t b, Real ohm) { join(a, b, 1.0L / ohm); };
  for (Index i = 0; i < words; ++i) {
    for (Index j = 0; j < bits; ++j) {
      join(word(i, j), bit(i, j), crossbar.conductances(i, j));
      const Real before = w.word_segment(place(i), place(j));
      if (j == 0) {
        wire(place(i), word(i, 0), before + w.driver_of(place(i)));
      } else {
        wire(word(i, j - 1), word(i, j), before);
      }
      const Real after = w.bit_segment(place(i), place(j));
      if (i + 1 == words) {
        wire(bit(i, j), sink(j), after + w.sense_of(place(j)));
      } else {
        wire(bit(i, j), bit(i + 1, j), after);
      }
    }
    if (w.driven == DrivenEnds::both) {
      wire(word(i, bits - 1), place(i), static_cast<Real>(w.word_end(place(i))) + w.driver_of(place(i)));
    }
  }
  for (Index j = 0; j < bits && w.sensed == SensedEnds::both; ++j) {
    wire(bit(0, j), sink(j), static_cast<Real>(w.bit_top(place(j))) + w.sense_of(place(j)));
  }
  for (std::size_t k = count; k-- > terminals;) {
    Real pivot = 0.0L;
    for (std::size_t a = 0; a < k; ++a) pivot += between[k][a];
    for (std::size_t a = 0; a < k && pivot > 0.0L; ++a) {
      if (between[k][a] == 0.0L) continue;
      const Real share = between[k][a] / pivot;
      for (std::size_t b = 0; b < a; ++b) between[b][a] = between[a][b] += share * between[k][b];
    }
  }
  return result;
}

double logarithmic(Draw& draw, double low, double high) {
  return std::exp(draw.uniform(std::log(low), std::log(high)));
}

// Any ratio of resistances and any wires; opens and shorts, broken segments and some without resistance.
Crossbar any_crossbar(Draw& draw, double most_lines) {
  const auto happens = [&](double probability) { return draw.uniform(0.0, 1.0) < probability; };
  const auto lines = [&] { return static_cast<Index>(logarithmic(draw, 1.0, most_lines + 1.0)); };
  const Index words = lines();
  const Index bits = lines();
  const double low = logarithmic(draw, 1e-3, 1e6);
  const double high = low * logarithmic(draw, 1.0, 1e9);
  Crossbar crossbar{.conductances = draw.conductances(words, bits, low, high)};
  if (happens(0.3)) {
    for (double& g : crossbar.conductances.reshaped()) g = happens(0.2) ? 0.0 : g;
  }
  if (happens(0.2)) {
    for (double& g : crossbar.conductances.reshaped()) g = happens(0.1) ? infinity : g;
  }
  const bool extreme = happens(0.4);
  const auto wire = [&] { return extreme ? logarithmic(draw, 1e-9, 1e6) : logarithmic(draw, 1e-2, 1e2); };
  const auto sometimes = [&](double probability) { return Ohm{happens(probability) ? 0.0 : wire()}; };
  Wires& w = crossbar.wires;
  w = {.word = sometimes(0.2), .bit = sometimes(0.2), .driver = sometimes(0.4), .sense = sometimes(0.4)};
  if (happens(0.3)) w.driven = DrivenEnds::both;
  if (happens(0.3)) w.sensed = SensedEnds::both;
  const double broken = happens(0.3) ? 0.1 : 0.0;
  const double none = happens(0.3) ? 0.1 : 0.0;
  const auto segment = [&] { return happens(broken) ? infinity : happens(none) ? 0.0 : wire(); };
  if (happens(0.3)) {
    w.word_segments = Matrix(words, w.driven == DrivenEnds::both ? bits + 1 : bits);
    for (double& r : w.word_segments.reshaped()) r = segment();
  }
  if (happens(0.3)) {
    w.bit_segments = Matrix(w.sensed == SensedEnds::both ? words + 1 : words, bits);
    for (double& r : w.bit_segments.reshaped()) r = segment();
  }
  if (happens(0.2)) {
    w.drivers = VectorXd(words);
    for (double& r : w.drivers) r = segment();
  }
  if (happens(0.2)) {
    w.senses = VectorXd(bits);
    for (double& r : w.senses) r = segment();
  }
  return crossbar;
}

// How far the answers are from exact ones, in terms of their bounds and of the largest.
struct Errors {
  double transfer = 0.0;
  double outputs = 0.0;
  double power = 0.0;
  void add(const Errors& more) {
    transfer = std::max(transfer, more.transfer);
    outputs = std::max(outputs, more.outputs);
    power = std::max(power, more.power);
  }
};

Errors check(const Crossbar& crossbar, const VectorXd& input, Simd simd = chosen_simd()) {
  const Hps hps(crossbar, simd);
  const Exact truth = exact(crossbar);
  const Matrix T = hps.transfer();
  Errors errors;
  double error = 0.0;
  for (Index j = 0; j < T.rows(); ++j) {
    for (Index i = 0; i < T.cols(); ++i) {
      error = std::max(error, static_cast<double>(std::abs(T(j, i) - truth.transfer(j, i))));
    }
  }
  REQUIRE(error <= hps.transfer_error_bound());
  if (largest(T) > 0.0) errors.transfer = error / largest(T);
  const auto outputs = hps.outputs(input.transpose(), anything);
  REQUIRE(outputs);
  error = 0.0;
  for (Index j = 0; j < T.rows(); ++j) {
    error = std::max(error, static_cast<double>(std::abs(outputs->currents(0, j) - truth.output(j, input))));
  }
  REQUIRE(error <= outputs->error_bound);
  const double most = largest(input) * T.rowwise().sum().maxCoeff();
  if (most > 0.0) errors.outputs = error / most;
  const auto power = static_cast<double>(truth.power(input));
  if (power > 0.0) errors.power = std::abs(outputs->power - power) / power;
  return errors;
}

// Both in one call, so that the same array is not reduced twice.
struct Answers {
  Matrix transfer{};
  CrossbarOutputs outputs{};
};

Answers answers(const Crossbar& crossbar, const Matrix& inputs, Simd simd = chosen_simd()) {
  const Hps hps(crossbar, simd);
  return {hps.transfer(), hps.outputs(inputs, anything).value()};
}

// Regimes of real arrays. E: devices over three decades; H: heavy wires; W: as wide as devices are made, with opens and
// shorts of a milliohm.
Crossbar regime(char which, Index words, Index bits) {
  Draw draw(static_cast<std::uint64_t>(words * 1000 + bits));
  if (which == 'E') return {draw.conductances(words, bits, 1e3, 1e6), wires(1.0, 1.0, 10.0, 10.0)};
  if (which == 'H') return {draw.conductances(words, bits, 0.9e3, 1.1e3), wires(10.0, 10.0, 10.0, 10.0)};
  Crossbar crossbar{draw.conductances(words, bits, 1e-3, 1e9), wires(0.1, 0.3, 0.2, 0.1)};
  for (double& g : crossbar.conductances.reshaped()) {
    const double kind = draw.uniform(0.0, 1.0);
    if (kind < 0.105) g = kind < 0.1 ? 0.0 : 1e3;
  }
  return crossbar;
}

constexpr CrossbarOptions merged{.method = CrossbarMethod::hps};
constexpr CrossbarOptions direct{.method = CrossbarMethod::direct};

}  // namespace

TEST_CASE("the bound is never below the error over thousands of arrays, whatever wires and devices") {
  int answered = 0;
  Errors worst;
  for (std::uint64_t seed = 1; seed <= 4000; ++seed) {
    CAPTURE(seed);
    Draw draw(seed);
    const Crossbar crossbar = any_crossbar(draw, 9.0);
    if (!Hps::applies(crossbar)) continue;
    ++answered;
    VectorXd input = draw.inputs(1, crossbar.conductances.rows()).row(0).transpose();
    if (seed % 2 == 0) input = input.cwiseAbs();
    worst.add(check(crossbar, input));
  }
  CHECK(answered > 3800);
  CHECK(answered < 4000);
  CHECK(worst.transfer < 3e-15);
  CHECK(worst.outputs < 3e-15);
  CHECK(worst.power < 1e-11);
}

TEST_CASE("nor where several blocks are merged, of whole and of ragged size") {
  Errors worst;
  for (std::uint64_t seed = 1; seed <= 25; ++seed) {
    CAPTURE(seed);
    Draw draw(seed);
    Crossbar crossbar = any_crossbar(draw, 9.0);
    for (int k = 1; !Hps::applies(crossbar) || crossbar.conductances.rows() * crossbar.conductances.cols() > 330 ||
                    std::max(crossbar.conductances.rows(), crossbar.conductances.cols()) < 17;
         ++k) {
      draw = Draw(seed + 1000U * static_cast<unsigned>(k));
      crossbar = any_crossbar(draw, 40.0);
    }
    worst.add(check(crossbar, draw.inputs(1, crossbar.conductances.rows()).row(0).transpose()));
  }
  CHECK(worst.transfer < 3e-15);
  CHECK(worst.outputs < 3e-15);
}

TEST_CASE("large arrays agree with the factorisation, far below what is asked for") {
  struct Size {
    Index words;
    Index bits;
  };
  for (const char which : {'E', 'H', 'W'}) {
    for (const auto& [words, bits] :
         {Size{32, 48}, Size{33, 15}, Size{1, 130}, Size{130, 1}, Size{97, 150}, Size{160, 75}}) {
      CAPTURE(which);
      CAPTURE(words);
      CAPTURE(bits);
      const Crossbar crossbar = regime(which, words, bits);
      const Hps hps(crossbar);
      const CrossbarSolver factored(crossbar, direct);
      const Matrix T = factored.transfer();
      CHECK(hps.transfer_error_bound() < 1e-12 * largest(T));
      CHECK(difference(hps.transfer(), T) <= 4e-15 * largest(T));
      const Matrix inputs = Draw(1).inputs(70, words).cwiseAbs();
      const auto outputs = hps.outputs(inputs, 1e-12);
      REQUIRE(outputs);
      const CrossbarOutputs expected = factored.outputs(inputs);
      CHECK(outputs->error_bound < 1e-12 * largest(outputs->currents));
      CHECK(difference(outputs->currents, expected.currents) <= 4e-15 * largest(outputs->currents));
      CHECK(outputs->power == doctest::Approx(expected.power).epsilon(1e-12));
    }
  }
}

TEST_CASE("every instruction set and any number of threads give the same bits") {
  Crossbar crossbar = regime('W', 150, 97);
  crossbar.wires.driven = DrivenEnds::both;
  crossbar.wires.sensed = SensedEnds::both;
  const Matrix inputs = Draw(2).inputs(77, 150);
  const Answers expected = answers(crossbar, inputs);
  const auto same = [&](const Answers& found) {
    CHECK((found.transfer.array() == expected.transfer.array()).all());
    CHECK((found.outputs.currents.array() == expected.outputs.currents.array()).all());
    CHECK(found.outputs.power == expected.outputs.power);
    CHECK(found.outputs.error_bound == expected.outputs.error_bound);
  };
  for (const Simd simd : available_simd()) same(answers(crossbar, inputs, simd));
  const tbb::global_control one(tbb::global_control::max_allowed_parallelism, 1);
  same(answers(crossbar, inputs));
}

TEST_CASE("laws: reciprocity, mirrored arrays, both ends of equal lines") {
  for (const char which : {'E', 'H', 'W'}) {
    CAPTURE(which);
    Crossbar crossbar = regime(which, 40, 53);
    crossbar.wires.driven = DrivenEnds::both;
    crossbar.wires.sensed = SensedEnds::both;
    const Matrix T = Hps(crossbar).transfer();
    // Word and bit lines change places.
    Crossbar turned = crossbar;
    turned.conductances = crossbar.conductances.transpose();
    std::swap(turned.wires.word, turned.wires.bit);
    std::swap(turned.wires.driver, turned.wires.sense);
    CHECK(difference(Hps(turned).transfer(), T.transpose()) <= 4e-15 * largest(T));
    Crossbar mirrored = crossbar;
    mirrored.conductances = crossbar.conductances.reverse();
    CHECK(difference(Hps(mirrored).transfer(), T.reverse()) <= 4e-15 * largest(T));
  }
}

TEST_CASE("a single line is a ladder in closed form") {
  // One word line on which every bit line hangs by the same device: continued fractions from the far end.
  Crossbar ladder{Matrix::Constant(1, 100, 1e-3), wires(2.0, 3.0, 4.0, 5.0)};
  const Matrix T = Hps(ladder).transfer();
  const Real branch = 1.0L / (1000.0L + 3.0L + 5.0L);
  std::vector<Real> looking(101, 0.0L);  // into node j and what follows
  for (std::size_t j = 100; j-- > 0;) looking[j] = branch + (j == 99 ? 0.0L : 1.0L / (2.0L + 1.0L / looking[j + 1]));
  Real voltage = 1.0L / (1.0L + 6.0L * looking[0]);
  for (std::size_t j = 0; j < 100; ++j) {
    CHECK(std::abs(T(static_cast<Index>(j), 0) - branch * voltage) <= 1e-15 * branch);
    if (j < 99) voltage /= 1.0L + 2.0L * looking[j + 1];
  }
}

TEST_CASE("sources and sinks joined through no resistance are not merged") {
  const auto applies = [](const Crossbar& crossbar) { return Hps::applies(crossbar); };
  Crossbar crossbar{Draw(1).conductances(5, 4, 1e3, 1e6), wires(0.0, 0.0, 0.0, 0.0)};
  CHECK(applies(crossbar));
  crossbar.conductances(2, 3) = infinity;  // a source and a sink
  CHECK_FALSE(applies(crossbar));
  crossbar.wires.sense = Ohm{1.0};
  CHECK(applies(crossbar));
  crossbar.conductances(4, 3) = infinity;  // two sources
  CHECK_FALSE(applies(crossbar));
  crossbar.wires.driver = Ohm{1.0};
  CHECK(applies(crossbar));
  crossbar.wires.sense = Ohm{0.0};
  crossbar.conductances(2, 0) = infinity;  // two sinks
  CHECK_FALSE(applies(crossbar));
  CHECK_FALSE(applies({Matrix(0, 4), {}}));
  CHECK(crossbar_outputs(crossbar, Draw(1).inputs(1, 5), merged).method == "direct");
}

TEST_CASE("inputs of any magnitude, zero and none") {
  const Crossbar crossbar = regime('E', 20, 30);
  const Hps hps(crossbar);
  const Matrix inputs = Draw(5).inputs(3, 20).cwiseAbs();
  const CrossbarOutputs outputs = hps.outputs(inputs, 1e-12).value();
  for (const double scale : {std::ldexp(1.0, -900), std::ldexp(1.0, 900)}) {
    const CrossbarOutputs scaled = hps.outputs(scale * inputs, 1e-12).value();
    CHECK((scaled.currents.array() == scale * outputs.currents.array()).all());
    CHECK(scaled.error_bound == scale * outputs.error_bound);
  }
  const CrossbarOutputs none = hps.outputs(Matrix::Zero(2, 20), 1e-12).value();
  CHECK(largest(none.currents) == 0.0);
  CHECK(none.power == 0.0);
  CHECK(hps.outputs(Matrix(0, 20), 1e-12).value().currents.rows() == 0);
  // Sources that follow each other draw nothing through what couples them.
  Crossbar coupled{Matrix::Constant(20, 30, 1.0), wires(0.0, 0.0, 0.0, 1e9)};
  const Matrix level = Matrix::Constant(1, 20, 0.3);
  const auto drawn = Hps(coupled).outputs(level, anything).value();
  CHECK(drawn.power == doctest::Approx(30 * 0.09 / (1e9 + 0.05)).epsilon(1e-12));
}

TEST_CASE("batches, transfer matrices and what cannot be iterated are merged, and the method says so") {
  Crossbar crossbar = regime('E', 40, 35);
  const Matrix inputs = Draw(3).inputs(20, 40).cwiseAbs();
  const CrossbarSolver solver(crossbar);
  const CrossbarOutputs batch = solver.outputs(inputs);
  CHECK(batch.method == "hps");
  CHECK(batch.error_bound <= 1e-12 * largest(batch.currents));
  CHECK((batch.currents.array() == Hps(crossbar).outputs(inputs, 1e-12).value().currents.array()).all());
  CHECK((solver.transfer().array() == Hps(crossbar).transfer().array()).all());
  CHECK(crossbar_outputs(crossbar, inputs.row(0)).method == "spcg");
  CHECK(crossbar_outputs(crossbar, inputs.row(0), merged).method == "hps");
  CHECK(crossbar_outputs(crossbar, inputs, direct).method == "direct");
  // A bound that is not met is never passed over in silence.
  CHECK(crossbar_outputs(crossbar, inputs, {.tolerance = 1e-16}).method == "direct");
  const Matrix exact_transfer = CrossbarSolver(crossbar, {.tolerance = 1e-16}).transfer();
  CHECK((exact_transfer.array() == CrossbarSolver(crossbar, direct).transfer().array()).all());
  crossbar.conductances(3, 7) = infinity;
  crossbar.wires.word = Ohm{0.0};
  const CrossbarOutputs shorted = crossbar_outputs(crossbar, inputs);
  CHECK(shorted.method == "hps");
  const CrossbarOutputs expected = crossbar_outputs(crossbar, inputs, direct);
  CHECK(difference(shorted.currents, expected.currents) <= shorted.error_bound);
}
