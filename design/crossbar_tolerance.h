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
  // New dies' devices spread, as the process says, around the design's own resistances and not around nominal ones: for
  // devices that no process of nominal values made. What is open or shorted stays so.
  bool around_own = false;
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

// Series: the output error in each condition; then, when there are several, the largest. Infinite where a current is.
//
// Coordinates: one for each device of the array and each cause that is random, as for banks (tolerance.h); the
// resistances of neighbouring cells depend on each other as Process::correlation_length says. Redesigned dies are
// compiled for the design's targets, full scale and common mode. Bit lines' currents are solved to 1e-10 of the largest
// one.
//
// Memory, for each sample in progress: up to 25 bytes for each device and 17 again where it ages, and a few hundred for
// each bank while its array is solved; for points 16 bytes for each coordinate of the samples made at once, of which an
// experiment lets there be 16, or fewer to keep to 2,000,000 coordinates. A large array is made and solved on all
// cores.
class CrossbarSamples {
 public:
  // Throws Error{input} for a question that makes no sense: no condition, inputs of another size or that reach no
  // weight, devices that no search takes where dies are redesigned, a fabrication or condition that `check` refuses,
  // more than 10,000,000 coordinates, a die around its own resistances, devices of given values around others.
  explicit CrossbarSamples(CrossbarQuestion question);
  ~CrossbarSamples();
  CrossbarSamples(CrossbarSamples&& other) noexcept;
  CrossbarSamples& operator=(CrossbarSamples&& other) noexcept;
  CrossbarSamples(const CrossbarSamples& other) = delete;
  CrossbarSamples& operator=(const CrossbarSamples& other) = delete;

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

// Where in the array the errors of the outputs come from: root mean square over samples and inputs of each weight's
// error in current, word lines x outputs, relative to the largest ideal output. What a weight carries is the difference
// of its banks' currents (offset: of its own and the reference bank's), ideally input x target; these errors add up to
// those of the outputs along the word lines. Samples `first` to before `first + count` of the plan, in the first
// condition. requires count >= 1 and a plan of the samples' dimensions
[[nodiscard]] Matrix error_map(const CrossbarSamples& samples, const SamplingPlan& plan, std::uint64_t first,
                               std::size_t count);

// An output of one input with all banks as far off as `sigmas` allow, each to the side that its sensitivity says, the
// lot to the side that they favour together; solved in full, wires included, one corner for each condition. An
// estimate: outputs are not monotone, Corner::exact is false. Faults do not count; what redesigned dies are made of
// does not either, as they are designed around it. Corner::aim is the output; achieved values are ampere, errors
// relative to the largest ideal output. requires 0 < sigmas <= 8, else Error{input}, like an output that does not exist
[[nodiscard]] std::vector<Corner> corners(const CrossbarQuestion& question, std::size_t input, std::size_t output,
                                          double sigmas);

// How each bank moves an output of one input, relative to the largest ideal output, to first order: adjoint, one solve
// for the input and one for the output. The largest share of the variance first. Around a die's own devices, or nominal
// ones; of redesigned dies around the design's own, by what their designs do not know: readings and life. Without the
// lot, which moves all banks at once, faults, and what neighbouring cells have in common.
struct BankSensitivity {
  std::size_t word = 0;
  std::size_t bit = 0;
  double slope = 0.0;   // d(output / largest) / d ln(g)
  double stddev = 0.0;  // by the spreads of this bank's devices and switches alone
  double share = 0.0;
};
[[nodiscard]] std::vector<BankSensitivity> sensitivities(const CrossbarQuestion& question, std::size_t input,
                                                         std::size_t output, std::size_t condition);
// Dimensions of the question's samples, the most important first: for SamplingOptions::ranking. By what each does to
// all outputs of all inputs, to first order and as if wires were perfect.
[[nodiscard]] std::vector<std::uint32_t> ranking(const CrossbarSamples& samples);

}  // namespace ohmset
