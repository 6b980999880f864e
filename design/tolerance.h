// How a bank's resistance stands up to manufacturing and to life: what is sampled, its corners, its sensitivities.
// Monte Carlo itself is monte_carlo.h's.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "design/monte_carlo.h"
#include "design/program.h"
#include "sim/life.h"

namespace ohmset {

// Who is judged.
//   die         one die, its devices known; what is drawn is its life: switch resistances (each closing is another
//               contact), temperature coefficients, drift, readings
//   blind       dies of the process, all with the same configuration
//   redesigned  dies of the process, each with the configuration that is best for it, by its measured values
enum class Population : unsigned char { die, blind, redesigned };

// What a bank was meant to be. The configuration is not used for redesigned dies.
struct Aim {
  double target = 0.0;  // > 0
  TargetUnit unit = TargetUnit::ohm;
  Configuration configuration{};
};

struct BankQuestion {
  BankSpec spec{};  // spreads and topology
  Population population = Population::die;
  Bank die{};                    // of Population::die: its devices
  bool around_measured = false;  // of a die: its resistances are drawn around the measured ones, R (1 + sigma N(0,1)) =
                                 // measured, as its designer knows them
  std::vector<Aim> aims{};       // at least one
  std::vector<Condition> conditions{Condition{}};  // at least one
};

// What a coordinate of a sample's point decides.
enum class Cause : unsigned char {
  lot,
  resistance,
  device_fault,
  switch_on,
  switch_fault,
  measurement,
  tc1,
  tc2,
  written,
  nu,
  read
};
[[nodiscard]] std::string_view name_of(Cause cause);

struct Variable {
  Cause cause = Cause::resistance;
  std::size_t device = 0;     // of a lot: 0
  std::size_t condition = 0;  // of a reading: each condition is read anew; else 0
};

// One sample in full.
struct BankSample {
  Bank bank{};                                  // as it was made: resistance, measured, contact, stuck
  std::vector<Configuration> configurations{};  // one per aim
  std::vector<Bank> aged{};                     // one per condition: resistances as they read then
  std::vector<double> achieved{};               // aims x conditions, in the aim's unit
  std::vector<double> values{};                 // one per series
};

// Series: the relative error (achieved - target) / target of each aim in each condition, aims before conditions; then,
// when there is more than one of those, the one of the largest magnitude. An error above the largest double is
// infinite.
class BankSamples {
 public:
  // Throws Error{input} for a question that makes no sense: no aim, a target of 0, a configuration of another size,
  // more devices than a search for each die takes, a fabrication or condition that `check` refuses.
  explicit BankSamples(BankQuestion question);
  ~BankSamples();
  BankSamples(BankSamples&& other) noexcept;
  BankSamples& operator=(BankSamples&& other) noexcept;
  BankSamples(const BankSamples&) = delete;
  BankSamples& operator=(const BankSamples&) = delete;

  [[nodiscard]] const BankQuestion& question() const;
  [[nodiscard]] std::size_t series() const;
  // One per coordinate of a point: only what is random in this question.
  [[nodiscard]] const std::vector<Variable>& variables() const;

  // As Experiment::evaluate. Achieved values are those of sim's `resistance` or `conductance`, to the bit.
  void evaluate(std::size_t count, std::span<const double> points, std::span<double> values) const;
  // The sample of one point: its values are those of `evaluate`, to the bit.
  [[nodiscard]] BankSample replay(std::span<const double> point) const;

  // For MonteCarlo; refers to this object.
  [[nodiscard]] Experiment experiment() const;

 private:
  struct Impl;
  std::unique_ptr<const Impl> impl_;
};

// The extremes that a bank's resistance can take when every device and switch is as far off as `sigmas` standard
// deviations of its spread allow (the quantiles of that probability of a normal variable; the ends of the range where
// there is none). Effective resistance rises with every resistance (Rayleigh), so all at the same end is the worst
// case, exactly. Faults do not count. In a die of Population::redesigned: of the configurations' nominal devices.
struct Corner {
  std::size_t aim = 0;
  std::size_t condition = 0;
  double sigmas = 0.0;
  double low = 0.0;  // achieved, in the aim's unit
  double high = 0.0;
  double low_error = 0.0;  // relative
  double high_error = 0.0;
  bool exact = true;  // false: an estimate, which something else may exceed
};
[[nodiscard]] std::vector<Corner> corners(const BankQuestion& question, double sigmas);

// How one variable moves the relative error of an aim in a condition, to first order.
struct Sensitivity {
  Variable variable{};
  double slope = 0.0;   // d ln(achieved) / d ln(r): r the device's or the switch's resistance
  double stddev = 0.0;  // of the relative error, by this variable alone
  double share = 0.0;   // of the variance: stddev^2 over the sum of all
};
// All variables with a spread, the largest share first. One adjoint solve: dR/dr_k = (i_k / I)^2.
[[nodiscard]] std::vector<Sensitivity> sensitivities(const BankQuestion& question, std::size_t aim,
                                                     std::size_t condition);
// Dimensions of the question's samples, the most important first: for SamplingOptions::ranking.
[[nodiscard]] std::vector<std::uint32_t> ranking(const BankSamples& samples);

}  // namespace ohmset
