// SPDX-License-Identifier: Apache-2.0
#include "sim/crossbar/hps/loops.h"

namespace ohmset::crossbar::hps {

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

}  // namespace ohmset::crossbar::hps
