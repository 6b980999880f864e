// SPDX-License-Identifier: Apache-2.0
#include "tools/cli/digest.h"

#include <fmt/format.h>

#include <cstdint>

namespace ohmset::cli {

std::string digest(std::string_view bytes) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return fmt::format("{:016x}", hash);
}

}  // namespace ohmset::cli
