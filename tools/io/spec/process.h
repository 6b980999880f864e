// The table [process] of a specification: how devices are made and what becomes of them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "sim/process.h"
#include "tools/io/spec/toml_table.h"

namespace ohmset::io {

inline constexpr Range above_zero{.low = 0.0, .low_included = false};
inline constexpr Range resistance_or_fault{.low = 0.0, .infinity_allowed = true};

// Where the specification stands.
struct SpecContext {
  std::string file{};
  bool read_files = true;  // those that the specification names
};

[[nodiscard]] Process read_process(const TomlTable& process, const SpecContext& context);

}  // namespace ohmset::io
