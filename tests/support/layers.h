// Layers of random weights.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <random>

#include "design/lottery.h"

namespace ohmset::test {

// Uniform on [-most, most].
inline Layer random_layer(const LayerShape& shape, double most, unsigned seed) {
  Layer layer{.shape = shape};
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> weight(-most, most);
  for (std::size_t k = 0; k < shape.weights(); ++k) layer.weights.push_back(weight(random));
  return layer;
}

}  // namespace ohmset::test
