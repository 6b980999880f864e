// SPDX-License-Identifier: Apache-2.0
#include "design/tolerance/loops.h"

namespace ohmset::tolerance {

namespace portable {
extern const Loops loops;
}
namespace avx2 {
extern const Loops loops;
}
namespace avx512 {
extern const Loops loops;
}

const Loops& loops(Simd set) { return compiled_for(set, portable::loops, avx2::loops, avx512::loops); }

const Loops& loops() {
  static const Loops& chosen = loops(chosen_simd());
  return chosen;
}

}  // namespace ohmset::tolerance
