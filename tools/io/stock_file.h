// A drawer of resistors as a file: which values there are, how many of each, and what they are called.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "design/combine.h"

namespace ohmset::io {

struct StockFile {
  std::vector<StockValue> values{};
  std::vector<std::string> names{};  // one per value, or none at all
};

// .npy by its ending: any shape, one part of each value. Else CSV, a line per value: value[,quantity[,name]], with
// suffixes as on the command line, quantity 1 when left out or empty. A first line that starts with a letter is a
// header; lines of "# ..." are skipped. Values outside what combine takes and stocks without a part are refused.
// Throws Error{input} with file and line.
[[nodiscard]] StockFile read_stock(const std::string& path);

}  // namespace ohmset::io
