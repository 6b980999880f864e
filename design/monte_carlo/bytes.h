// Numbers as bytes, the lowest first, and a digest of bytes. For states that other processes and machines read.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/error.h"

namespace ohmset::mc {

// 64 bits that change with any change of the bytes, for all that chance can do. Not for enemies.
[[nodiscard]] inline std::uint64_t digest(std::string_view bytes) {
  std::uint64_t state = 0x9E3779B97F4A7C15U ^ bytes.size();
  const auto stir = [&](std::uint64_t word) {
    state = (state ^ word) * 0xD6E8FEB86659FD93U;
    state ^= state >> 32U;
  };
  for (std::size_t k = 0; k < bytes.size(); k += 8) {
    std::uint64_t word = 0;
    for (std::size_t byte = k; byte < bytes.size() && byte < k + 8; ++byte) {
      word |= std::uint64_t{static_cast<unsigned char>(bytes[byte])} << (8 * (byte - k));
    }
    stir(word);
  }
  stir(bytes.size());
  return state;
}

// Each structure that is saved has one function `fields(bytes, structure)`, which writes with a Writer and reads with a
// Reader.
class Writer {
 public:
  void operator()(const std::uint64_t& word) {
    for (unsigned byte = 0; byte < 8; ++byte) bytes.push_back(static_cast<char>((word >> (8 * byte)) & 0xFFU));
  }
  void operator()(const double& value) { (*this)(std::bit_cast<std::uint64_t>(value)); }
  void operator()(const bool& value) { bytes.push_back(value ? '\1' : '\0'); }
  void operator()(const char& value) { bytes.push_back(value); }
  void operator()(const unsigned& value) { (*this)(std::uint64_t{value}); }
  template <class T, class Fields>
  void list(std::vector<T>& values, const Fields& fields) {
    (*this)(std::uint64_t{values.size()});
    for (T& value : values) fields(*this, value);
  }

  std::string bytes{};
};

class Reader {
 public:
  explicit Reader(std::string_view bytes) : left_(bytes) {}

  void operator()(std::uint64_t& word) {
    word = 0;
    const std::string_view given = take(8);
    for (unsigned byte = 0; byte < 8; ++byte) {
      word |= std::uint64_t{static_cast<unsigned char>(given[byte])} << (8 * byte);
    }
  }
  void operator()(double& value) {
    std::uint64_t word = 0;
    (*this)(word);
    value = std::bit_cast<double>(word);
  }
  void operator()(bool& value) { value = take(1)[0] != '\0'; }
  void operator()(char& value) { value = take(1)[0]; }
  void operator()(unsigned& value) {
    std::uint64_t word = 0;
    (*this)(word);
    value = static_cast<unsigned>(word);
  }
  template <class T, class Fields>
  void list(std::vector<T>& values, const Fields& fields) {
    std::uint64_t size = 0;
    (*this)(size);
    // Everything takes a byte at least: a size beyond that is not one, and memory is not asked for it.
    if (size > left_.size()) damaged();
    values = std::vector<T>(static_cast<std::size_t>(size));
    for (T& value : values) fields(*this, value);
  }
  [[nodiscard]] bool at_end() const { return left_.empty(); }
  [[noreturn]] static void damaged() { throw input_error("the saved state is truncated or damaged"); }

 private:
  std::string_view take(std::size_t count) {
    if (left_.size() < count) damaged();
    const std::string_view given = left_.substr(0, count);
    left_.remove_prefix(count);
    return given;
  }

  std::string_view left_;
};

}  // namespace ohmset::mc
