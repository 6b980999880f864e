// Which instruction set runs.
// SPDX-License-Identifier: Apache-2.0
#include "design/kernels/kernels.h"

#include <array>

namespace ohmset::kernels {

namespace portable {
extern const Kernels kernels;
}
namespace avx2 {
extern const Kernels kernels;
}
namespace avx512 {
extern const Kernels kernels;
}

namespace {

const Kernels& of(Simd set) { return compiled_for(set, portable::kernels, avx2::kernels, avx512::kernels); }

struct Found {
  std::array<Kernels, 3> sets{};
  std::size_t count = 0;
};

Found find() {
  Found found;
  for (const Simd set : available_simd()) found.sets.at(found.count++) = of(set);
  return found;
}

}  // namespace

std::span<const Kernels> available() {
  static const Found found = find();
  return std::span<const Kernels>(found.sets).first(found.count);
}

const Kernels& chosen() {
  static const Kernels& set = of(chosen_simd());
  return set;
}

}  // namespace ohmset::kernels
