// Lottery tickets: a layer of a neural network approximated by pruning a random one, never by training it.
//
// The strong lottery ticket hypothesis and its proofs: each weight w is put together from random ones by opening
// switches, as a resistance is from imprecise resistors [MalachEtAl20, PensiaEtAl20, DaCunhaNataleViennot22].
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "sim/matrix.h"

namespace ohmset {

// === The layer ===

// Dense: outputs x inputs. Convolution: outputs x inputs (channels) x height x width, cross-correlated with its input,
// as neural-network frameworks do, without padding, stride 1.
struct LayerShape {
  std::size_t outputs = 0;
  std::size_t inputs = 0;
  std::size_t height = 1;
  std::size_t width = 1;
  bool convolution = false;
  [[nodiscard]] std::size_t taps() const { return height * width; }
  [[nodiscard]] std::size_t fan_in() const { return inputs * taps(); }
  [[nodiscard]] std::size_t weights() const { return outputs * fan_in(); }
};

struct Layer {
  LayerShape shape{};
  std::vector<double> weights{};  // C order of the shape, finite
};

// === The constructions ===

enum class Construction : unsigned char {
  nearest,     // of `units` random weights for each weight, the nearest alone is kept
  subset_sum,  // of `units` random weights for each weight, those are kept whose sum is nearest
  // Two random layers with a ReLU between, after [PensiaEtAl20, DaCunhaNataleViennot22]: `units` hidden units for each
  // input (channel), u of which reads that input alone; all outputs share this first layer. A unit with u > 0 carries
  // x > 0, one with u < 0 carries x < 0; for each weight two subsets of the products v u are chosen, one of each sign's
  // units, both nearest to w. Convolutions: the first layer is 1 x 1, the second has the layer's height and width.
  // The papers' gadget says beforehand which half of the units carries which sign and prunes those whose u has the
  // other one; here every unit serves the sign that it drew: about twice as many for each.
  relu
};

struct LotteryOptions {
  Construction construction = Construction::subset_sum;
  std::size_t units = 20;  // random weights for each weight; relu: hidden units for each input, at most 64
  // Weights are approximated as scale * (a sum of random weights, all independent and uniform on [-1, 1]). None: 1
  // when no weight is larger than 1, else the largest |weight|.
  std::optional<double> scale{};
  bool nonnegative = false;  // relu: inputs are >= 0, as after a ReLU: units with u < 0 are all pruned
  // Of the subsets within this error (in the layer's unit) the one with the fewest weights, of several the nearest;
  // the nearest of all where none is within. Takes less time where few suffice, else up to ten times as long.
  std::optional<double> fewest_within{};
  std::uint64_t seed = 1;
  int threads = 0;  // 0: all
  // Called now and then from one thread at a time; returns false to stop (then Error{world} "interrupted").
  std::function<bool(std::size_t done, std::size_t total)> progress{};
};

// === The ticket ===

// A pruned random network: which random weights are kept. The random weights themselves are functions of the seed.
struct Ticket {
  LayerShape shape{};
  LotteryOptions options{};
  double scale = 1.0;
  // One per weight, in the layer's order: bit k stands for its k-th random weight (relu: for v of hidden unit k of its
  // input, and the unit is kept by hidden_masks).
  std::vector<std::uint64_t> masks{};
  std::vector<std::uint64_t> hidden_masks{};  // relu: one per input: units that some output uses
  std::vector<double> achieved{};             // per weight, recomputed from the masks; relu: for inputs > 0
  std::vector<double> achieved_negative{};    // relu: for inputs < 0; empty for nonnegative inputs
};

// The same for any number of threads. Exact: each weight's subset is closest_subset_sums'. Throws Error{input} for
// units that no search takes (0; more than 64; for sums more than most_items free for one weight), weights that are not
// finite, a scale that is not positive or leaves what doubles hold.
[[nodiscard]] Ticket draw_ticket(const Layer& layer, const LotteryOptions& options);

// The random weights that a weight's mask selects from: `units` numbers on [-1, 1]. relu: v of the second layer. Number
// k is word k % 4 of block 3 of Stream{seed, die 0, cell = weight, device = k / 4}: an odd multiple of 2^-52, never 0.
void random_weights(const Ticket& ticket, std::size_t weight, std::span<double> units);
// relu: u of an input's hidden units, likewise of Stream{seed, die 1, cell = input, device = k / 4}.
void random_hidden(const Ticket& ticket, std::size_t input, std::span<double> units);

// === What it is worth ===

// With every weight's error at most eps, |y' - y| <= fan_in * eps * max|x| for each output, as in
// [DaCunhaNataleViennot22]; closer: the largest row sum of the errors. Errors are those of the branch that errs more,
// in the layer's unit. Bounds are of this ticket's outputs, from the errors that its weights came out with, for one
// layer and |x| <= 1. The papers' theorems, that enough units make errors small for nearly every seed and that errors
// of layers add up to those of networks, are another matter: nothing here proves or needs them.
struct TicketSummary {
  std::size_t weights = 0;
  double error_max = 0.0;     // eps
  double error_median = 0.0;  // of an even number of weights the lower middle one
  double error_mean = 0.0;
  double bound = 0.0;          // fan_in * eps
  double bound_by_rows = 0.0;  // max over outputs of the sum of |errors|
  std::uint64_t kept = 0;      // random weights: of both layers
  std::uint64_t total = 0;     // of them there are: relu: layers as they are connected, each hidden unit to one input
  std::uint64_t total_dense = 0;  // relu: had every hidden unit been drawn for every input, before any pruning; the
                                  // others: total
};
[[nodiscard]] TicketSummary summarize(const Layer& layer, const Ticket& ticket);

// The pruned random network run next to the layer: hidden units, ReLU, kept weights, as they are. On random inputs,
// uniform on [-1, 1] ([0, 1] for nonnegative ones), the seed's too (die 2, cell = input); convolutions: on images of
// height + 7 by width + 7. And for each output on the inputs that are worst for it: 1, -1 or 0 by the signs of its
// weights' errors, so that all of these add up, upwards and downwards.
struct ForwardCheck {
  std::size_t inputs = 0;    // random ones: how many
  double output_max = 0.0;   // largest |output| of the layer on them
  double error_max = 0.0;    // largest |difference| of the outputs on them
  double error_rms = 0.0;    // of all of these differences
  double bound = 0.0;        // the most that the errors of the weights allow any output: bound_by_rows * max|x|, with
                             // the rounding of the sums
  double bound_share = 0.0;  // largest |difference| of an output on random inputs, as a share of its own such bound
  double worst_error = 0.0;  // largest |difference| on an output's worst inputs: bound but for rounding where both
                             // branches of its weights err alike, as they do without a ReLU
  // How far an output, on any of these inputs, is from what the achieved weights make of it, as a share of what the
  // rounding of the sums allows: a single edge too few or too many, or another one, is far above 1.
  double rounding_share = 0.0;
  [[nodiscard]] bool holds() const { return bound_share <= 1.0 && rounding_share <= 1.0; }
};
// The same for any number of threads, in little memory for any shape. Progress counts the layer's weights, once for
// each 256 inputs (4 images), and stops as draw_ticket's does.
[[nodiscard]] ForwardCheck run_forward(const Layer& layer, const Ticket& ticket, std::size_t inputs,
                                       const std::function<bool(std::size_t done, std::size_t total)>& progress = {});

// The outputs of the pruned random network for one batch: batch x inputs (dense), batch x outputs; convolutions see
// im2col rows: batch x fan_in.
[[nodiscard]] Matrix run_ticket(const Ticket& ticket, const Matrix& inputs);

}  // namespace ohmset
