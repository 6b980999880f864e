// Samples of a crossbar: made, aged, solved, judged.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

#include "design/compile/choose.h"
#include "design/crossbar_tolerance.h"
#include "design/crossbar_tolerance/judge.h"
#include "design/crossbar_tolerance/making.h"
#include "sim/error.h"

namespace ohmset {
namespace crossbar_tolerance {
namespace {

// Points are handed over in full, 8 bytes for each coordinate.
constexpr std::size_t most_dimensions = 10'000'000;

void check_shapes(const CrossbarQuestion& question) {
  const CrossbarDesign& design = question.design;
  design.array.check();
  const auto rows = static_cast<std::size_t>(design.targets.rows());
  const auto columns = static_cast<std::size_t>(design.targets.cols());
  if (rows != design.outputs || columns != design.inputs || design.targets.size() == 0) {
    throw std::invalid_argument("a crossbar's tolerance: the design's parts do not fit each other");
  }
  // The spec may be another one than the design was compiled from.
  const std::size_t bit_lines = bit_lines_for(design.spec.mapping.scheme, design.outputs);
  const std::size_t devices = design.spec.bank.topology.device_count();
  const BankArray& array = design.array;
  if (array.word_lines != design.inputs || array.bit_lines != bit_lines || array.devices() != devices) {
    throw input_error(
        fmt::format("a spec of {} word lines x {} bit lines x {} devices", design.inputs, bit_lines, devices),
        fmt::format("the design has {} x {} x {}", array.word_lines, array.bit_lines, array.devices()));
  }
  try {
    require_valid(design.spec.wires, array.word_lines, array.bit_lines);
  } catch (const std::invalid_argument& error) {
    throw input_error(error.what(), "wires of the design's array");
  }
  if (static_cast<std::size_t>(question.inputs.cols()) != design.inputs || question.inputs.rows() == 0) {
    throw input_error(fmt::format("inputs of {} x {}", question.inputs.rows(), question.inputs.cols()),
                      fmt::format("expected batch x {} word lines", design.inputs));
  }
  if (!question.inputs.allFinite()) throw input_error("an input is not finite", "expected volts");
}

}  // namespace

void check(const CrossbarQuestion& question) {
  check_shapes(question);
  const CrossbarDesign& design = question.design;
  const Fabrication& fabrication = design.spec.bank.fabrication;
  ohmset::check(fabrication, design.array.devices());
  if (question.population == Population::redesigned) compiling::check_search(design.spec);
  if (question.around_own && question.population == Population::die) {
    throw input_error("a die around its own resistances", "expected dies that are made anew");
  }
  if (question.around_own && !fabrication.process.values.empty()) {
    throw input_error("a process of given values around other values", "expected a spread");
  }
  if (question.conditions.empty()) throw input_error("no condition", "expected at least one");
  for (const Condition& condition : question.conditions) ohmset::check(fabrication.process, condition);
  const double largest = Judge(question).largest();
  if (!(largest > 0.0 && std::isfinite(largest))) {
    throw input_error("the inputs give no ideal output to which errors are relative", "inputs that reach a weight");
  }
}

}  // namespace crossbar_tolerance

using crossbar_tolerance::Judge;
using crossbar_tolerance::Making;

struct CrossbarSamples::Impl {
  CrossbarQuestion question;
  Making making;
  Judge judge;

  explicit Impl(CrossbarQuestion given) : question(std::move(given)), making(question), judge(question) {}

  [[nodiscard]] std::size_t series() const {
    return question.conditions.size() > 1 ? question.conditions.size() + 1 : 1;
  }
  [[nodiscard]] CrossbarSample sample(std::span<const double> point, bool in_full) const;
};

// Whoever waits for a part of this sample takes on no other one meanwhile: samples in progress take memory.
CrossbarSample CrossbarSamples::Impl::sample(std::span<const double> point, bool in_full) const {
  CrossbarSample sample;
  tbb::this_task_arena::isolate([&] {
    sample.made = making.made(point);
    for (std::size_t condition = 0; condition < question.conditions.size(); ++condition) {
      Matrix conductances = making.conductances(sample.made, condition, point);
      if (in_full) sample.conductances.push_back(conductances);
      Matrix outputs = judge.outputs(std::move(conductances));
      sample.values.push_back(judge.error(outputs));
      if (in_full) sample.outputs.push_back(std::move(outputs));
    }
  });
  if (series() > 1) sample.values.push_back(std::ranges::max(sample.values));
  return sample;
}

CrossbarSamples::CrossbarSamples(CrossbarQuestion question) {
  crossbar_tolerance::check(question);
  auto impl = std::make_unique<const Impl>(std::move(question));
  if (impl->making.dimensions() > crossbar_tolerance::most_dimensions) {
    throw input_error(fmt::format("{} random quantities in each sample", impl->making.dimensions()),
                      fmt::format("at most {}: a smaller array, or fewer causes", crossbar_tolerance::most_dimensions));
  }
  impl_ = std::move(impl);
}
CrossbarSamples::~CrossbarSamples() = default;
CrossbarSamples::CrossbarSamples(CrossbarSamples&&) noexcept = default;
CrossbarSamples& CrossbarSamples::operator=(CrossbarSamples&&) noexcept = default;

const CrossbarQuestion& CrossbarSamples::question() const { return impl_->question; }
std::size_t CrossbarSamples::dimensions() const { return impl_->making.dimensions(); }
std::size_t CrossbarSamples::series() const { return impl_->series(); }

void CrossbarSamples::evaluate(std::size_t count, std::span<const double> points, std::span<double> values) const {
  const std::size_t dimensions = impl_->making.dimensions();
  const std::size_t series = impl_->series();
  if (points.size() != dimensions * count || values.size() != series * count) {
    throw std::invalid_argument("CrossbarSamples: points or values of another size");
  }
  // One point after another.
  std::vector<double> gathered(count > 1 ? points.size() : 0);
  for (std::size_t d = 0; d < (count > 1 ? dimensions : 0); ++d) {
    for (std::size_t s = 0; s < count; ++s) gathered[s * dimensions + d] = points[d * count + s];
  }
  const std::span<const double> by_samples = count > 1 ? gathered : points;
  for (std::size_t s = 0; s < count; ++s) {
    const CrossbarSample sample = impl_->sample(by_samples.subspan(s * dimensions, dimensions), false);
    for (std::size_t k = 0; k < series; ++k) values[k * count + s] = sample.values[k];
  }
}

CrossbarSample CrossbarSamples::replay(std::span<const double> point) const {
  if (point.size() != impl_->making.dimensions()) {
    throw std::invalid_argument("CrossbarSamples: a point of another size");
  }
  return impl_->sample(point, true);
}

Experiment CrossbarSamples::experiment() const {
  // Points are cheaper several at a time, as long as they fit.
  constexpr std::size_t coordinates = 2'000'000;
  constexpr std::size_t most_together = 16;
  const std::size_t together = coordinates / std::max<std::size_t>(1, dimensions());
  return {.dimensions = dimensions(),
          .series = series(),
          .together = std::clamp<std::size_t>(together, 1, most_together),
          .evaluate = [this](std::uint64_t /*first*/, std::size_t count, std::span<const double> points,
                             std::span<double> values) { evaluate(count, points, values); }};
}

}  // namespace ohmset
