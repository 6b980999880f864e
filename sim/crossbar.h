// A crossbar array with its wires, drivers and sense resistances: currents, voltages, transfer matrix.
//
// Word line i is a row driven by input i, from the left or from both ends; bit line j is a column read into virtual
// ground, at the bottom or at both ends. sim/wires.h says where the wires lie. Device (i, j) joins word node (i, j) to
// bit node (i, j). Current is positive from word to bit line, left to right, downwards, and out of the bit line into
// ground.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "sim/matrix.h"
#include "sim/wires.h"

namespace ohmset {

struct Crossbar {
  Matrix conductances{};  // word lines x bit lines, siemens; 0: open, inf: shorted
  Wires wires{};
};

// All fields of one input vector; each word lines x bit lines.
struct CrossbarFields {
  Matrix word_voltages{};               // volt; NaN where no path leads to a source or to ground
  Matrix bit_voltages{};                // likewise
  Matrix device_currents{};             // ampere, word to bit line
  Matrix word_currents{};               // ampere, segment entering node (i, j) from the left
  Matrix bit_currents{};                // ampere, segment leaving node (i, j) downwards
  Eigen::VectorXd word_end_currents{};  // ampere, segment after the last node, left to right; empty: open ends
  Eigen::VectorXd bit_top_currents{};   // ampere, segment before the first node, downwards; empty: open ends
  Matrix device_powers{};               // watt; a short takes none
  double power = 0.0;                   // watt, drawn from the sources
  std::size_t unreachable = 0;          // nodes that no path leads to
  double error_bound = 0.0;             // largest absolute error of a device current, ampere
  std::string method{};                 // as in CrossbarOutputs
};

struct CrossbarOutputs {
  Matrix currents{};           // batch x bit lines, ampere
  double error_bound = 0.0;    // largest absolute error of a current, ampere
  std::string method{};        // which one answered: "ideal", "spcg", "hps", "direct"
  std::size_t iterations = 0;  // the most that any input took
  double power = 0.0;          // watt, drawn from the sources, mean over the batch
};

// How to solve. `automatic` iterates for up to 16 inputs of an array of 1024 devices or more, where all wires have some
// resistance and no device is shorted. Otherwise, and where iterating does not bring the error bound below the
// tolerance, it merges the array into its transfer matrix, which all inputs share. The factorisation answers where that
// bound, too, is above the tolerance, where sources are joined through no resistance at all to each other or to sinks,
// and for the fields of what cannot be iterated. So do the other choices where they do not apply, in that order:
// CrossbarOutputs::method tells.
enum class CrossbarMethod : unsigned char { automatic, spcg, hps, direct };

struct CrossbarOptions {
  CrossbarMethod method = CrossbarMethod::automatic;
  double tolerance = 1e-12;  // of the largest output; the factorisation is always far below
};

// Prepares once, answers batches of inputs. What Kirchhoff's laws leave open where there is no resistance at all is the
// limit of equal small resistances of the shorted devices: several that join the same lines share their current, and
// those of several sources on one bit line hold it at the mean of the voltages. Where shorts join sources of different
// voltages, or a source to ground, their currents are infinite, and so are those of the lines they touch (NaN where
// infinite currents of both signs meet). A line without any resistance, both ends included, is fed half from each end.
class CrossbarSolver {
 public:
  // Throws std::invalid_argument on negative or NaN conductances, wires that require_valid refuses, and a tolerance
  // that is not > 0. Merges or factors when first asked.
  explicit CrossbarSolver(Crossbar crossbar, const CrossbarOptions& options = {});
  ~CrossbarSolver();
  CrossbarSolver(const CrossbarSolver&) = delete;
  CrossbarSolver& operator=(const CrossbarSolver&) = delete;
  CrossbarSolver(CrossbarSolver&&) noexcept;
  CrossbarSolver& operator=(CrossbarSolver&&) noexcept;

  [[nodiscard]] const Crossbar& crossbar() const;

  // inputs: batch x word lines, volt.
  [[nodiscard]] CrossbarOutputs outputs(const Matrix& inputs) const;
  // input: one value per word line, volt.
  [[nodiscard]] CrossbarFields fields(const Eigen::VectorXd& input) const;
  // T with outputs = T inputs: bit lines x word lines, siemens.
  [[nodiscard]] Matrix transfer() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Nodes that no path of wires and conducting devices leads to from a source or from ground: they have no potential, and
// no current flows through them.
[[nodiscard]] std::size_t unreachable_nodes(const Crossbar& crossbar);

// One-shot forms.
[[nodiscard]] CrossbarOutputs crossbar_outputs(const Crossbar& crossbar, const Matrix& inputs,
                                               const CrossbarOptions& options = {});
[[nodiscard]] CrossbarFields crossbar_fields(const Crossbar& crossbar, const Eigen::VectorXd& input,
                                             const CrossbarOptions& options = {});

}  // namespace ohmset
