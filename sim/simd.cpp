// SPDX-License-Identifier: Apache-2.0
#include "sim/simd.h"

#include <array>
#include <cstdlib>
#include <string>

#include "sim/error.h"

namespace ohmset {
namespace {

constexpr std::array<std::string_view, 3> set_names{"portable", "avx2", "avx512"};

struct Found {
  std::array<Simd, 3> sets{};
  std::size_t count = 0;
  void add(Simd set) { sets.at(count++) = set; }
};

Found find() {
  Found found;
  found.add(Simd::portable);
#ifdef __x86_64__
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx2")) found.add(Simd::avx2);
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw")) {
    found.add(Simd::avx512);
  }
#endif
  return found;
}

}  // namespace

std::span<const Simd> available_simd() {
  static const Found found = find();
  return std::span<const Simd>(found.sets).first(found.count);
}

Simd simd_named(std::string_view name) {
  for (const Simd set : available_simd()) {
    if (set_names.at(static_cast<std::size_t>(set)) == name) return set;
  }
  for (const std::string_view known : set_names) {
    if (known == name) throw input_error("OHMSET_SIMD: this machine cannot run " + std::string(name));
  }
  throw input_error("OHMSET_SIMD: unknown instruction set \"" + std::string(name) + "\"", "portable, avx2 or avx512");
}

Simd chosen_simd() {
  static const Simd set = [] {
    const char* const wanted = std::getenv("OHMSET_SIMD");
    return wanted == nullptr || *wanted == '\0' ? available_simd().back() : simd_named(wanted);
  }();
  return set;
}

}  // namespace ohmset
