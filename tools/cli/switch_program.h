// The switch program: which switches the hardware closes, bank by bank.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "design/compile.h"

namespace ohmset::cli {

// Row-major, word line then bit line. `.mem`: a line of hexadecimal digits per bank, as Verilog's $readmemh takes it;
// else CSV with the columns word_line, bit_line, s0, s1, ... Throws as io::write_file does.
void write_switch_program(const std::string& path, const CrossbarDesign& design, bool force);

}  // namespace ohmset::cli
