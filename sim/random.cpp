// Philox4x64-10 from Random123 and the normal quantile from Boost.Math.
// SPDX-License-Identifier: Apache-2.0
#include "sim/random.h"

#include <Random123/philox.h>

#include <boost/math/special_functions/erf.hpp>
#include <numbers>
#include <stdexcept>

namespace ohmset {
namespace {

// Without promotion to long double, which would cost more than all the rest of a draw.
using InDouble = boost::math::policies::policy<boost::math::policies::promote_double<false>>;

}  // namespace

std::array<std::uint64_t, 4> philox_block(const Stream& stream, std::uint64_t block) {
  constexpr unsigned rounds = 10;
  const r123::Philox4x64_R<rounds>::ctr_type counter{{stream.cell, stream.device, block, 0}};
  const r123::Philox4x64_R<rounds>::key_type key{{stream.seed, stream.die}};
  const auto words = r123::Philox4x64_R<rounds>{}(counter, key);
  return {words[0], words[1], words[2], words[3]};
}

double uniform(const Stream& stream, Draw quantity) {
  const auto number = static_cast<std::uint64_t>(quantity);
  return to_uniform(philox_block(stream, number / 4)[number % 4]);
}

double normal_quantile(double u) {
  if (!(u > 0.0 && u < 1.0)) throw std::invalid_argument("normal_quantile: u must lie between 0 and 1");
  // The lower half mirrored: 1 - u is exact there, so q(1 - u) = -q(u) to the last bit.
  if (u > 0.5) return std::numbers::sqrt2 * boost::math::erfc_inv(2.0 * (1.0 - u), InDouble{});
  return u == 0.5 ? 0.0 : -std::numbers::sqrt2 * boost::math::erfc_inv(2.0 * u, InDouble{});
}

}  // namespace ohmset
