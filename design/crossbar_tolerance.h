// How a crossbar's outputs stand up to manufacturing and to life, wires and faults included.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "design/compile.h"
#include "design/monte_carlo.h"
#include "design/tolerance.h"
#include "sim/life.h"

namespace ohmset {

// What a sample's value is, over all inputs and outputs: errors of differenced output currents, relative to the largest
// magnitude of an ideal one (the targets, perfect wires).
enum class OutputError : unsigned char { largest, rms };

struct CrossbarQuestion {
  CrossbarDesign design{};
  Population population = Population::die;
  Matrix inputs{};  // batch x word lines, volt; not all 0
  OutputError error = OutputError::largest;
  std::vector<Condition> conditions{Condition{}};
};

// One sample in full.
struct CrossbarSample {
  BankArray made{};                    // as it was made, with the switches chosen for it
  std::vector<Matrix> conductances{};  // one per condition: of every bank, siemens
  std::vector<Matrix> outputs{};       // one per condition: batch x outputs, ampere
  std::vector<double> values{};        // one per series
};

// Series: the output error in each condition; then, when there are several, the largest.
class CrossbarSamples {
 public:
  // Throws Error{input} for a question that makes no sense.
  explicit CrossbarSamples(CrossbarQuestion question);
  ~CrossbarSamples();
  CrossbarSamples(CrossbarSamples&&) noexcept;
  CrossbarSamples& operator=(CrossbarSamples&&) noexcept;
  CrossbarSamples(const CrossbarSamples&) = delete;
  CrossbarSamples& operator=(const CrossbarSamples&) = delete;

  [[nodiscard]] const CrossbarQuestion& question() const;
  [[nodiscard]] std::size_t dimensions() const;
  [[nodiscard]] std::size_t series() const;
  void evaluate(std::size_t count, std::span<const double> points, std::span<double> values) const;
  [[nodiscard]] CrossbarSample replay(std::span<const double> point) const;
  // For MonteCarlo; refers to this object.
  [[nodiscard]] Experiment experiment() const;

 private:
  struct Impl;
  std::unique_ptr<const Impl> impl_;
};

// Where in the array the errors of the outputs come from: root mean square over samples and inputs of each bank's error
// in current (V g_target ideally), word lines x bit lines, relative to the largest ideal output. Samples `first` to
// before `first + count` of the plan, in the first condition.
[[nodiscard]] Matrix error_map(const CrossbarSamples& samples, const SamplingPlan& plan, std::uint64_t first,
                               std::size_t count);

// An output of one input with all banks as far off as `sigmas` allow, each to the side that its sensitivity says. An
// estimate: outputs are not monotone, Corner::exact is false.   aim: the output
[[nodiscard]] std::vector<Corner> corners(const CrossbarQuestion& question, std::size_t input, std::size_t output,
                                          double sigmas);

// How each bank moves an output of one input, relative to the largest ideal output, to first order: adjoint, one solve
// for the input and one for the output. The largest share of the variance first.
struct BankSensitivity {
  std::size_t word = 0;
  std::size_t bit = 0;
  double slope = 0.0;   // d(output / largest) / d ln(g)
  double stddev = 0.0;  // by the spreads of this bank's devices and switches alone
  double share = 0.0;
};
[[nodiscard]] std::vector<BankSensitivity> sensitivities(const CrossbarQuestion& question, std::size_t input,
                                                         std::size_t output, std::size_t condition);
// Dimensions of the question's samples, the most important first: for SamplingOptions::ranking.
[[nodiscard]] std::vector<std::uint32_t> ranking(const CrossbarSamples& samples);

}  // namespace ohmset
