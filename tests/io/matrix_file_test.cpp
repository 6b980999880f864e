// SPDX-License-Identifier: Apache-2.0
#include "tools/io/matrix_file.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <random>

#include "sim/error.h"
#include "sim/units.h"
#include "tests/support/refusal.h"
#include "tests/support/tool.h"

using namespace ohmset;
using namespace ohmset::io;
using ohmset::test::contains;
using ohmset::test::refusal;
using ohmset::test::TemporaryFolder;

namespace {

std::string csv_refusal(const TemporaryFolder& folder, const std::string& text) {
  const std::string path = folder.write("m.csv", text);
  return refusal([&] { static_cast<void>(read_matrix(path)); });
}

Matrix random_matrix(Eigen::Index rows, Eigen::Index columns, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> exponent(-300.0, 300.0);
  return Matrix::NullaryExpr(
      rows, columns, [&](auto, auto) { return (random() % 2 == 0 ? 1.0 : -1.0) * std::exp2(exponent(random)); });
}

}  // namespace

TEST_CASE("a matrix reads back bit for bit from .npy and from .csv") {
  const TemporaryFolder folder;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    CAPTURE(seed);
    const Matrix matrix =
        random_matrix(1 + static_cast<Eigen::Index>(seed % 5), 1 + static_cast<Eigen::Index>(seed % 7), seed);
    for (const std::string name : {"m.npy", "m.csv", "m.bin"}) {
      write_matrix(folder.path(name), matrix, true);
      const Matrix read = read_matrix(folder.path(name));
      REQUIRE(read.rows() == matrix.rows());
      REQUIRE(read.cols() == matrix.cols());
      CHECK(read == matrix);
    }
  }
}

TEST_CASE("CSV: blanks, comments, carriage returns, a byte order mark and suffixes") {
  const TemporaryFolder folder;
  const Matrix m =
      read_matrix(folder.write("m.csv", "\xef\xbb\xbf# a comment\r\n 1, +2.5 ,3e-3\r\n\r\n4.7k,-5,.5\r\n\n"));
  REQUIRE(m.rows() == 2);
  REQUIRE(m.cols() == 3);
  CHECK(m(0, 1) == 2.5);
  CHECK(m(0, 2) == 3e-3);
  CHECK(m(1, 0) == 4700.0);
  CHECK(m(1, 2) == 0.5);
  CHECK(read_matrix(folder.write("m.csv", "1")).size() == 1);
}

TEST_CASE("a vector is one row") {
  const TemporaryFolder folder;
  const std::vector<double> values = {1.0, 2.0, 3.0};
  const Matrix m = read_matrix(folder.write("v.npy", npy_bytes({3}, values.data())));
  CHECK(m.rows() == 1);
  CHECK(m.cols() == 3);
  CHECK(contains(refusal([&] {
                   static_cast<void>(read_matrix(folder.write("v.npy", npy_bytes({1, 1, 3}, values.data()))));
                 }),
                 "3 dimensions"));
}

TEST_CASE("CSV errors name the file and the line") {
  const TemporaryFolder folder;
  CHECK(contains(csv_refusal(folder, "1,2\n3,x\n"), "m.csv:2: "));
  CHECK(contains(csv_refusal(folder, "1,2\n# note\n3\n"), "m.csv:3: 1 values in this row"));
  CHECK(contains(csv_refusal(folder, "1,,2\n"), "m.csv:1: a value is missing"));
  CHECK(contains(csv_refusal(folder, "1,2,\n"), "m.csv:1: a value is missing"));
  CHECK(contains(csv_refusal(folder, "1\n2\nnan\n"), "m.csv:3: "));
  CHECK(contains(csv_refusal(folder, "1 2\n"), "m.csv:1: "));
  CHECK(contains(csv_refusal(folder, "a,b\n1,2\n"), "m.csv:1: "));
  CHECK(contains(csv_refusal(folder, ""), "empty"));
  CHECK(contains(csv_refusal(folder, "\n\n"), "empty"));
  CHECK(!csv_refusal(folder, "1e400\n").empty());
  const std::string binary = csv_refusal(folder, std::string("\x7f"
                                                             "ELF\0\x01\x02,\x03",
                                                             9) +
                                                     std::string(500, '\x1b'));
  CHECK(contains(binary, "m.csv:1: "));
  CHECK(binary.find('\x1b') == std::string::npos);
}

TEST_CASE("infinities are taken where they make sense, NaN nowhere") {
  const TemporaryFolder folder;
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const std::vector<double> with_inf = {1.0, infinity};
  const std::vector<double> with_nan = {1.0, nan};
  for (const std::string& path :
       {folder.write("i.npy", npy_bytes({2, 1}, with_inf.data())), folder.write("i.csv", "1\ninf\n")}) {
    CAPTURE(path);
    CHECK(read_matrix(path, Infinities::allowed)(1, 0) == infinity);
    CHECK(contains(refusal([&] { static_cast<void>(read_matrix(path)); }), "row 1, column 0"));
  }
  const std::string path = folder.write("n.npy", npy_bytes({1, 2}, with_nan.data()));
  CHECK(contains(refusal([&] { static_cast<void>(read_matrix(path, Infinities::allowed)); }), "row 0, column 1"));
  CHECK(contains(refusal([&] { static_cast<void>(read_values(path, "ohm")); }), "value 1"));
}

TEST_CASE("arrays without entries are refused, however large their other extents") {
  const TemporaryFolder folder;
  const double none = 0.0;
  CHECK(!refusal([&] { static_cast<void>(read_matrix(folder.write("e.npy", npy_bytes({0, 5}, &none)))); }).empty());
  CHECK(!refusal([&] {
           static_cast<void>(read_matrix(folder.write("e.npy", npy_bytes({0, std::size_t{1} << 63U}, &none))));
         }).empty());
  CHECK(!refusal([&] { static_cast<void>(read_values(folder.write("e.npy", npy_bytes({0}, &none)), "")); }).empty());
}

TEST_CASE("value lists: commas or lines, suffixes, units and a header of one column") {
  const TemporaryFolder folder;
  CHECK(read_values(folder.write("v.csv", "1k,2.2kohm\n4k7\n"), "ohm") == std::vector{1000.0, 2200.0, 4700.0});
  CHECK(read_values(folder.write("v.txt", "resistance\n1k\n2k\n"), "ohm") == std::vector{1000.0, 2000.0});
  CHECK(read_values(folder.write("v.csv", "inf\n0\n"), "ohm") == std::vector{infinity, 0.0});
  CHECK(contains(refusal([&] { static_cast<void>(read_values(folder.write("v.csv", "1\nvolts\n"), "ohm")); }),
                 "v.csv:2: "));
  CHECK(contains(refusal([&] { static_cast<void>(read_values(folder.write("v.csv", "10M\n"), "ohm")); }), "meg"));
  CHECK(contains(refusal([&] { static_cast<void>(read_values(folder.write("v.csv", "heading\n"), "ohm")); }),
                 "no values"));
}
