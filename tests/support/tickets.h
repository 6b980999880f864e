// Lottery tickets as the tool writes them, and what their arrays say by definition.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <doctest/doctest.h>

#include <array>
#include <bit>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "sim/random.h"
#include "tests/support/tool.h"
#include "tools/io/npy.h"

namespace ohmset::test::tickets {

using nlohmann::json;

inline std::vector<double> numbers(std::uint64_t seed, std::size_t count) {
  std::vector<double> values(count);
  for (std::size_t k = 0; k < count; ++k) {
    values[k] = 2.0 * to_uniform(philox_block({.seed = seed, .cell = k}, 0).at(0)) - 1.0;
  }
  return values;
}

inline void write_npy(const TemporaryFolder& folder, const std::string& name, const std::vector<std::size_t>& shape,
                      const std::vector<double>& values) {
  folder.write(name, io::npy_bytes(shape, values.data()));
}

inline constexpr std::size_t outputs = 5;
inline constexpr std::size_t inputs = 4;
// A dense layer and a convolution of 3 x 2 channels with 2 x 3 taps; some weights are larger than 1.
inline void provide(const TemporaryFolder& folder) {
  std::vector<double> dense = numbers(1, outputs * inputs);
  for (double& w : dense) w *= 1.5;
  write_npy(folder, "W.npy", {outputs, inputs}, dense);
  write_npy(folder, "K.npy", {3, 2, 2, 3}, numbers(2, 36));
}

inline bool bit(std::uint64_t mask, std::size_t k) { return (mask >> k & 1U) != 0; }

// A ticket's folder, added up from its arrays by definition.
struct Recomputed {
  std::vector<double> weights{};
  std::vector<double> positive{};
  std::vector<double> negative{};
  std::uint64_t kept = 0;
};

inline std::uint64_t kept_hidden(const TemporaryFolder& folder, const std::string& ticket) {
  std::uint64_t kept = 0;
  for (const std::uint64_t mask : io::read_npy_uint64(folder.path(ticket + "/hidden_masks.npy")).data) {
    kept += static_cast<std::uint64_t>(std::popcount(mask));
  }
  return kept;
}

inline Recomputed recompute(const TemporaryFolder& folder, const std::string& ticket, const std::string& weights) {
  const json description = json::parse(folder.read(ticket + "/lottery.json"));
  const bool relu = description["construction"] == "relu";
  const auto units = description["units"].get<std::size_t>();
  const auto scale = description["scale"].get<double>();
  const auto target = io::read_npy_doubles(folder.path(weights));
  const auto masks = io::read_npy_uint64(folder.path(ticket + "/masks.npy"));
  const auto random = io::read_npy_doubles(folder.path(ticket + "/random.npy"));
  CHECK(masks.shape == target.shape);
  std::vector<std::size_t> shape = target.shape;
  shape.push_back(units);
  CHECK(random.shape == shape);
  const std::vector<double> hidden =
      relu ? io::read_npy_doubles(folder.path(ticket + "/hidden.npy")).data : std::vector<double>();
  Recomputed result{.weights = target.data, .kept = relu ? kept_hidden(folder, ticket) : 0};
  const std::size_t taps = target.shape.size() == 4 ? target.shape[2] * target.shape[3] : 1;
  for (std::size_t weight = 0; weight < masks.data.size(); ++weight) {
    std::array<double, 2> sums{};
    for (std::size_t k = 0; k < units; ++k) {
      if (!bit(masks.data[weight], k)) continue;
      ++result.kept;
      const double u = relu ? hidden[weight / taps % target.shape[1] * units + k] : 1.0;
      sums.at(u > 0.0 ? 0 : 1) += random.data[weight * units + k] * u;
    }
    result.positive.push_back(scale * sums[0]);
    result.negative.push_back(scale * sums[1]);
  }
  return result;
}

}  // namespace ohmset::test::tickets
