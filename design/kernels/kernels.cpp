// Which instruction set runs.
// SPDX-License-Identifier: Apache-2.0
#include "design/kernels/kernels.h"

#include <array>
#include <cstdlib>
#include <string>

#include "sim/error.h"

namespace ohmset::kernels {

namespace portable {
extern const Kernels kernels;
}
#ifdef __x86_64__
namespace avx2 {
extern const Kernels kernels;
}
namespace avx512 {
extern const Kernels kernels;
}
#endif

namespace {

constexpr std::array<std::string_view, 3> names{"portable", "avx2", "avx512"};

struct Found {
  std::array<Kernels, 3> sets{};
  std::size_t count = 0;
  void add(const Kernels& set) { sets.at(count++) = set; }
};

Found find() {
  Found found;
  found.add(portable::kernels);
#ifdef __x86_64__
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx2")) found.add(avx2::kernels);
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw")) {
    found.add(avx512::kernels);
  }
#endif
  return found;
}

}  // namespace

std::span<const Kernels> available() {
  static const Found found = find();
  return std::span<const Kernels>(found.sets).first(found.count);
}

const Kernels& named(std::string_view name) {
  for (const Kernels& set : available()) {
    if (names.at(static_cast<std::size_t>(set.simd)) == name) return set;
  }
  for (const std::string_view known : names) {
    if (known == name) throw input_error("OHMSET_SIMD: this machine cannot run " + std::string(name));
  }
  throw input_error("OHMSET_SIMD: unknown instruction set \"" + std::string(name) + "\"", "portable, avx2 or avx512");
}

const Kernels& chosen() {
  static const Kernels& set = [&]() -> const Kernels& {
    const char* const wanted = std::getenv("OHMSET_SIMD");
    return wanted == nullptr || *wanted == '\0' ? available().back() : named(wanted);
  }();
  return set;
}

}  // namespace ohmset::kernels
