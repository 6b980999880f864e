// Ten kinds of items to search among, from friendly to hostile, and targets for them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstddef>
#include <random>
#include <vector>

namespace ohmset::test {

inline constexpr int distributions = 10;

// Ten kinds of items, from friendly to hostile.
inline std::vector<double> items_of(int kind, std::size_t n, std::mt19937_64& random) {
  std::uniform_real_distribution<double> unit(0.0, 1.0);
  std::normal_distribution<double> normal;
  std::vector<double> items(n);
  for (std::size_t k = 0; k < n; ++k) {
    const double u = unit(random);
    switch (kind) {
      case 0:
        items[k] = 2.0 * u - 1.0;
        break;
      case 1:
        items[k] = std::exp(0.5 * normal(random));
        break;
      case 2:
        items[k] = std::floor(20.0 * u);
        break;  // ties and zeros
      case 3:
        items[k] = k % 2 == 0 || k == 0 ? u : items[k - 1];
        break;  // duplicates
      case 4:
        items[k] = std::pow(10.0, 18.0 * u - 9.0);
        break;  // 18 decades
      case 5:
        items[k] = u * 4e-310;
        break;  // denormal
      case 6:
        items[k] = 0.1;
        break;  // all equal
      case 7:
        items[k] = std::ldexp(1.0, static_cast<int>(k));
        break;  // powers of two
      case 8:
        items[k] = -1.0 - 0.1 * u;
        break;  // negative
      default:
        items[k] = (u < 0.3 ? 0.0 : 1e-4 * (1.0 + 0.2 * normal(random)));
        break;  // open devices
    }
  }
  return items;
}

inline double target_of(const std::vector<double>& items, std::mt19937_64& random) {
  double below = 0.0;
  double above = 0.0;
  for (const double item : items) (item < 0.0 ? below : above) += item;
  return below + (above - below) * std::uniform_real_distribution<double>(-0.1, 1.1)(random);
}

}  // namespace ohmset::test
