// Which of this processor's instructions the loops that are compiled several times may use. Every choice gives the
// same bits.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

namespace ohmset {

enum class Simd : unsigned char { portable, avx2, avx512 };

// What this machine can run, the widest last.
[[nodiscard]] std::span<const Simd> available_simd();
// The widest; or the one that the environment variable OHMSET_SIMD names: portable, avx2 or avx512. Throws Error{input}
// when it names another one or one that this machine cannot run.
[[nodiscard]] Simd chosen_simd();
[[nodiscard]] Simd simd_named(std::string_view name);

// What a source gives that is compiled for each of them; elsewhere than on x86-64 all three are the portable one.
template <class T>
[[nodiscard]] const T& compiled_for(Simd set, const T& portable, const T& avx2, const T& avx512) {
  if (set == Simd::avx512) return avx512;
  return set == Simd::avx2 ? avx2 : portable;
}

}  // namespace ohmset
