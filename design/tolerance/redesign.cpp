// SPDX-License-Identifier: Apache-2.0
#include "design/tolerance/redesign.h"

namespace ohmset::tolerance {

Redesign::Redesign(const BankSpec& spec, std::span<const Aim> aims, std::size_t most_dies)
    : spec_(spec),
      aims_(aims),
      devices_(spec.topology.device_count()),
      stride_(whole_packs(most_dies)),
      inserted_(aims.size() * devices_ * stride_),
      bank_{.topology = spec.topology, .devices = std::vector<Device>(devices_)} {}

void Redesign::choose(const Dies& dies) {
  for (std::size_t aim = 0; aim < aims_.size(); ++aim) {
    for (std::size_t die = 0; die < dies.count; ++die) choose_by_program(dies, aim, die);
  }
}

void Redesign::write(std::size_t aim, std::size_t die, const Configuration& configuration) {
  for (std::size_t k = 0; k < devices_; ++k) {
    inserted_[(aim * devices_ + k) * stride_ + die] = configuration.inserted(k) ? 1 : 0;
  }
}

void Redesign::choose_by_program(const Dies& dies, std::size_t aim, std::size_t die) {
  for (std::size_t k = 0; k < devices_; ++k) {
    Device& device = bank_.devices[k];
    device.measured = Ohm{dies.measured->row(k)[die]};
    device.resistance = device.measured;
    device.contact = {.on = Ohm{dies.switch_on->row(k)[die]}, .off = spec_.fabrication.switches.nominal.off};
    device.stuck = dies.stuck.empty() ? Stuck::free : static_cast<Stuck>(dies.stuck[k * dies.stuck_stride + die]);
  }
  write(aim, die, program(bank_, aims_[aim].target, {.unit = aims_[aim].unit}).choices.at(0).configuration);
}

}  // namespace ohmset::tolerance
