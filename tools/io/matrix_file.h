// Matrices from .npy and .csv files.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "sim/matrix.h"
#include "tools/io/npy.h"

namespace ohmset::io {

enum class Infinities { refused, allowed };

// Whether a file is NPY, by its ending or first bytes.
[[nodiscard]] bool is_npy(const std::string& path);

// A two-dimensional matrix (one-dimensional files become one row), .npy by its ending or first bytes, else CSV: one row
// a line, lines of "# ..." skipped. NaN is refused, and so is a matrix without entries. Throws Error{input} with file
// and line.
[[nodiscard]] Matrix read_matrix(const std::string& path, Infinities infinities = Infinities::refused);

// A list of quantities: .npy or .csv/.txt, any shape, values separated by commas or lines, suffixes as on the command
// line ("4.7k"); `unit` as in parse_quantity. A first line that is no number is a header when the file has one column.
// Infinite values are kept, NaN is refused.
[[nodiscard]] std::vector<double> read_values(const std::string& path, const std::string& unit);

[[nodiscard]] std::string npy_bytes(const Matrix& matrix);
// One row a line, digits that read back to the same number.
[[nodiscard]] std::string csv_text(const Matrix& matrix);
// Before long work: throws Error{input} unless the name ends with .npy or .csv (a device's or pipe's need not), and as
// check_output does.
void check_matrix_output(const std::string& path, bool force);
[[nodiscard]] bool is_csv_name(const std::string& path);
// Writes .csv by the path's ending, else .npy.
void write_matrix(const std::string& path, const Matrix& matrix, bool force);

}  // namespace ohmset::io
