// SPDX-License-Identifier: Apache-2.0
#include "tools/cli/lottery/ticket_folder.h"

#include <fmt/format.h>

#include <span>
#include <string_view>
#include <utility>

#include "tools/io/npy.h"

namespace ohmset::cli {
namespace {

template <class Draw>
std::vector<double> drawn(std::size_t count, std::size_t units, const Draw& draw) {
  std::vector<double> values(count * units);
  for (std::size_t k = 0; k < count; ++k) draw(k, std::span(values).subspan(k * units, units));
  return values;
}

}  // namespace

const std::vector<std::string>& ticket_file_names() {
  static const std::vector<std::string> names = {"lottery.json",          "masks.npy",   "random.npy",
                                                 "achieved.npy",          "hidden.npy",  "hidden_masks.npy",
                                                 "achieved_negative.npy", "outputs.npy", "layer_outputs.npy"};
  return names;
}

io::Json arrays_json(const Ticket& ticket) {
  const bool relu = ticket.options.construction == Construction::relu;
  const std::string w = ticket.shape.convolution ? "o, i, y, x" : "o, i";
  const std::string kept = fmt::format("(masks[{}] >> k) & 1 = 1", w);
  const auto achieved = [&](std::string_view sign) {
    return fmt::format("scale * sum of random[{}, k] * hidden[i, k] over the k with {} and hidden[i, k] {} 0", w, kept,
                       sign);
  };
  io::Json json;
  io::Json& arrays = json["arrays"];
  std::vector<std::size_t> randoms = extents(ticket.shape);
  randoms.push_back(ticket.options.units);
  const auto name = [&](const std::string& file, const std::vector<std::size_t>& shape, std::string_view type,
                        std::string_view what) {
    arrays[file] = {{"shape", shape}, {"type", type}, {"what", what}};
  };
  name("masks.npy", extents(ticket.shape), "uint64", "bit k, from the lowest, is 1 where random weight k is kept");
  name("random.npy", randoms, "float64",
       relu ? "the second layer: its random weights, of hidden unit k in the last axis"
            : "the random weights of each weight, in the last axis");
  name("achieved.npy", extents(ticket.shape), "float64",
       relu ? "the weights that inputs above 0 see" : "the weights that the kept ones make");
  if (relu) {
    const std::vector<std::size_t> hidden = {ticket.shape.inputs, ticket.options.units};
    name("hidden.npy", hidden, "float64", "the first layer: hidden unit k of input i reads that input alone");
    name("hidden_masks.npy", {ticket.shape.inputs}, "uint64", "bit k is 1 where hidden unit k is kept");
  }
  if (!ticket.achieved_negative.empty()) {
    name("achieved_negative.npy", extents(ticket.shape), "float64", "the weights that inputs below 0 see");
  }
  io::Json& formula = json["formula"];
  if (!relu) {
    formula["achieved"] = fmt::format("scale * sum of random[{}, k] over the k with {}", w, kept);
    return json;
  }
  formula["achieved"] = achieved(">");
  if (!ticket.achieved_negative.empty()) formula["achieved_negative"] = achieved("<");
  formula["network"] = fmt::format(
      "output o = scale * sum of random[{}, k] * max(0, hidden[i, k] * input) over the k with {} and "
      "(hidden_masks[i] >> k) & 1 = 1",
      w, kept);
  return json;
}

std::vector<std::size_t> extents(const LayerShape& shape) {
  if (!shape.convolution) return {shape.outputs, shape.inputs};
  return {shape.outputs, shape.inputs, shape.height, shape.width};
}

std::vector<double> all_random_weights(const Ticket& ticket) {
  return drawn(ticket.shape.weights(), ticket.options.units,
               [&](std::size_t weight, std::span<double> units) { random_weights(ticket, weight, units); });
}

std::vector<double> all_random_hidden(const Ticket& ticket) {
  return drawn(ticket.shape.inputs, ticket.options.units,
               [&](std::size_t input, std::span<double> units) { random_hidden(ticket, input, units); });
}

io::FolderFiles ticket_arrays(const Ticket& ticket) {
  const std::vector<std::size_t> weights = extents(ticket.shape);
  std::vector<std::size_t> randoms = weights;
  randoms.push_back(ticket.options.units);
  io::FolderFiles files;
  const auto borrow = [&](const std::string& name, const std::vector<std::size_t>& shape, const auto& values) {
    io::NpyParts parts = io::npy_parts(shape, values.data());
    files.push_back({name, std::move(parts.header), parts.data});
  };
  borrow("masks.npy", weights, ticket.masks);
  borrow("achieved.npy", weights, ticket.achieved);
  files.push_back({"random.npy", io::npy_bytes(randoms, all_random_weights(ticket).data())});
  if (ticket.options.construction == Construction::relu) {
    const std::vector<std::size_t> hidden = {ticket.shape.inputs, ticket.options.units};
    files.push_back({"hidden.npy", io::npy_bytes(hidden, all_random_hidden(ticket).data())});
    borrow("hidden_masks.npy", {ticket.shape.inputs}, ticket.hidden_masks);
    if (!ticket.achieved_negative.empty()) borrow("achieved_negative.npy", weights, ticket.achieved_negative);
  }
  return files;
}

}  // namespace ohmset::cli
