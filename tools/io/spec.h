// Bank and crossbar specifications in TOML: what to fabricate.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "design/compile.h"
#include "sim/bank.h"

namespace ohmset::io {

// The parsed specification and its text, which design files carry whole.
struct BankSpecFile {
  BankSpec spec{};
  std::string text{};
};
struct CrossbarSpecFile {
  CrossbarSpec spec{};
  std::string text{};
};

// Throws Error{input} "FILE:LINE: ..." for what is malformed, out of range, unknown (naming the nearest known key) or
// not supported. Files that the specification names (values, ratios) are looked up beside it. A bank specification
// refuses [array] and [mapping]; a crossbar specification has them all optional.
[[nodiscard]] BankSpecFile read_bank_spec(const std::string& path);
[[nodiscard]] CrossbarSpecFile read_crossbar_spec(const std::string& path);

}  // namespace ohmset::io
