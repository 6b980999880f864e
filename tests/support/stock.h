// Stocks of parts and random values for tests of combinations.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <random>
#include <vector>

#include "design/combine.h"
#include "design/series.h"

namespace ohmset::support {

inline std::vector<StockValue> catalogue(Series series, double from = 1.0, double to = 10e6) {
  std::vector<StockValue> stock;
  for (const double value : series_values(series, Ohm{from}, Ohm{to})) stock.push_back({Ohm{value}});
  return stock;
}

inline double log_uniform(std::mt19937_64& random, double low, double high) {
  return std::exp(std::uniform_real_distribution(std::log(low), std::log(high))(random));
}

}  // namespace ohmset::support
