// SPDX-License-Identifier: Apache-2.0
#include "tools/io/npy.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>

#include "sim/error.h"
#include "tools/io/file.h"

namespace ohmset::io {
namespace {

static_assert(std::endian::native == std::endian::little, "the arrays are copied as they lie in memory");

constexpr std::string_view magic("\x93NUMPY", 6);
constexpr std::size_t most_header = std::size_t{1} << 16U;
constexpr std::size_t most_dimensions = 32;

struct Header {
  std::string descr{};
  bool fortran_order = false;
  std::vector<std::size_t> shape{};
  std::size_t data_begin = 0;
  std::size_t count = 1;  // product of the shape
};

[[noreturn]] void refuse(const std::string& file, std::string_view wrong, std::string_view expected = {}) {
  throw input_error(Where{file}, wrong, expected);
}

// The header is a Python dictionary literal with three known keys in any order.
class HeaderParser {
 public:
  HeaderParser(std::string_view text, const std::string& file) : text_(text), file_(file) {}

  [[nodiscard]] Header parse() {
    Header header;
    bool descr = false;
    bool order = false;
    bool shape = false;
    expect('{');
    while (!accept('}')) {
      const std::string key = string();
      expect(':');
      bool* seen = key == "descr" ? &descr : key == "fortran_order" ? &order : key == "shape" ? &shape : nullptr;
      if (seen == nullptr || *seen) broken();
      *seen = true;
      if (key == "descr") header.descr = descr_value();
      if (key == "fortran_order") header.fortran_order = boolean();
      if (key == "shape") header.shape = tuple();
      if (!accept(',')) {
        expect('}');
        break;
      }
    }
    skip_space();
    if (!text_.empty() || !descr || !order || !shape) broken();
    return header;
  }

 private:
  [[noreturn]] void broken() const { refuse(file_, "the NPY header is damaged"); }

  void skip_space() {
    while (!text_.empty() && (text_.front() == ' ' || text_.front() == '\n' || text_.front() == '\t')) {
      text_.remove_prefix(1);
    }
  }
  [[nodiscard]] bool accept(char c) {
    skip_space();
    if (text_.empty() || text_.front() != c) return false;
    text_.remove_prefix(1);
    return true;
  }
  void expect(char c) {
    if (!accept(c)) broken();
  }
  [[nodiscard]] std::string string() {
    skip_space();
    if (text_.empty() || (text_.front() != '\'' && text_.front() != '"')) broken();
    const std::size_t end = text_.find(text_.front(), 1);
    if (end == std::string_view::npos) broken();
    std::string value(text_.substr(1, end - 1));
    text_.remove_prefix(end + 1);
    return value;
  }
  [[nodiscard]] std::string descr_value() {
    skip_space();
    if (!text_.empty() && text_.front() == '[') refuse(file_, "a structured array", "expected plain numbers");
    return string();
  }
  [[nodiscard]] bool boolean() {
    skip_space();
    for (const std::string_view word : {"True", "False"}) {
      if (!text_.starts_with(word)) continue;
      text_.remove_prefix(word.size());
      return word == "True";
    }
    broken();
  }
  [[nodiscard]] std::vector<std::size_t> tuple() {
    std::vector<std::size_t> values;
    expect('(');
    while (!accept(')')) {
      skip_space();
      std::size_t value = 0;
      const auto [end, failed] = std::from_chars(text_.data(), text_.data() + text_.size(), value);
      if (failed == std::errc::result_out_of_range) refuse(file_, "the array's shape is too large");
      if (failed != std::errc{} || values.size() == most_dimensions) broken();
      text_.remove_prefix(static_cast<std::size_t>(end - text_.data()));
      if (text_.starts_with("L")) text_.remove_prefix(1);  // Python 2 wrote long integers so
      values.push_back(value);
      if (!accept(',')) {
        expect(')');
        break;
      }
    }
    return values;
  }

  std::string_view text_;
  const std::string& file_;
};

std::size_t little_endian(std::string_view bytes) {
  std::size_t value = 0;
  for (std::size_t k = bytes.size(); k-- > 0;) value = value << 8U | static_cast<unsigned char>(bytes[k]);
  return value;
}

Header read_header(std::string_view bytes, const std::string& file) {
  if (bytes.empty()) refuse(file, "the file is empty", "expected an NPY array");
  if (!bytes.starts_with(magic)) refuse(file, "not an NPY file", "its first bytes should be \\x93NUMPY");
  if (bytes.size() < 10) refuse(file, "the NPY header is truncated");
  const unsigned major = static_cast<unsigned char>(bytes[6]);
  if (major < 1 || major > 3) refuse(file, "NPY version " + std::to_string(major), "expected 1, 2 or 3");
  const std::size_t length_bytes = major == 1 ? 2 : 4;
  const std::size_t begin = 8 + length_bytes;
  if (bytes.size() < begin) refuse(file, "the NPY header is truncated");
  const std::size_t length = little_endian(bytes.substr(8, length_bytes));
  if (length > most_header) refuse(file, "the NPY header is too long");
  if (bytes.size() - begin < length) refuse(file, "the NPY header is truncated");

  Header header = HeaderParser(bytes.substr(begin, length), file).parse();
  header.data_begin = begin + length;
  for (const std::size_t extent : header.shape) {
    if (__builtin_mul_overflow(header.count, extent, &header.count)) refuse(file, "the array's shape is too large");
  }
  return header;
}

// "<f8" -> byte order and kind with size.
struct Dtype {
  bool swapped = false;
  std::string kind{};
};

Dtype dtype_of(const Header& header, const std::string& file, std::string_view expected) {
  const std::string_view descr = header.descr;
  if (descr.size() < 2) refuse(file, "dtype \"" + header.descr + "\"", expected);
  if (descr.find('O') != std::string_view::npos) refuse(file, "the array holds Python objects", expected);
  const bool has_order = std::string_view("<>=|").find(descr.front()) != std::string_view::npos;
  return {.swapped = descr.front() == '>', .kind = std::string(has_order ? descr.substr(1) : descr)};
}

template <class Stored, class T>
std::vector<T> decode(std::string_view bytes, std::size_t count, bool swapped, const std::string& file) {
  std::size_t needed = 0;
  if (__builtin_mul_overflow(count, sizeof(Stored), &needed)) refuse(file, "the array's shape is too large");
  if (bytes.size() < needed) {
    refuse(file, "the file is truncated",
           std::to_string(needed) + " bytes of data are announced, " + std::to_string(bytes.size()) + " are there");
  }
  if (bytes.size() > needed) {
    refuse(file, std::to_string(bytes.size() - needed) + " bytes follow the array", "expected its end");
  }
  std::vector<T> values(count);
  for (std::size_t k = 0; k < count; ++k) {
    std::array<char, sizeof(Stored)> raw{};
    std::memcpy(raw.data(), bytes.data() + k * sizeof(Stored), sizeof(Stored));
    if (swapped) {
      for (std::size_t b = 0; b < sizeof(Stored) / 2; ++b) std::swap(raw[b], raw[sizeof(Stored) - 1 - b]);
    }
    values[k] = static_cast<T>(std::bit_cast<Stored>(raw));
  }
  return values;
}

// From Fortran order (first index fastest) to C order (last index fastest).
template <class T>
std::vector<T> to_c_order(const std::vector<T>& values, const std::vector<std::size_t>& shape) {
  std::vector<T> result(values.size());
  std::vector<std::size_t> strides(shape.size(), 1);  // of the result
  for (std::size_t d = shape.size(); d-- > 1;) strides[d - 1] = strides[d] * shape[d];
  std::vector<std::size_t> index(shape.size(), 0);
  std::size_t place = 0;
  for (const T value : values) {
    result[place] = value;
    for (std::size_t d = 0; d < shape.size(); ++d) {
      place += strides[d];
      if (++index[d] < shape[d]) break;
      place -= strides[d] * shape[d];
      index[d] = 0;
    }
  }
  return result;
}

template <class T>
NpyArray<T> arranged(const Header& header, std::vector<T> values) {
  if (header.fortran_order && header.shape.size() > 1) values = to_c_order(values, header.shape);
  return {.shape = header.shape, .data = std::move(values)};
}

struct Closer {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

// Nothing when the file is not simply the matrix's own bytes behind a header: then the general way answers or refuses.
std::optional<Matrix> matrix_as_it_lies(const std::string& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  const std::unique_ptr<std::FILE, Closer> file(std::fopen(path.c_str(), "rb"));
  if (file == nullptr || std::setvbuf(file.get(), nullptr, _IONBF, 0) != 0) return std::nullopt;
  std::array<char, 4096> begin{};
  const std::string_view bytes(begin.data(), std::fread(begin.data(), 1, begin.size(), file.get()));
  if (bytes.size() < 10 || bytes[6] != 1 || 10 + little_endian(bytes.substr(8, 2)) > bytes.size()) return std::nullopt;
  const Header header = read_header(bytes, path);
  const bool flat = header.shape.size() == 1;
  if ((!flat && (header.shape.size() != 2 || header.fortran_order)) || header.descr != "<f8" || header.count == 0 ||
      header.count > static_cast<std::size_t>(status.st_size) / sizeof(double) ||
      header.data_begin + header.count * sizeof(double) != static_cast<std::size_t>(status.st_size)) {
    return std::nullopt;
  }
  Matrix matrix(static_cast<Eigen::Index>(flat ? 1 : header.shape[0]), static_cast<Eigen::Index>(header.shape.back()));
  if (std::fseek(file.get(), static_cast<long>(header.data_begin), SEEK_SET) != 0) return std::nullopt;
  if (std::fread(matrix.data(), sizeof(double), header.count, file.get()) != header.count) return std::nullopt;
  return matrix;
}

std::string header_bytes(std::string_view descr, const std::vector<std::size_t>& shape) {
  std::string text = "{'descr': '" + std::string(descr) + "', 'fortran_order': False, 'shape': (";
  for (std::size_t d = 0; d < shape.size(); ++d) {
    if (d > 0) text += ' ';
    text += std::to_string(shape[d]);
    if (d == 0 || d + 1 < shape.size()) text += ',';
  }
  text += "), }";
  while ((10 + text.size() + 1) % 64 != 0) text += ' ';
  text += '\n';
  std::string bytes(magic);
  bytes += {'\x01', '\x00', static_cast<char>(text.size() & 0xffU), static_cast<char>(text.size() >> 8U)};
  return bytes + text;
}

template <class T>
NpyParts parts_of(std::string_view descr, const std::vector<std::size_t>& shape, const T* data) {
  std::size_t count = 1;
  for (const std::size_t extent : shape) count *= extent;
  return {header_bytes(descr, shape), {reinterpret_cast<const char*>(data), count * sizeof(T)}};
}

template <class T>
std::string array_bytes(const std::vector<std::size_t>& shape, const T* data) {
  auto [bytes, rest] = npy_parts(shape, data);
  return bytes.append(rest);
}

}  // namespace

NpyArray<double> read_npy_doubles(const std::string& path) {
  const std::string bytes = read_file(path);
  const Header header = read_header(bytes, path);
  const Dtype dtype = dtype_of(header, path, "expected float32 or float64");
  const std::string_view data = std::string_view(bytes).substr(header.data_begin);
  if (dtype.kind == "f8") return arranged(header, decode<double, double>(data, header.count, dtype.swapped, path));
  if (dtype.kind == "f4") return arranged(header, decode<float, double>(data, header.count, dtype.swapped, path));
  refuse(path, "dtype \"" + header.descr + "\"", "expected float32 or float64");
}

Matrix read_npy_matrix(const std::string& path) {
  if (auto matrix = matrix_as_it_lies(path)) return *std::move(matrix);
  const NpyArray<double> array = read_npy_doubles(path);
  if (array.shape.empty() || array.shape.size() > 2) {
    refuse(path, "the array has " + std::to_string(array.shape.size()) + " dimensions", "expected a matrix of 2");
  }
  if (array.data.empty()) return {};
  const std::size_t rows = array.shape.size() == 2 ? array.shape[0] : 1;
  Matrix matrix(static_cast<Eigen::Index>(rows), static_cast<Eigen::Index>(array.shape.back()));
  std::copy(array.data.begin(), array.data.end(), matrix.data());
  return matrix;
}

NpyArray<std::uint64_t> read_npy_uint64(const std::string& path) {
  const std::string bytes = read_file(path);
  const Header header = read_header(bytes, path);
  const Dtype dtype = dtype_of(header, path, "expected uint64");
  if (dtype.kind != "u8") refuse(path, "dtype \"" + header.descr + "\"", "expected uint64");
  const std::string_view data = std::string_view(bytes).substr(header.data_begin);
  return arranged(header, decode<std::uint64_t, std::uint64_t>(data, header.count, dtype.swapped, path));
}

NpyArray<std::uint8_t> read_npy_uint8(const std::string& path) {
  const std::string bytes = read_file(path);
  const Header header = read_header(bytes, path);
  const Dtype dtype = dtype_of(header, path, "expected uint8");
  if (dtype.kind != "u1") refuse(path, "dtype \"" + header.descr + "\"", "expected uint8");
  const std::string_view data = std::string_view(bytes).substr(header.data_begin);
  return arranged(header, decode<std::uint8_t, std::uint8_t>(data, header.count, dtype.swapped, path));
}

std::string npy_bytes(const std::vector<std::size_t>& shape, const double* data) { return array_bytes(shape, data); }
std::string npy_bytes(const std::vector<std::size_t>& shape, const std::uint64_t* data) {
  return array_bytes(shape, data);
}
std::string npy_bytes(const std::vector<std::size_t>& shape, const std::uint8_t* data) {
  return array_bytes(shape, data);
}

NpyParts npy_parts(const std::vector<std::size_t>& shape, const double* data) { return parts_of("<f8", shape, data); }
NpyParts npy_parts(const std::vector<std::size_t>& shape, const std::uint64_t* data) {
  return parts_of("<u8", shape, data);
}
NpyParts npy_parts(const std::vector<std::size_t>& shape, const std::uint8_t* data) {
  return parts_of("|u1", shape, data);
}

}  // namespace ohmset::io
