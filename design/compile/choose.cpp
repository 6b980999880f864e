// SPDX-License-Identifier: Apache-2.0
#include "design/compile/choose.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "design/kernels/counted.h"
#include "sim/error.h"

namespace ohmset::compiling {
namespace {

// The exact sum of a subset of items, rounded once.
double sum_of(std::span<const double> items, double target, std::uint64_t mask) {
  const std::optional<Subset> subset = kernels::counted(items, target, mask);
  return subset ? subset->sum : closest_subset_sums(items, target).subsets.front().sum;
}

}  // namespace

Pair resolved_pair(const CrossbarSpec& spec) {
  return spec.mapping.pair.value_or(spec.bank.topology.is_parallel() ? Pair::joint : Pair::sequential);
}

void check_search(const CrossbarSpec& spec) {
  const Topology& topology = spec.bank.topology;
  const std::size_t devices = topology.device_count();
  if (devices == 0 || devices > 64) {
    throw input_error(fmt::format("a bank of {} devices at each crosspoint", devices), "1 to 64");
  }
  const bool joint = spec.mapping.scheme == Scheme::differential && resolved_pair(spec) == Pair::joint;
  if (joint && !topology.is_parallel()) {
    throw input_error(fmt::format("mapping.pair is \"joint\" and the topology is {}", topology.text()),
                      "parallel banks, or pair = \"sequential\"");
  }
  if (topology.is_parallel() && (joint ? 2 * devices : devices) > most_items) {
    throw input_error(fmt::format("{} devices to choose from in one search{}", joint ? 2 * devices : devices,
                                  joint ? " (both banks of a pair)" : ""),
                      fmt::format("at most {}{}", most_items, joint ? ", or pair = \"sequential\"" : ""));
  }
}

Tasks tasks_of(const CrossbarDesign& design) {
  if (design.spec.mapping.scheme == Scheme::differential) return {.per_word = design.outputs, .banks = 2};
  return {.per_word = design.outputs + 1, .banks = 1};
}

Chooser::Chooser(CrossbarDesign& design, const CompileOptions& options)
    : design_(design),
      tasks_(tasks_of(design)),
      measured_apart_(!options.measured && !design.spec.bank.fabrication.measurement.exact()) {
  ArrayShape shape;
  if (options.measured) {
    measured_ = *options.measured;
  } else {
    shape = {.word_lines = design.array.word_lines, .bit_lines = design.array.bit_lines};
  }
  fabricator_.emplace(design.spec.bank.fabrication, design.array.devices(), design.seed, design.die, shape);
}

Chooser::Chooser(CrossbarDesign& design, std::span<const double> seen)
    : design_(design), seen_(seen), tasks_(tasks_of(design)) {}

Chooser::Workspace::Workspace(std::size_t devices)
    : measured_(2 * most_together * devices),
      items_(2 * most_together * devices),
      banks_(2 * most_together),
      targets_(2 * most_together),
      seen_(2 * most_together) {}

void Chooser::choose(std::size_t first, std::size_t last, Workspace& work) const {
  prepare(first * tasks_.banks, (last - first) * tasks_.banks, work);
  if (design_.spec.mapping.scheme == Scheme::offset) return choose_offsets(first, last, work);
  resolved_pair(design_.spec) == Pair::joint ? choose_jointly(first, last, work)
                                             : choose_in_sequence(first, last, work);
}

// The devices, recorded in the array.
void Chooser::fabricate(std::size_t first_bank, std::size_t count, Workspace& work) const {
  BankArray& array = design_.array;
  const std::size_t devices = array.devices();
  const std::size_t at = first_bank * devices;
  const std::size_t size = count * devices;
  const ArrayShape shape{.word_lines = array.word_lines, .bit_lines = array.bit_lines};
  work.sites_.clear();
  for (std::size_t bank = first_bank; bank < first_bank + count; ++bank) {
    work.sites_.push_back(shape.site(bank, design_.seed, design_.die));
  }
  const auto part = [&](auto& values) {
    return values.empty() ? std::span(values) : std::span(values).subspan(at, size);
  };
  DeviceArrays out{.switch_on = part(array.switch_on), .stuck = part(array.stuck)};
  if (!measured_.empty()) {
    std::ranges::copy(measured_.subspan(at, size), part(array.resistances).begin());
  } else {
    out.resistances = part(array.resistances);
  }
  if (measured_apart_) out.measured = std::span<double>(work.measured_).first(size);
  fabricator_->sample(work.sites_, out);
}

// The banks at hand; parallel ones as subset sums too.
void Chooser::prepare(std::size_t first_bank, std::size_t count, Workspace& work) const {
  if (fabricator_) fabricate(first_bank, count, work);
  work.count_ = count;
  const BankArray& array = design_.array;
  const std::size_t devices = array.devices();
  if (!array.topology.is_parallel()) return;
  for (std::size_t bank = 0; bank < count; ++bank) {
    work.banks_[bank] =
        additive(seen_bank(first_bank, bank, work), std::span<double>(work.items_).subspan(bank * devices, devices));
  }
}

BankView Chooser::seen_bank(std::size_t first_bank, std::size_t bank, const Workspace& work) const {
  BankView view = design_.array.view(first_bank + bank);
  const std::size_t devices = view.resistances.size();
  if (!seen_.empty()) {
    view.resistances = seen_.subspan((first_bank + bank) * devices, devices);
  } else if (measured_apart_) {
    view.resistances = std::span<const double>(work.measured_).subspan(bank * devices, devices);
  }
  return view;
}

double Chooser::target(std::size_t task) const {
  const auto output = static_cast<Eigen::Index>(task % tasks_.per_word);
  return output < design_.targets.rows() ? design_.targets(output, static_cast<Eigen::Index>(task / tasks_.per_word))
                                         : 0.0;
}

void Chooser::choose_jointly(std::size_t first, std::size_t last, Workspace& work) const {
  const std::size_t devices = design_.array.devices();
  std::vector<std::uint64_t>& masks = design_.array.switches;
  const auto answer = [&](std::size_t k, std::uint64_t mask) {
    const AdditiveBank& plus = work.banks_[2 * k];
    const std::size_t bank = 2 * (first + k);
    masks[bank] = device_mask(plus, mask & ((std::uint64_t{1} << plus.count) - 1));
    masks[bank + 1] = device_mask(work.banks_[2 * k + 1], mask >> plus.count);  // at most 40 items: no shift by 64
  };
  std::array<double, 2 * most_cell_devices> items{};
  for (std::size_t k = 0; k < last - first; ++k) {
    const AdditiveBank& plus = work.banks_[2 * k];
    const AdditiveBank& minus = work.banks_[2 * k + 1];
    if (!std::isfinite(plus.offset) || !std::isfinite(minus.offset)) {
      answer(k, 0);
      continue;
    }
    const double* const own = work.items_.data() + 2 * k * devices;
    std::copy(own, own + plus.count, items.begin());
    std::transform(own + devices, own + devices + minus.count, items.begin() + plus.count, std::negate<>());
    work.search_.ask(std::span<const double>(items).first(plus.count + minus.count),
                     target(first + k) - (plus.offset - minus.offset), k, answer);
  }
  work.search_.finish(answer);
}

void Chooser::choose_alone(std::size_t first_bank, std::size_t begin, std::size_t step, Workspace& work) const {
  const BankArray& array = design_.array;
  const std::size_t devices = array.devices();
  const std::size_t count = work.count_;
  std::vector<std::uint64_t>& masks = design_.array.switches;
  if (!array.topology.is_parallel()) {
    for (std::size_t bank = begin; bank < count; bank += step) {
      Bank whole{.topology = array.topology, .devices = std::vector<Device>(devices)};
      const BankView actual = array.view(first_bank + bank);
      const BankView seen = seen_bank(first_bank, bank, work);
      for (std::size_t k = 0; k < devices; ++k) {
        whole.devices[k] = actual.device(k);
        whole.devices[k].measured = Ohm{seen.resistances[k]};
      }
      const BankChoice choice = compiling::choose_alone(whole, work.targets_[bank]);
      masks[first_bank + bank] = choice.mask;
      work.seen_[bank] = choice.seen;
    }
    return;
  }
  const auto items_of = [&](std::size_t bank) {
    return std::span<const double>(work.items_).subspan(bank * devices, work.banks_[bank].count);
  };
  const auto answer = [&](std::size_t bank, std::uint64_t mask) {
    const AdditiveBank& sum = work.banks_[bank];
    masks[first_bank + bank] = device_mask(sum, mask);
    work.seen_[bank] = sum.offset + sum_of(items_of(bank), work.targets_[bank] - sum.offset, mask);
  };
  for (std::size_t bank = begin; bank < count; bank += step) {
    const AdditiveBank& sum = work.banks_[bank];
    if (!std::isfinite(sum.offset)) {
      masks[first_bank + bank] = device_mask(sum, 0);
      work.seen_[bank] = sum.offset;
      continue;
    }
    work.search_.ask(items_of(bank), work.targets_[bank] - sum.offset, bank, answer);
  }
  work.search_.finish(answer);
}

// Plus aims at mid-range plus the weight, minus at what that left.
void Chooser::choose_in_sequence(std::size_t first, std::size_t last, Workspace& work) const {
  for (std::size_t k = 0; k < last - first; ++k) work.targets_[2 * k] = design_.common_mode + target(first + k);
  choose_alone(2 * first, 0, 2, work);
  for (std::size_t k = 0; k < last - first; ++k) {
    const double seen = work.seen_[2 * k];
    work.targets_[2 * k + 1] = std::isfinite(seen) ? seen - target(first + k) : design_.common_mode;
  }
  choose_alone(2 * first, 1, 2, work);
}

void Chooser::choose_offsets(std::size_t first, std::size_t last, Workspace& work) const {
  for (std::size_t k = 0; k < last - first; ++k) work.targets_[k] = design_.common_mode + target(first + k);
  choose_alone(first, 0, 1, work);
}

}  // namespace ohmset::compiling
