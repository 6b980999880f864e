// The table of ohmset design.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "tools/io/design_file.h"

namespace ohmset::cli {

[[nodiscard]] std::string people_table(const io::BankDesignFile& file, const ProgramOptions& options, double seconds);

}  // namespace ohmset::cli
