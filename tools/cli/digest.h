// Fingerprints of files' contents, by which a later run knows them again.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace ohmset::cli {

// 64 bits of a text, in hexadecimal: FNV-1a. For chance, not for enemies.
[[nodiscard]] std::string digest(std::string_view bytes);

}  // namespace ohmset::cli
