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

// Most devices of a bank at a crosspoint: a mask of them is one 64-bit word.
inline constexpr std::size_t most_cell_devices = 64;

// Throws Error{input} "FILE:LINE: ..." for what is malformed, out of range, unknown (naming the nearest known key) or
// not supported. Files that the specification names (values, ratios) are looked up beside it. A bank specification
// refuses [array] and [mapping]; a crossbar specification has them all optional. `topology`, when given, takes the
// place of the specification's own; its number of devices must agree with what the specification says of it.
[[nodiscard]] BankSpecFile read_bank_spec(const std::string& path,
                                          const std::optional<std::string>& topology = std::nullopt);
[[nodiscard]] CrossbarSpecFile read_crossbar_spec(const std::string& path);

// What a bank specification says of its devices, switches and measurement, for banks of any number of devices:
// bank.devices is not looked at, and the topology is left as it is written ("parallel" where it is not).
struct FamilySpecFile {
  Fabrication fabrication{};
  std::string topology{};
  std::string text{};
};
[[nodiscard]] FamilySpecFile read_family_spec(const std::string& path);
// The same from its text, whose files are not read again.
[[nodiscard]] FamilySpecFile carried_family_spec(const std::string& text, const std::string& file);

// A bank specification that a design carries: files it names are not read again (their numbers stay empty), since the
// devices stand in the design. `file` is for messages.
[[nodiscard]] BankSpec carried_bank_spec(const std::string& text, const std::string& file, const Topology& topology);

// A crossbar specification that a design carries, likewise.
[[nodiscard]] CrossbarSpec carried_crossbar_spec(const std::string& text, const std::string& file,
                                                 const Topology& topology);

}  // namespace ohmset::io
