// SPDX-License-Identifier: Apache-2.0
#include "tools/cli/node_name.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "sim/error.h"

namespace ohmset::cli {

Node node_named(const Network& network, std::string name, const std::string& file) {
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  if (const auto node = network.find(name)) return *node;
  if (name == "gnd") return 0;
  std::vector<std::string_view> names;
  for (Node node = 0; node < network.node_count(); ++node) names.push_back(network.node_name(node));
  const std::string nearest = nearest_name(name, names);
  throw input_error(Where{file}, fmt::format("no node \"{}\"", name),
                    nearest.empty() ? "" : fmt::format("did you mean \"{}\"?", nearest));
}

}  // namespace ohmset::cli
