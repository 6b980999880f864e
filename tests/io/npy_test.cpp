// SPDX-License-Identifier: Apache-2.0
#include "tools/io/npy.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>

#include "sim/error.h"
#include "tests/support/tool.h"

using namespace ohmset;
using namespace ohmset::io;
using ohmset::test::contains;
using ohmset::test::TemporaryFolder;

namespace {

// An NPY file with this dictionary, padded as NumPy pads it.
std::string npy(const std::string& dictionary, std::string_view data, char major = 1) {
  std::string header = dictionary;
  while ((header.size() + (major == 1 ? 11 : 13)) % 64 != 0) header += ' ';
  header += '\n';
  std::string bytes("\x93NUMPY", 6);
  bytes += major;
  bytes += '\0';
  for (int k = 0; k < (major == 1 ? 2 : 4); ++k) bytes += static_cast<char>(header.size() >> (8 * k) & 0xffU);
  return bytes + header + std::string(data);
}

std::string dictionary(const std::string& descr, bool fortran, const std::string& shape) {
  return "{'descr': '" + descr + "', 'fortran_order': " + (fortran ? "True" : "False") + ", 'shape': " + shape + ", }";
}

template <class T>
std::string raw(const std::vector<T>& values, bool swapped = false) {
  std::string bytes(values.size() * sizeof(T), '\0');
  if (!values.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
  for (std::size_t k = 0; swapped && k < values.size(); ++k) {
    std::reverse(bytes.begin() + static_cast<std::ptrdiff_t>(k * sizeof(T)),
                 bytes.begin() + static_cast<std::ptrdiff_t>((k + 1) * sizeof(T)));
  }
  return bytes;
}

std::string refusal(const TemporaryFolder& folder, const std::string& bytes) {
  const std::string path = folder.write("a.npy", bytes);
  try {
    static_cast<void>(read_npy_doubles(path));
  } catch (const Error& error) {
    CHECK(error.fault() == Fault::input);
    CHECK(std::string(error.what()).starts_with(path));
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("what is written reads back bit for bit, with its shape") {
  const TemporaryFolder folder;
  for (const std::vector<std::size_t>& shape :
       std::vector<std::vector<std::size_t>>{{}, {1}, {7}, {3, 4}, {2, 3, 5}, {0, 4}, {4, 0}, {1, 1, 1, 2}}) {
    std::size_t count = 1;
    for (const std::size_t extent : shape) count *= extent;
    std::mt19937_64 random(count);
    std::vector<double> doubles(count);
    std::vector<std::uint64_t> words(count);
    std::vector<std::uint8_t> bytes(count);
    for (std::size_t k = 0; k < count; ++k) {
      words[k] = random();
      bytes[k] = static_cast<std::uint8_t>(words[k]);
      doubles[k] =
          k % 3 == 0 ? std::numeric_limits<double>::infinity() : std::ldexp(static_cast<double>(words[k]), -90);
    }
    const auto d = read_npy_doubles(folder.write("d.npy", npy_bytes(shape, doubles.data())));
    const auto w = read_npy_uint64(folder.write("w.npy", npy_bytes(shape, words.data())));
    const auto b = read_npy_uint8(folder.write("b.npy", npy_bytes(shape, bytes.data())));
    CHECK(d.shape == shape);
    CHECK(d.data == doubles);
    CHECK(w.shape == shape);
    CHECK(w.data == words);
    CHECK(b.shape == shape);
    CHECK(b.data == bytes);
  }
}

TEST_CASE("the data begins at a multiple of 64 bytes, as the format asks") {
  const double one = 1.0;
  CHECK((npy_bytes({1}, &one).size() - sizeof(double)) % 64 == 0);
}

TEST_CASE("float32 and big-endian arrays give the same numbers") {
  const TemporaryFolder folder;
  const std::vector<double> doubles = {1.5, -0.25, 1e30, 0.0, 3.0, -7.0};
  const std::vector<float> floats(doubles.begin(), doubles.end());
  const std::vector<double> rounded(floats.begin(), floats.end());
  for (const bool swapped : {false, true}) {
    const std::string order = swapped ? ">" : "<";
    CHECK(read_npy_doubles(folder.write("a.npy", npy(dictionary(order + "f8", false, "(2, 3)"), raw(doubles, swapped))))
              .data == doubles);
    CHECK(read_npy_doubles(folder.write("a.npy", npy(dictionary(order + "f4", false, "(2, 3)"), raw(floats, swapped))))
              .data == rounded);
  }
}

TEST_CASE("Fortran order is turned into C order") {
  const TemporaryFolder folder;
  // f(i, j, k) = 100 i + 10 j + k, first index fastest in the file.
  std::vector<double> fortran;
  std::vector<double> expected;
  for (int k = 0; k < 4; ++k) {
    for (int j = 0; j < 3; ++j) {
      for (int i = 0; i < 2; ++i) fortran.push_back(100.0 * i + 10.0 * j + k);
    }
  }
  for (int i = 0; i < 2; ++i) {
    for (int j = 0; j < 3; ++j) {
      for (int k = 0; k < 4; ++k) expected.push_back(100.0 * i + 10.0 * j + k);
    }
  }
  const auto array = read_npy_doubles(folder.write("a.npy", npy(dictionary("<f8", true, "(2, 3, 4)"), raw(fortran))));
  CHECK(array.shape == std::vector<std::size_t>{2, 3, 4});
  CHECK(array.data == expected);
}

TEST_CASE("versions 2 and 3, keys in any order and Python 2's long integers are read") {
  const TemporaryFolder folder;
  const std::string keys = "{\"shape\": (2L,), \"fortran_order\": False, \"descr\": \"<f8\"}";
  for (const char major : {'\1', '\2', '\3'}) {
    CAPTURE(int{major});
    CHECK(read_npy_doubles(folder.write("a.npy", npy(keys, raw(std::vector{1.0, 2.0}), major))).data ==
          std::vector{1.0, 2.0});
  }
}

TEST_CASE("every truncation and every extra byte is refused") {
  const TemporaryFolder folder;
  const std::string whole = npy(dictionary("<f8", false, "(2, 3)"), raw(std::vector<double>(6, 1.25)));
  REQUIRE(refusal(folder, whole).empty());
  for (std::size_t length = 0; length < whole.size(); ++length) {
    CAPTURE(length);
    CHECK(!refusal(folder, whole.substr(0, length)).empty());
  }
  CHECK(contains(refusal(folder, whole + "x"), "1 bytes follow"));
}

TEST_CASE("what is no array of floats is refused by name") {
  const TemporaryFolder folder;
  const std::string data(48, '\0');
  const auto with = [&](const std::string& descr) {
    return refusal(folder, npy(dictionary(descr, false, "(2, 3)"), data));
  };
  CHECK(contains(with("|O"), "Python objects"));
  CHECK(contains(with("<i8"), "expected float32 or float64"));
  CHECK(contains(with("<c8"), "<c8"));
  CHECK(contains(with(""), "dtype"));
  CHECK(contains(refusal(folder, npy("{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (6,)}", data)),
                 "structured"));
  CHECK(contains(refusal(folder, "1,2,3\n"), "not an NPY file"));
  CHECK(contains(refusal(folder, ""), "empty"));
  const std::string path = folder.write("u.npy", npy(dictionary("<f8", false, "(6,)"), data));
  CHECK_THROWS_AS(static_cast<void>(read_npy_uint64(path)), Error);
  CHECK_THROWS_AS(static_cast<void>(read_npy_uint8(path)), Error);
}

TEST_CASE("shapes that overflow or announce more than is there are refused without allocating") {
  const TemporaryFolder folder;
  for (const std::string shape : {"(4294967296, 4294967296)", "(18446744073709551615,)", "(99999999999999999999999,)",
                                  "(2305843009213693952,)", "(1000000000000,)", "(3, -1)", "(2.0, 3)", "2", "(2, 3"}) {
    CAPTURE(shape);
    CHECK(!refusal(folder, npy(dictionary("<f8", false, shape), "12345678")).empty());
  }
  std::string many = "(1";
  for (int k = 0; k < 40; ++k) many += ", 1";
  CHECK(!refusal(folder, npy(dictionary("<f8", false, many + ")"), "12345678")).empty());
}

TEST_CASE("damaged headers are refused") {
  const TemporaryFolder folder;
  for (const std::string header :
       {"", "{", "{}", "{'descr': '<f8'}", "{'descr': '<f8', 'fortran_order': False}", "{'descr': '<f8",
        "{'descr': '<f8', 'descr': '<f8', 'fortran_order': False, 'shape': (1,)}",
        "{'descr': '<f8', 'fortran_order': Maybe, 'shape': (1,)}",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (1,), 'extra': 1}",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (1,)} and more"}) {
    CAPTURE(header);
    CHECK(!refusal(folder, npy(header, "12345678")).empty());
  }
  std::string version = npy(dictionary("<f8", false, "(1,)"), "12345678");
  version[6] = 9;
  CHECK(contains(refusal(folder, version), "version 9"));
}

TEST_CASE("random damage is refused or read, and never does anything else") {
  const TemporaryFolder folder;
  const std::string whole = npy(dictionary("<f8", false, "(2, 3)"), raw(std::vector<double>(6, 1.25)));
  std::size_t refused = 0;
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    std::string damaged = whole;
    for (std::uint64_t k = 0; k <= seed % 4; ++k) damaged[random() % 90] = static_cast<char>(random());
    const std::string path = folder.write("a.npy", damaged);
    try {
      const auto array = read_npy_doubles(path);
      CHECK(array.data.size() <= 12);
    } catch (const Error& error) {
      CHECK(error.fault() == Fault::input);
      ++refused;
    }
  }
  CHECK(refused > 1000);
}

TEST_CASE("a matrix read to where it stays is what the general way reads, or refused in the same words") {
  const TemporaryFolder folder;
  const auto outcome = [&](const std::string& path, bool directly) -> std::string {
    try {
      if (directly) {
        const ohmset::Matrix matrix = read_npy_matrix(path);
        return npy_bytes({static_cast<std::size_t>(matrix.rows()), static_cast<std::size_t>(matrix.cols())},
                         matrix.data());
      }
      const auto array = read_npy_doubles(path);
      if (array.shape.empty() || array.shape.size() > 2) return "another shape";
      if (array.data.empty()) return npy_bytes({0, 0}, array.data.data());
      return npy_bytes({array.shape.size() == 2 ? array.shape[0] : 1, array.shape.back()}, array.data.data());
    } catch (const Error& error) {
      return contains(error.what(), "dimensions") ? "another shape" : error.what();
    }
  };
  const std::vector<double> numbers = {1.25, -2.5, 0.0, 1e300, 4.0, 5.0};
  const std::string whole = npy(dictionary("<f8", false, "(2, 3)"), raw(numbers));
  for (const std::string& bytes :
       {whole, npy(dictionary("<f8", true, "(2, 3)"), raw(numbers)),
        npy(dictionary("<f8", false, "(6,)"), raw(numbers)), npy(dictionary("<f8", true, "(6,)"), raw(numbers)),
        npy(dictionary("<f8", false, "(1, 2, 3)"), raw(numbers)),
        npy(dictionary("<f8", false, "()"), raw(std::vector{1.0})), npy(dictionary("<f8", false, "(0, 3)"), ""),
        npy(dictionary(">f8", false, "(2, 3)"), raw(numbers)), npy(dictionary("<f8", false, "(2, 3)"), raw(numbers), 2),
        npy(dictionary("<f8", false, "(3, 3)"), raw(numbers)), npy(dictionary("<f8", false, "(2, 2)"), raw(numbers)),
        npy(dictionary("<f8", false, "(2305843009213693952, 8)"), raw(numbers))}) {
    const std::string path = folder.write("a.npy", bytes);
    CHECK(outcome(path, true) == outcome(path, false));
  }
  CHECK(outcome(folder.path("none.npy"), true) == outcome(folder.path("none.npy"), false));
  for (std::size_t length = 0; length <= whole.size(); ++length) {
    CAPTURE(length);
    const std::string path = folder.write("a.npy", whole.substr(0, length));
    CHECK(outcome(path, true) == outcome(path, false));
  }
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    std::string damaged = whole;
    for (std::uint64_t k = 0; k <= seed % 4; ++k) damaged[random() % 90] = static_cast<char>(random());
    const std::string path = folder.write("a.npy", damaged);
    CHECK(outcome(path, true) == outcome(path, false));
  }
}
