// NumPy's NPY format, versions 1 to 3: read and written by hand, nothing trusted.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/matrix.h"

namespace ohmset::io {

// C order, whatever the file's order was.
template <class T>
struct NpyArray {
  std::vector<std::size_t> shape{};
  std::vector<T> data{};
};

// float32 or float64, C or Fortran order, little or big endian. Throws Error{input} naming the file for everything
// else, truncated or oversized files included.
[[nodiscard]] NpyArray<double> read_npy_doubles(const std::string& path);
[[nodiscard]] NpyArray<std::uint64_t> read_npy_uint64(const std::string& path);
[[nodiscard]] NpyArray<std::uint8_t> read_npy_uint8(const std::string& path);

// A file of one or two dimensions as a matrix (one: a single row), read to where it stays when its bytes lie as ours
// do. Throws like read_npy_doubles, and for other dimensions.
[[nodiscard]] Matrix read_npy_matrix(const std::string& path);

// The bytes of an NPY file, version 1.0, little endian, C order.
[[nodiscard]] std::string npy_bytes(const std::vector<std::size_t>& shape, const double* data);
[[nodiscard]] std::string npy_bytes(const std::vector<std::size_t>& shape, const std::uint64_t* data);
[[nodiscard]] std::string npy_bytes(const std::vector<std::size_t>& shape, const std::uint8_t* data);

// The same in two parts: the header, and the data where they lie.
struct NpyParts {
  std::string header{};
  std::string_view data{};
};
[[nodiscard]] NpyParts npy_parts(const std::vector<std::size_t>& shape, const double* data);
[[nodiscard]] NpyParts npy_parts(const std::vector<std::size_t>& shape, const std::uint64_t* data);
[[nodiscard]] NpyParts npy_parts(const std::vector<std::size_t>& shape, const std::uint8_t* data);

}  // namespace ohmset::io
