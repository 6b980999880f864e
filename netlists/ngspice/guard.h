// Decks that may run commands or read files are refused before ngspice sees them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace ohmset::ngspice {

// Why the deck must not be run, in one line; empty when it may.
[[nodiscard]] std::string refusal(std::string_view deck);

}  // namespace ohmset::ngspice
