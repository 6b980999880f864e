// SPDX-License-Identifier: Apache-2.0
#include "design/crossbar_tolerance/making.h"

#include <tbb/blocked_range.h>
#include <tbb/parallel_for.h>

#include <algorithm>

#include "design/compile/choose.h"
#include "design/tolerance/deviations.h"
#include "design/tolerance/living.h"
#include "design/tolerance/variables.h"
#include "sim/process/correlation.h"
#include "sim/random/elementary.h"

namespace ohmset::crossbar_tolerance {
namespace {

using Range = tbb::blocked_range<std::size_t>;

// work(first, last) on parts of the devices or banks: some thousands at once stay in the cache, and are worth a thread.
template <class Work>
void in_parts(std::size_t count, std::size_t together, const Work& work) {
  tbb::parallel_for(Range(0, count, together), [&](const Range& range) {
    for (std::size_t first = range.begin(); first < range.end(); first += together) {
      work(first, std::min(first + together, range.end()));
    }
  });
}
constexpr std::size_t devices_together = 4096;

std::size_t banks_together(std::size_t devices) {
  return std::max<std::size_t>(1, devices_together / std::max<std::size_t>(1, devices));
}

}  // namespace

Making::Making(const CrossbarQuestion& question)
    : question_(question),
      shape_(question.design.spec.bank.fabrication.process),
      meter_(question.design.spec.bank.fabrication.measurement),
      array_{.word_lines = question.design.array.word_lines, .bit_lines = question.design.array.bit_lines} {
  for (const Condition& condition : question.conditions) {
    lives_.emplace_back(question.design.spec.bank.fabrication.process, condition);
  }
  place();
}

void Making::place() {
  first_.fill(nowhere);
  for (const Cause cause : tolerance::all_causes) {
    const std::size_t each = cause == Cause::read ? lives_.size() * devices() : devices();
    place(cause,
          tolerance::is_random(cause, question_.design.spec.bank.fabrication, question_.population, false, lives_),
          cause == Cause::lot ? 1 : each);
  }
}

void Making::place(Cause cause, bool is_random, std::size_t coordinates) {
  if (!is_random) return;
  first_.at(static_cast<std::size_t>(cause)) = dimensions_;
  dimensions_ += coordinates;
}

std::span<const double> Making::drawn(Cause cause, std::span<const double> point, std::size_t condition) const {
  if (!random(cause)) return {};
  return point.subspan(coordinate(cause, cause == Cause::read ? condition : 0), cause == Cause::lot ? 1 : devices());
}

double Making::centre_of(std::size_t cell, std::size_t device) const {
  const BankArray& own = question_.design.array;
  if (question_.around_own) return own.resistances[cell * own.devices() + device];
  return draws::nominal_of(question_.design.spec.bank.fabrication.process, device);
}

BankArray Making::typical() const {
  BankArray array = question_.design.array;
  if (question_.population == Population::die && random(Cause::switch_on)) array.switch_on.clear();
  if (question_.population != Population::blind) return array;
  array.switch_on.clear();
  array.stuck.clear();
  const Process& process = question_.design.spec.bank.fabrication.process;
  const std::size_t devices = array.devices();
  const double ratio = tolerance::typical_ratio(process);
  for (std::size_t k = 0; k < array.resistances.size(); ++k) {
    const Site site = array_.site(k / devices, 0, 0);
    const double factor = draws::gradient_factor(process, site);
    const double centre = centre_of(k / devices, k % devices);
    const bool spreads = process.values.empty() && !draws::is_faulty(centre);
    array.resistances[k] = spreads ? draws::resistance(centre, ratio, factor) : centre;
  }
  return array;
}

BankArray Making::made(std::span<const double> point) const {
  const BankArray& own = question_.design.array;
  BankArray array{.word_lines = own.word_lines,
                  .bit_lines = own.bit_lines,
                  .topology = own.topology,
                  .contact = own.contact,
                  .switches = own.switches};
  const SwitchProcess& switches = question_.design.spec.bank.fabrication.switches;
  if (question_.population == Population::die) {
    array.resistances = own.resistances;
    array.stuck = own.stuck;
    if (!random(Cause::switch_on)) array.switch_on = own.switch_on;
  } else {
    array.resistances.resize(devices());
    make_resistances(point, array.resistances);
    const std::span<const double> faults = drawn(Cause::switch_fault, point);
    array.stuck.resize(faults.size());
    std::ranges::transform(faults, array.stuck.begin(),
                           [&](double draw) { return static_cast<std::uint8_t>(draws::switch_fault(switches, draw)); });
  }
  if (random(Cause::switch_on)) {
    const std::span<const double> from = drawn(Cause::switch_on, point);
    array.switch_on.assign(from.begin(), from.end());
    in_parts(devices(), devices_together, [&](std::size_t first, std::size_t last) {
      draws::switch_on(switches, std::span(array.switch_on).subspan(first, last - first));
    });
  }
  if (question_.population == Population::redesigned) choose_switches(point, array);
  return array;
}

void Making::make_resistances(std::span<const double> point, std::span<double> out) const {
  const Process& process = question_.design.spec.bank.fabrication.process;
  const std::size_t each = question_.design.array.devices();
  const std::span<const double> draws = drawn(Cause::resistance, point);
  const std::span<const double> faults = drawn(Cause::device_fault, point);
  double lot = random(Cause::lot) ? point[coordinate(Cause::lot)] : 1.0;
  if (random(Cause::lot)) draws::lot_factors(process, {&lot, 1});
  if (draws.empty()) {
    std::ranges::fill(out, 0.5);
  } else {
    std::ranges::copy(draws, out.begin());
    if (correlates(process, array_)) correlate(out, array_, each, process.correlation_length);
  }
  in_parts(array_.cells(), banks_together(each), [&](std::size_t first, std::size_t last) {
    if (process.values.empty()) shape_.quantiles(out.subspan(first * each, (last - first) * each));
    for (std::size_t cell = first; cell < last; ++cell) {
      const Site site = array_.site(cell, 0, 0);
      const double factor = lot * draws::gradient_factor(process, site);
      for (std::size_t k = 0; k < each; ++k) {
        double& resistance = out[cell * each + k];
        const double centre = centre_of(cell, k);
        const bool spreads = process.values.empty() && !draws::is_faulty(centre);
        resistance = spreads ? draws::resistance(centre, resistance, factor) : centre;
        if (!faults.empty() && !(question_.around_own && draws::is_faulty(centre))) {
          resistance = draws::with_fault(process, faults[cell * each + k], resistance);
        }
      }
    }
  });
}

void Making::choose_switches(std::span<const double> point, BankArray& array) const {
  const CrossbarDesign& own = question_.design;
  const std::size_t each = array.devices();
  std::vector<double> readings;
  if (meter_.noisy() || meter_.converts()) {
    readings = array.resistances;
    const std::span<const double> noise = drawn(Cause::measurement, point);
    in_parts(array_.cells(), banks_together(each), [&](std::size_t first, std::size_t last) {
      std::vector<double> draws(each);
      for (std::size_t cell = first; cell < last; ++cell) {
        if (!noise.empty()) {
          std::ranges::copy(noise.subspan(cell * each, each), draws.begin());
        }
        meter_.read(draws, std::span(readings).subspan(cell * each, each));
      }
    });
  }
  CrossbarDesign design{.spec = own.spec,
                        .outputs = own.outputs,
                        .inputs = own.inputs,
                        .scale = own.scale,
                        .full_scale = own.full_scale,
                        .common_mode = own.common_mode,
                        .array = std::move(array),
                        .targets = own.targets};
  const compiling::Chooser chooser(design, readings.empty() ? design.array.resistances : readings);
  const std::size_t tasks = design.inputs * compiling::tasks_of(design).per_word;
  const std::size_t together = design.array.topology.is_parallel() ? compiling::Chooser::most_together : 8;
  in_parts((tasks + together - 1) / together, 1, [&](std::size_t first, std::size_t last) {
    compiling::Chooser::Workspace workspace(each);
    for (std::size_t part = first; part < last; ++part) {
      chooser.choose(part * together, std::min((part + 1) * together, tasks), workspace);
    }
  });
  array = std::move(design.array);
}

Matrix Making::conductances(const BankArray& made, std::size_t condition, std::span<const double> point) const {
  const Condition& when = question_.conditions[condition];
  const Process& process = question_.design.spec.bank.fabrication.process;
  if (when.celsius == Condition{}.celsius && !when.seconds && process.read_noise == 0.0) {
    return ohmset::conductances(made);
  }
  BankArray aged = made;
  const Life& life = lives_[condition];
  using tolerance::living_causes;
  std::array<std::span<const double>, living_causes.size()> sources{};
  for (std::size_t k = 0; k < sources.size(); ++k) {
    if (tolerance::needs(life, living_causes.at(k))) sources.at(k) = drawn(living_causes.at(k), point, condition);
  }
  in_parts(devices(), devices_together, [&](std::size_t first, std::size_t last) {
    Life::Scores all;
    std::array<std::vector<double>, living_causes.size()> scores{};
    for (std::size_t k = 0; k < sources.size(); ++k) {
      if (sources.at(k).empty()) continue;
      const std::span<const double> some = sources.at(k).subspan(first, last - first);
      scores.at(k).assign(some.begin(), some.end());
      elementary::loops().normal_quantiles(scores.at(k).data(), scores.at(k).size());
      tolerance::set_scores(all, living_causes.at(k), scores.at(k));
    }
    life.age(std::span(aged.resistances).subspan(first, last - first), all);
  });
  return ohmset::conductances(aged);
}

}  // namespace ohmset::crossbar_tolerance
