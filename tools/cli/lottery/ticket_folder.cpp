// SPDX-License-Identifier: Apache-2.0
#include "tools/cli/lottery/ticket_folder.h"

#include <span>
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
  static const std::vector<std::string> names = {"lottery.json",         "masks.npy",  "random.npy",
                                                 "achieved.npy",         "hidden.npy", "hidden_masks.npy",
                                                 "achieved_negative.npy"};
  return names;
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
