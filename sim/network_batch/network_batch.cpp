// SPDX-License-Identifier: Apache-2.0
#include "sim/network_batch.h"

#include <tbb/parallel_for.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <stdexcept>
#include <vector>

#include "sim/network_batch/loops.h"
#include "sim/network_batch/program.h"

namespace ohmset {

namespace {

using network_batch::lanes;
using network_batch::PortSteps;

constexpr std::size_t chunk = 64 * lanes;  // instances that a thread takes at a time

enum class Wanted : unsigned char { resistance, conductance };

double answer(const PortSteps& port, const double* slots, std::size_t lane, Wanted wanted) {
  double conductance = 0.0;
  if (port.kind == PortSteps::Kind::joined) conductance = infinity;
  if (port.kind == PortSteps::Kind::between) {
    const double between = slots[port.slot * lanes + lane];
    conductance = between >= network_batch::merged ? infinity : between;
  }
  return wanted == Wanted::resistance ? 1.0 / conductance : conductance;
}

}  // namespace

struct NetworkProgram::Impl {
  network_batch::Program program;
  const network_batch::Loops* loops;

  void run(std::span<const double> values, std::span<double> out, Given given, Wanted wanted) const;
  // False when a value is no conductance.
  bool run_chunk(std::span<const double> values, std::span<double> out, Given given, Wanted wanted) const;
};

bool NetworkProgram::Impl::run_chunk(std::span<const double> values, std::span<double> out, Given given,
                                     Wanted wanted) const {
  const std::size_t branches = program.slot_of.size();
  const std::vector<PortSteps>& asked = wanted == Wanted::resistance ? program.ports : program.pairs;
  const std::size_t instances = out.size() / asked.size();
  std::vector<double> staged(branches * lanes);
  std::vector<double> slots(program.slots * lanes, 0.0);
  bool good = true;
  for (std::size_t first = 0; first < instances; first += lanes) {
    const std::size_t count = std::min(lanes, instances - first);
    network_batch::Instances some{.conductances = given == Given::conductances};
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      some.rows[lane] = values.data() + (first + std::min(lane, count - 1)) * branches;
    }
    good = loops->load(some, program.slot_of.data(), branches, staged.data(), slots.data()) && good;
    loops->run(program.steps.data(), program.steps.size(), slots.data());
    for (std::size_t k = 0; k < asked.size(); ++k) {
      const PortSteps& port = asked[k];
      for (const network_batch::Copy& copy : port.copies) {
        std::copy_n(slots.data() + copy.from * lanes, lanes, slots.data() + copy.to * lanes);
      }
      loops->run(port.steps.data(), port.steps.size(), slots.data());
      for (std::size_t lane = 0; lane < count; ++lane) {
        out[(first + lane) * asked.size() + k] = answer(port, slots.data(), lane, wanted);
      }
    }
  }
  return good;
}

void NetworkProgram::Impl::run(std::span<const double> values, std::span<double> out, Given given,
                               Wanted wanted) const {
  const std::size_t branches = program.slot_of.size();
  const std::size_t asked = wanted == Wanted::resistance ? program.ports.size() : program.pairs.size();
  if (asked == 0) return;
  const std::size_t instances = out.size() / asked;
  if (out.size() != instances * asked || values.size() != instances * branches) {
    throw std::invalid_argument("a network program needs a value for each instance and branch, and room for each port");
  }
  std::atomic<bool> good = true;
  tbb::parallel_for(std::size_t{0}, (instances + chunk - 1) / chunk, [&](std::size_t c) {
    const std::size_t first = c * chunk;
    const std::size_t count = std::min(chunk, instances - first);
    if (!run_chunk(values.subspan(first * branches, count * branches), out.subspan(first * asked, count * asked), given,
                   wanted)) {
      good = false;
    }
  });
  if (!good) throw std::invalid_argument("a network program needs resistances or conductances >= 0");
}

NetworkProgram::NetworkProgram(const Network& network, std::span<const Port> ports, Simd simd)
    : impl_(std::make_unique<Impl>()) {
  if (network.node_count() > most_nodes) throw std::invalid_argument("a network program is for small networks");
  for (const Port& port : ports) {
    if (port.a >= network.node_count() || port.b >= network.node_count()) {
      throw std::invalid_argument("a port needs existing nodes");
    }
  }
  impl_->program = network_batch::compile(network, ports);
  impl_->loops = &network_batch::loops(simd);
}
NetworkProgram::~NetworkProgram() = default;
NetworkProgram::NetworkProgram(NetworkProgram&&) noexcept = default;
NetworkProgram& NetworkProgram::operator=(NetworkProgram&&) noexcept = default;

std::size_t NetworkProgram::branches() const { return impl_->program.slot_of.size(); }
std::size_t NetworkProgram::ports() const { return impl_->program.ports.size(); }
std::span<const Node> NetworkProgram::terminals() const { return impl_->program.terminals; }

void NetworkProgram::run(std::span<const double> values, std::span<double> out, Given given) const {
  impl_->run(values, out, given, Wanted::resistance);
}

void NetworkProgram::reduce(std::span<const double> values, std::span<double> out, Given given) const {
  impl_->run(values, out, given, Wanted::conductance);
}

}  // namespace ohmset
