// SPDX-License-Identifier: Apache-2.0
#include "sim/crossbar/hps/loops.h"

namespace ohmset::crossbar::hps {

namespace portable {
extern const Loops loops;
}
#ifdef __x86_64__
namespace avx2 {
extern const Loops loops;
}
namespace avx512 {
extern const Loops loops;
}
#endif

const Loops& loops(Simd set) {
#ifdef __x86_64__
  if (set == Simd::avx2) return avx2::loops;
  if (set == Simd::avx512) return avx512::loops;
#else
  static_cast<void>(set);
#endif
  return portable::loops;
}

}  // namespace ohmset::crossbar::hps
