// Banks: the closed form, the network and Kirchhoff's laws agree, parasitics and faults included.
// SPDX-License-Identifier: Apache-2.0
#include "sim/bank.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

#include "sim/nodal.h"
#include "tests/support/banks.h"

using ohmset::Arrangement;
using ohmset::Bank;
using ohmset::Branch;
using ohmset::Configuration;
using ohmset::Contribution;
using ohmset::Device;
using ohmset::Group;
using ohmset::infinity;
using ohmset::Network;
using ohmset::Ohm;
using ohmset::Port;
using ohmset::Seen;
using ohmset::Stuck;
using ohmset::Topology;
using ohmset::support::any_bank;
using ohmset::support::any_configuration;
using ohmset::support::any_expression;
using ohmset::support::Random;

namespace {

constexpr long double infinite = std::numeric_limits<long double>::infinity();

// Whether the relative difference is within the bound; 0 and infinity agree with themselves alone.
bool agrees(double value, long double expected, double bound) {
  if (expected == 0.0L || std::isinf(expected)) return static_cast<long double>(value) == expected;
  return std::abs(static_cast<long double>(value) - expected) <= bound * std::abs(expected);
}

long double inverse(long double x) { return x == 0.0L ? infinite : 1.0L / x; }

// The resistance of a group in long double, from what a switch does rather than from contributions.
long double reference(const Bank& bank, const Configuration& configuration, const Group& group, Seen seen) {
  const bool series = group.arrangement == Arrangement::series;
  long double sum = 0.0L;
  for (const Group& member : group.members) {
    long double r = 0.0L;
    if (member.arrangement != Arrangement::device) {
      r = reference(bank, configuration, member, seen);
    } else {
      const Device& device = bank.devices[member.device];
      bool closed = configuration.inserted(member.device) != series;
      if (device.stuck != Stuck::free) closed = device.stuck == Stuck::closed;
      const long double contact = (closed ? device.contact.on : device.contact.off).value;
      const long double body = (seen == Seen::actual ? device.resistance : device.measured).value;
      r = series ? inverse(inverse(body) + inverse(contact)) : body + contact;
    }
    sum += series ? r : inverse(r);
  }
  return series ? sum : inverse(sum);
}

std::size_t root_of(std::vector<std::size_t>& parent, std::size_t node) {
  while (parent[node] != node) node = parent[node] = parent[parent[node]];
  return node;
}

// Effective resistance by eliminating node after node (star to mesh) in long double.
long double eliminated(const Network& network, Port port) {
  std::vector<std::size_t> parent(network.node_count());
  std::iota(parent.begin(), parent.end(), std::size_t{0});
  for (const Branch& branch : network.branches()) {
    if (branch.resistance.value == 0.0) parent[root_of(parent, branch.a)] = root_of(parent, branch.b);
  }
  const std::size_t a = root_of(parent, port.a);
  const std::size_t b = root_of(parent, port.b);
  if (a == b) return 0.0L;
  const std::size_t count = network.node_count();
  std::vector<std::vector<long double>> g(count, std::vector<long double>(count, 0.0L));
  for (const Branch& branch : network.branches()) {
    const std::size_t from = root_of(parent, branch.a);
    const std::size_t to = root_of(parent, branch.b);
    if (from == to) continue;
    g[from][to] += inverse(branch.resistance.value);
    g[to][from] = g[from][to];
  }
  for (std::size_t node = 0; node < count; ++node) {
    if (node == a || node == b) continue;
    const long double total = std::accumulate(g[node].begin(), g[node].end(), 0.0L);
    const std::vector<long double> star = g[node];
    for (std::size_t i = 0; i < count; ++i) {
      g[node][i] = g[i][node] = 0.0L;
      for (std::size_t j = 0; j < count && total > 0.0L; ++j) {
        if (i != j && i != node && j != node) g[i][j] += star[i] * star[j] / total;
      }
    }
  }
  return inverse(g[a][b]);
}

const Branch& branch_named(const Network& network, const std::string& name) {
  for (const Branch& branch : network.branches()) {
    if (branch.name == name) return branch;
  }
  throw std::logic_error("no branch " + name);
}

}  // namespace

TEST_CASE("Closed form, long double recursion, star-mesh elimination and nodal analysis agree on any bank") {
  for (std::uint64_t seed = 1; seed <= 3000; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    const Topology topology = Topology::parse(any_expression(random, 3));
    const std::string text = topology.text();
    CAPTURE(text);
    const Bank bank = any_bank(random, topology, {.ideal_switches = seed % 2 == 0, .faults = seed % 4 > 1});
    const Configuration configuration = any_configuration(random, bank.devices.size());
    const double r = resistance(bank, configuration).value;
    CHECK(agrees(r, reference(bank, configuration, topology.root(), Seen::actual), 1e-14));
    CHECK(agrees(resistance(bank, configuration, Seen::measured).value,
                 reference(bank, configuration, topology.root(), Seen::measured), 1e-14));
    CHECK(agrees(conductance(bank, configuration).value, inverse(r), 1e-15));
    const auto [network, port] = build_network(bank, configuration);
    CHECK(agrees(r, eliminated(network, port), 1e-12));
    CHECK(agrees(effective_resistance(network, port).value, r, 1e-12));
  }
}

TEST_CASE("A parallel bank conducts sum g_off + sum s (g_on - g_off), a series one resists likewise") {
  Random random(5);
  const Bank parallel = any_bank(random, Topology::parallel(6), {});
  const Bank series = any_bank(random, Topology::series(6), {});
  for (std::uint64_t mask = 0; mask < 64; ++mask) {
    const Configuration configuration = Configuration::from_mask(mask, 6);
    long double g = 0.0L;
    long double r = 0.0L;
    for (std::size_t k = 0; k < 6; ++k) {
      const Device& p = parallel.devices[k];
      const Device& s = series.devices[k];
      const bool in = (mask >> k & 1U) != 0;
      g += 1.0L / (static_cast<long double>(p.resistance.value) + (in ? p.contact.on : p.contact.off).value);
      r += 1.0L / (1.0L / s.resistance.value + 1.0L / (in ? s.contact.off : s.contact.on).value);
    }
    CHECK(agrees(conductance(parallel, configuration).value, g, 4e-16));
    CHECK(agrees(resistance(series, configuration).value, r, 8e-16));
  }
}

TEST_CASE("Sums are compensated: a million small conductances beside a large one") {
  constexpr std::size_t count = 1'000'001;
  Bank bank{.topology = Topology::parallel(count), .devices = std::vector<Device>(count)};
  Configuration all(count);
  for (std::size_t k = 0; k < count; ++k) {
    bank.devices[k].resistance = Ohm{k == 0 ? 1.0 : 0x1p60};
    all.set(k, true);
  }
  // Added one by one in double, 2^-60 would never change 1.
  CHECK(conductance(bank, all).value == 1.0 + 1e6 * 0x1p-60);
}

TEST_CASE("Nothing inserted: an ideal parallel bank is open, an ideal series bank is shorted") {
  for (const std::size_t count : {std::size_t{1}, std::size_t{7}, std::size_t{64}, std::size_t{65}}) {
    Random random(count);
    const Bank parallel = any_bank(random, Topology::parallel(count), {.ideal_switches = true});
    const Bank series = any_bank(random, Topology::series(count), {.ideal_switches = true});
    CHECK(resistance(parallel, Configuration(count)).value == infinity);
    CHECK(conductance(parallel, Configuration(count)).value == 0.0);
    CHECK(resistance(series, Configuration(count)).value == 0.0);
    CHECK(conductance(series, Configuration(count)).value == infinity);
  }
  CHECK(resistance(Bank{}, Configuration{}).value == infinity);
  CHECK(resistance(Bank{.topology = Topology::series(0)}, Configuration{}).value == 0.0);
  const auto [open, p] = build_network(Bank{}, Configuration{});
  CHECK(eliminated(open, p) == infinite);
  const auto [shorted, q] = build_network(Bank{.topology = Topology::series(0)}, Configuration{});
  CHECK(eliminated(shorted, q) == 0.0L);
}

TEST_CASE("Shorted and open devices give exact zeros and infinities, never NaN") {
  const std::vector<double> extremes{0.0, 5e-324, 1e-300, 1.0, 1e300, std::numeric_limits<double>::max(), infinity};
  for (const double r : extremes) {
    for (const double on : extremes) {
      for (const double off : extremes) {
        if (!(off > on)) continue;
        const Device device{.resistance = Ohm{r}, .measured = Ohm{r}, .contact = {.on = Ohm{on}, .off = Ohm{off}}};
        for (const bool bypass : {false, true}) {
          CAPTURE(r);
          CAPTURE(on);
          CAPTURE(off);
          const Contribution c = contribution(device, bypass);
          CHECK(c.inserted >= c.removed);
          CHECK(c.removed >= 0.0);
          if (bypass) CHECK(c.inserted <= r);
          if (bypass && r == 0.0) CHECK(c.inserted == 0.0);
          if (bypass && r == infinity) CHECK(c.inserted == off);
          if (!bypass && r == infinity) CHECK(c.inserted == 0.0);
          if (!bypass && r == 0.0 && on == 0.0) CHECK(c.inserted == infinity);
          const Bank two{.topology = bypass ? Topology::series(2) : Topology::parallel(2), .devices = {device, device}};
          const double both = resistance(two, Configuration::from_mask(3, 2)).value;
          CHECK_FALSE(std::isnan(both));
          CHECK(both >= resistance(two, Configuration::from_mask(bypass ? 0 : 3, 2)).value);
        }
      }
    }
  }
}

TEST_CASE("A stuck switch is a constant: the configuration does not reach it") {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    const Bank bank = any_bank(random, Topology::parse(any_expression(random, 2)), {.faults = true});
    const std::vector<bool> bypassed = bypassed_by_switch(bank.topology);
    const Configuration asked = any_configuration(random, bank.devices.size());
    const Configuration real = with_stuck(bank, asked);
    Bank sound = bank;
    for (std::size_t k = 0; k < bank.devices.size(); ++k) {
      const Stuck stuck = bank.devices[k].stuck;
      CHECK(real.inserted(k) == (stuck == Stuck::free ? asked.inserted(k) : (stuck == Stuck::closed) != bypassed[k]));
      if (stuck != Stuck::free) {
        const Contribution c = contribution(bank.devices[k], bypassed[k]);
        CHECK(c.inserted == c.removed);
      }
      sound.devices[k].stuck = Stuck::free;
    }
    CHECK(resistance(bank, asked) == resistance(sound, real));
    CHECK(with_stuck(bank, real) == real);
  }
}

TEST_CASE("Rayleigh: inserting a device never raises a parallel bank's resistance nor lowers a series bank's") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    const std::size_t count = 1 + random() % 12;
    for (const bool series : {false, true}) {
      const Bank bank =
          any_bank(random, series ? Topology::series(count) : Topology::parallel(count), {.faults = true});
      Configuration configuration = any_configuration(random, count);
      const std::size_t k = random() % count;
      configuration.set(k, false);
      const double without = resistance(bank, configuration).value;
      configuration.set(k, true);
      const double with = resistance(bank, configuration).value;
      CHECK((series ? with >= without : with <= without));
    }
  }
}

TEST_CASE("The network names what it is made of: r<k>, s<k>, p, n, and leaves ground alone") {
  Random random(3);
  const Bank bank = any_bank(random, Topology::parse("parallel(series(2, parallel(2)), 1)"), {});
  const auto [network, port] = build_network(bank, Configuration::from_text("10100"));
  CHECK(network.branches().size() == 2 * bank.devices.size());
  CHECK(network.node_name(port.a) == "p");
  CHECK(network.node_name(port.b) == "n");
  for (const Branch& branch : network.branches()) CHECK((branch.a != 0 && branch.b != 0));
  for (std::size_t k = 0; k < bank.devices.size(); ++k) {
    CAPTURE(k);
    const Device& device = bank.devices[k];
    const Branch& r = branch_named(network, fmt::format("r{}", k));
    const Branch& s = branch_named(network, fmt::format("s{}", k));
    CHECK(r.resistance == device.resistance);
    const bool bypass = k < 2;
    const bool closed = (k == 0 || k == 2) != bypass;
    CHECK(s.resistance == (closed ? device.contact.on : device.contact.off));
    if (bypass) {
      CHECK((r.a == s.a && r.b == s.b));
    } else {
      CHECK(network.node_name(s.b) == fmt::format("m{}", k));
      CHECK(r.a == s.b);
    }
  }
}

TEST_CASE("A fabricated bank has its topology and the devices of its site") {
  ohmset::BankSpec spec;
  spec.topology = Topology::parse("series(2, parallel(3))");
  spec.fabrication.process.nominals = {1e4};
  spec.fabrication.process.distribution = ohmset::Distribution::lognormal;
  spec.fabrication.process.sigma = 0.3;
  const ohmset::Site site{.seed = 5, .die = 6, .cell = 7};
  const Bank bank = fabricate(spec, site);
  CHECK(bank.topology.text() == "series(2, parallel(3))");
  const auto devices = ohmset::sample_devices(spec.fabrication, 5, site);
  REQUIRE(bank.devices.size() == 5);
  for (std::size_t k = 0; k < 5; ++k) CHECK(bank.devices[k].resistance == devices[k].resistance);
  CHECK(bypassed_by_switch(bank.topology) == std::vector<bool>{true, true, false, false, false});
}

TEST_CASE("Sizes that differ are broken preconditions") {
  Random random(1);
  Bank bank = any_bank(random, Topology::parallel(3), {});
  for (const std::size_t size : {std::size_t{0}, std::size_t{2}, std::size_t{4}}) {
    CHECK_THROWS_AS((void)resistance(bank, Configuration(size)), std::invalid_argument);
    CHECK_THROWS_AS((void)conductance(bank, Configuration(size)), std::invalid_argument);
    CHECK_THROWS_AS((void)with_stuck(bank, Configuration(size)), std::invalid_argument);
    CHECK_THROWS_AS((void)build_network(bank, Configuration(size)), std::invalid_argument);
  }
  bank.devices.pop_back();
  CHECK_THROWS_AS((void)resistance(bank, Configuration(2)), std::invalid_argument);
}
