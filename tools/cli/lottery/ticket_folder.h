// A ticket as a folder: lottery.json and arrays that are enough to recompute what the pruned network does.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "design/lottery.h"
#include "tools/io/file.h"
#include "tools/io/json.h"

namespace ohmset::cli {

// Every file that a ticket's folder may hold:
//   lottery.json           the question, the figures, and what the arrays are
//   masks.npy              uint64, shape of the weights: bit k is 1 where random weight k is kept
//   random.npy             shape of the weights, then units: the random weights
//   achieved.npy           shape of the weights: scale * the sum of those kept
// and for the two layers of relu, where random.npy is the second layer:
//   hidden.npy             inputs x units: the first layer, hidden unit k of an input reads that input alone
//   hidden_masks.npy       uint64, one per input: bit k is 1 where hidden unit k is kept
//   achieved.npy           for inputs > 0: scale * the sum of kept random * hidden with hidden > 0
//   achieved_negative.npy  for inputs < 0: the same with hidden < 0 (not for nonnegative inputs)
// and for a run on given inputs, batch x outputs:
//   outputs.npy            what the pruned random network makes of them
//   layer_outputs.npy      what the layer does
[[nodiscard]] const std::vector<std::string>& ticket_file_names();

// Everything but lottery.json, which the caller knows. Bytes are the files' own or borrowed from the ticket.
[[nodiscard]] io::FolderFiles ticket_arrays(const Ticket& ticket);

// What its arrays are and how they make the weights, for whoever reads lottery.json: "formula" and "arrays".
[[nodiscard]] io::Json arrays_json(const Ticket& ticket);

// The extents of the weights' file: 2 for dense layers, 4 for convolutions.
[[nodiscard]] std::vector<std::size_t> extents(const LayerShape& shape);

// All random weights of a ticket in one array, `units` for each weight; of relu's first layer, for each input.
[[nodiscard]] std::vector<double> all_random_weights(const Ticket& ticket);
[[nodiscard]] std::vector<double> all_random_hidden(const Ticket& ticket);

}  // namespace ohmset::cli
