// The same bytes whoever makes the samples: threads, parts merged in any order, runs that were killed and go on.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>
#include <tbb/global_control.h>
#include <tbb/parallel_for.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "tests/design/monte_carlo_experiments.h"
#include "tests/support/refusal.h"

using ohmset::Experiment;
using ohmset::MonteCarlo;
using ohmset::MonteCarloOptions;
using ohmset::SamplingMethod;
using ohmset::test::experiment_of;
using ohmset::test::numbers_of;
using ohmset::test::refusal;

namespace {

Experiment experiment() { return experiment_of(2, ohmset::test::distributions_of_values()); }

// All that may differ: methods, what is kept, rounds.
std::vector<MonteCarloOptions> cases() {
  const MonteCarloOptions plain{.samples = 30'000, .limits = {0.5, 2.0}, .kept = 2000};
  std::vector<MonteCarloOptions> all(6, plain);
  all[1].kept = 1U << 20U;
  all[2].method = SamplingMethod::latin_hypercube;
  all[3].method = SamplingMethod::sobol;
  all[3].samples = 3000;
  all[3].replicates = 300;
  all[4].samples = 1000;
  all[4].until_interval = 0.03;
  all[4].limits = {4e-311};
  all[5] = all[4];
  all[5].method = SamplingMethod::latin_hypercube;
  all[5].until_interval = 0.003;
  all[5].most_samples = 20'000;
  return all;
}

std::vector<double> at_once(const MonteCarloOptions& options) {
  return numbers_of(ohmset::monte_carlo(experiment(), options));
}

}  // namespace

TEST_CASE("results have the same bits for any number of threads") {
  for (const MonteCarloOptions& options : cases()) {
    const std::vector<double> reference = at_once(options);
    for (const std::size_t threads : {1U, 3U}) {
      const tbb::global_control control(tbb::global_control::max_allowed_parallelism, threads);
      CHECK(at_once(options) == reference);
    }
  }
}

TEST_CASE("results have the same bits when parts make a share of the blocks each, merged in any order") {
  for (const MonteCarloOptions& options : cases()) {
    const std::vector<double> reference = at_once(options);
    for (const std::size_t parts : {1U, 2U, 4U}) {
      CAPTURE(parts);
      std::mt19937_64 random(parts);
      std::vector<std::unique_ptr<MonteCarlo>> all;
      for (std::size_t p = 0; p < parts; ++p) all.push_back(std::make_unique<MonteCarlo>(experiment(), options));
      while (all[0]->blocks() > 0) {
        const std::size_t blocks = all[0]->blocks();
        std::vector<std::string> states;
        for (std::size_t p = 0; p < parts; ++p) {
          REQUIRE(all[p]->blocks() == blocks);
          all[p]->run(p * blocks / parts, (p + 1) * blocks / parts);
          states.push_back(all[p]->state());
        }
        for (std::size_t p = 0; p < parts; ++p) {
          std::shuffle(states.begin(), states.end(), random);
          for (const std::string& state : states) all[p]->merge(state);
          CHECK(all[p]->blocks_done() == blocks);
        }
        for (std::size_t p = 0; p < parts; ++p) all[p]->finish_pass();
      }
      for (std::size_t p = 0; p < parts; ++p) CHECK(numbers_of(all[p]->result()) == reference);
    }
  }
}

TEST_CASE("a run that is killed again and again goes on from its state to the same bits") {
  for (const MonteCarloOptions& options : cases()) {
    const std::vector<double> reference = at_once(options);
    std::string state;
    std::mt19937_64 random(3);
    std::vector<double> found;
    std::size_t lives = 0;
    for (; found.empty(); ++lives) {
      MonteCarlo one(experiment(), options);
      if (!state.empty()) one.merge(state);
      const std::size_t life = 1 + random() % 300;
      std::size_t made = 0;
      bool killed = false;
      while (one.blocks() > 0 && !killed) {
        one.run(0, one.blocks(), [&] {
          ++made;
          if (made == life / 2) state = one.state();
          killed = made >= life;
          return !killed;
        });
        if (one.blocks_done() == one.blocks()) {
          one.finish_pass();
          state = one.state();
        }
      }
      if (one.blocks() == 0) found = numbers_of(one.result());
    }
    CHECK(lives > 1);
    CHECK(found == reference);
    // A finished state says all.
    MonteCarlo late(experiment(), options);
    late.merge(state);
    CHECK(late.blocks() == 0);
    CHECK(numbers_of(late.result()) == reference);
  }
}

TEST_CASE("merging is harmless: the same state twice, older ones, ones that overlap") {
  for (const MonteCarloOptions& options : cases()) {
    const std::vector<double> reference = at_once(options);
    MonteCarlo base(experiment(), options);
    const std::size_t blocks = base.blocks();
    base.run(0, blocks / 4);
    const std::string start = base.state();
    // Two that go on from the same state, and a later state of the first of them.
    MonteCarlo first(experiment(), options);
    MonteCarlo second(experiment(), options);
    first.merge(start);
    second.merge(start);
    first.run(blocks / 4, blocks / 2);
    const std::string early = first.state();
    first.run(blocks / 2, blocks / 2 + blocks / 8);
    second.run(blocks / 2 + blocks / 8, blocks - blocks / 8);
    // One that overlaps both in part.
    MonteCarlo third(experiment(), options);
    third.run(blocks / 2, blocks);
    MonteCarlo all(experiment(), options);
    for (const std::string& state : {early, first.state(), early, second.state(), start, third.state(), early}) {
      all.merge(state);
      all.merge(all.state());
    }
    CHECK(all.blocks_done() == blocks - blocks / 8);  // the third's blocks at the end cannot be told from its others
    all.run(0, blocks);
    CHECK(all.blocks_done() == blocks);
    all.finish_pass();
    const std::size_t next = all.blocks();
    all.merge(first.state());  // of the pass before
    CHECK(all.blocks() == next);
    CHECK(all.blocks_done() == 0);
    third.merge(all.state());  // of a later pass: takes the place of what was being done
    CHECK(third.blocks() == next);
    while (third.blocks() > 0) {
      third.run(0, third.blocks());
      third.finish_pass();
    }
    CHECK(numbers_of(third.result()) == reference);
  }
}

TEST_CASE("a damaged, truncated or foreign state is refused in one line and changes nothing") {
  const MonteCarloOptions options = cases()[0];
  MonteCarlo one(experiment(), options);
  one.run(0, 50);
  const std::string state = one.state();
  MonteCarlo other(experiment(), options);
  other.run(40, 60);
  const std::string before = other.state();
  const auto refused = [&](const std::string& bytes) { return refusal([&] { other.merge(bytes); }); };
  const std::string damaged = "the saved state is truncated or damaged";
  std::mt19937_64 random(1);
  for (int trial = 0; trial < 300; ++trial) {
    CHECK(refused(state.substr(0, 17 + random() % (state.size() - 17))) == damaged);
    std::string changed = state;
    char& byte = changed[17 + random() % (state.size() - 17)];
    byte = static_cast<char>(byte ^ static_cast<char>(1U << (random() % 8)));
    CHECK(refused(changed) == damaged);
  }
  CHECK(refused("") == damaged);
  CHECK(refused(state + "x") == damaged);
  CHECK(refused("resistance,10k") == "not a saved state of a Monte Carlo run");
  const std::string foreign = "the saved state belongs to another experiment or to other options";
  for (int kind = 0; kind < 6; ++kind) {
    MonteCarloOptions changed = options;
    if (kind == 0) changed.seed = 2;
    if (kind == 1) changed.fingerprint = "another bank";
    if (kind == 2) changed.samples += 1;
    if (kind == 3) changed.limits[1] = 2.5;
    if (kind == 4) changed.method = SamplingMethod::sobol;
    if (kind == 5) changed.quantiles.pop_back();
    CHECK(refused(MonteCarlo(experiment(), changed).state()) == foreign);
  }
  CHECK(other.state() == before);
}

TEST_CASE("memory does not grow with the number of samples") {
  const auto value = [](const double* u, std::size_t) { return *u; };
  const Experiment uniform = experiment_of(1, {value}, 256);
  for (const SamplingMethod method : {SamplingMethod::plain, SamplingMethod::latin_hypercube}) {
    std::vector<std::size_t> sizes;
    for (const std::uint64_t samples : {100'000U, 2'000'000U}) {
      MonteCarlo all(uniform, {.method = method, .samples = samples, .limits = {0.3}, .kept = 5000});
      std::size_t most = 0;
      for (std::size_t pass = 0; all.blocks() > 0; ++pass) {
        CHECK(pass < 6);
        all.run(0, all.blocks());
        most = std::max(most, all.state().size());
        all.finish_pass();
      }
      sizes.push_back(most);
    }
    CHECK(sizes[1] < sizes[0] + 400'000);  // a thousand blocks' moments, a few thousand counts
    CHECK(sizes[1] < 1'000'000);
  }
}

TEST_CASE("an experiment that waits on threads of its own does not start blocks within blocks") {
  std::atomic<int> nested = 0;
  Experiment busy = experiment_of(1, {[](const double* u, std::size_t) { return *u; }}, 16);
  busy.evaluate = [&](std::uint64_t, std::size_t, std::span<const double> points, std::span<double> values) {
    thread_local int depth = 0;
    if (++depth > 1) ++nested;
    tbb::parallel_for(std::size_t{0}, values.size(), [&](std::size_t k) { values[k] = points[k]; });
    --depth;
  };
  CHECK(ohmset::monte_carlo(busy, {.samples = 20'000, .kept = 100}).series[0].moments.count == 20'000);
  CHECK(nested == 0);
}
