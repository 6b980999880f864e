// A weight matrix to a crossbar of programmable cells: which switches close in every bank.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sim/bank_array.h"
#include "sim/crossbar.h"
#include "sim/matrix.h"

namespace ohmset {

// differential: weight = bank (i, 2j) - bank (i, 2j+1). offset: weight = bank (i, j) - reference bank (i, outputs).
enum class Scheme { differential, offset };
// joint: both banks of a weight as one signed subset sum (parallel banks only). sequential: plus aims at mid-range plus
// the weight, then minus makes up its error.
enum class Pair { joint, sequential };

struct Mapping {
  Scheme scheme = Scheme::differential;
  std::optional<Pair> pair{};           // none: joint for parallel banks, sequential for others
  std::optional<Siemens> full_scale{};  // conductance difference that the largest |weight| becomes; none: auto
};

struct CrossbarSpec {
  BankSpec bank{};
  Wires wires{};
  Mapping mapping{};
};

struct CompileOptions {
  std::uint64_t seed = 1;
  std::uint64_t die = 0;
  int threads = 0;                                // 0: all
  std::optional<std::vector<double>> measured{};  // real dies: word lines x bit lines x devices, ohm; replaces sampling
  // Called now and then from one thread at a time with the number of finished cells; returns false to stop
  // (then compile throws Error{world} "interrupted").
  std::function<bool(std::size_t done, std::size_t total)> progress{};
};

// inputs = word lines. Targets and achieved values are differences for differential and offset cells.
struct CrossbarDesign {
  CrossbarSpec spec{};
  std::uint64_t seed = 1;
  std::uint64_t die = 0;
  std::size_t outputs = 0;
  std::size_t inputs = 0;
  double scale = 0.0;        // siemens per unit of weight
  double full_scale = 0.0;   // siemens
  double common_mode = 0.0;  // siemens; what a weight of 0 aims at where a bank has a mid-range target, else 0
  BankArray array{};
  Matrix targets{};   // outputs x inputs, siemens
  Matrix achieved{};  // outputs x inputs, siemens, recomputed by sim from the masks
};

// Errors are |achieved - target| relative to what the largest |weight| becomes, over all cells; a cell with a shorted
// bank has an infinite error.
struct CompileSummary {
  std::size_t cells = 0;          // weights
  std::size_t devices = 0;        // in all banks
  double bits_worst = 0.0;        // -log2 of the largest error; inf for 0
  double bits_median = 0.0;       // of the cells' bits
  double weight_error_max = 0.0;  // largest error
  std::size_t unreachable = 0;    // cells with a shorted bank, or whose target is outside what their devices can reach
};

// Bit lines of the array that `outputs` need.
[[nodiscard]] std::size_t bit_lines_for(Scheme scheme, std::size_t outputs);

// Siemens that the largest |weight| becomes when the spec says auto, and the common mode of banks that have one.
struct FullScale {
  double full_scale = 0.0;
  double common_mode = 0.0;
};
[[nodiscard]] FullScale automatic_full_scale(const CrossbarSpec& spec);
// The same from real dies instead of the spec's distribution.
[[nodiscard]] FullScale automatic_full_scale(const CrossbarSpec& spec, const std::vector<double>& measured);

// weights: outputs x inputs, finite. Throws Error{input} for specs that cannot be compiled (joint with trees, more
// devices than a search takes, measured dies of another size).
[[nodiscard]] CrossbarDesign compile(const CrossbarSpec& spec, const Matrix& weights,
                                     const CompileOptions& options = {});

// The same in steps, for machines that share the work: each prepares the whole design and chooses the switches of some
// word lines, from `first_word` to before `last_word`; whoever has collected the array's parts settles what they
// achieve. The bytes are those of `compile`. options are those of the other steps
[[nodiscard]] CrossbarDesign prepare(const CrossbarSpec& spec, const Matrix& weights,
                                     const CompileOptions& options = {});
void choose_switches(CrossbarDesign& design, std::size_t first_word, std::size_t last_word,
                     const CompileOptions& options = {});
void settle(CrossbarDesign& design);

[[nodiscard]] CompileSummary summarize(const CrossbarDesign& design);

// Differences per output of per-bank values (word lines x bit lines), as outputs x inputs.
[[nodiscard]] Matrix cell_differences(Scheme scheme, const Matrix& banks);
// Differences per output of bit line currents (batch x bit lines), as batch x outputs.
[[nodiscard]] Matrix output_differences(Scheme scheme, const Matrix& bit_lines);

}  // namespace ohmset
