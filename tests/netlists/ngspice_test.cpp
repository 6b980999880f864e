// Decks of every temper through ngspice: the workers survive what the library does not.
// SPDX-License-Identifier: Apache-2.0
#include "netlists/ngspice.h"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "sim/error.h"
#include "tests/support/tool.h"

namespace {

using ohmset::Ngspice;
using ohmset::NgspiceResult;

const std::string divider = "divider\nv1 a 0 1\nr1 a b 1000\nr2 b 0 3000\n.op\n.end\n";

double value(const NgspiceResult& result, const std::string& name) {
  const auto found = result.values.find(name);
  return found == result.values.end() ? std::nan("") : found->second;
}

// The variable TMPDIR for as long as it lives: folders of this process alone, whatever runs beside it.
class TemporaryFoldersIn {
 public:
  explicit TemporaryFoldersIn(const std::string& folder) {
    if (const char* const value = std::getenv("TMPDIR")) before_ = value;
    ::setenv("TMPDIR", folder.c_str(), 1);
  }
  ~TemporaryFoldersIn() {
    if (before_) {
      ::setenv("TMPDIR", before_->c_str(), 1);
    } else {
      ::unsetenv("TMPDIR");
    }
  }
  TemporaryFoldersIn(const TemporaryFoldersIn&) = delete;
  TemporaryFoldersIn& operator=(const TemporaryFoldersIn&) = delete;

 private:
  std::optional<std::string> before_{};
};

std::size_t resident_pages_of_children() {
  std::size_t pages = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    std::ifstream stat(entry.path() / "stat");
    std::string text;
    if (!stat || !std::getline(stat, text)) continue;
    const std::size_t after = text.rfind(')');
    if (after == std::string::npos) continue;
    std::istringstream rest(text.substr(after + 2));
    char state = ' ';
    long parent = 0;
    rest >> state >> parent;
    if (parent != static_cast<long>(::getpid())) continue;
    std::ifstream statm(entry.path() / "statm");
    std::size_t total = 0;
    std::size_t resident = 0;
    statm >> total >> resident;
    pages += resident;
  }
  return pages;
}

}  // namespace

TEST_CASE("a divider divides, and sources carry the current that SPICE counts") {
  Ngspice ngspice({.workers = 1});
  CHECK(ngspice.version().find_first_of("0123456789") == 0);
  const NgspiceResult result = ngspice.operating_point(divider);
  REQUIRE_MESSAGE(result.ok, result.failure);
  CHECK(value(result, "b") == doctest::Approx(0.75).epsilon(1e-14));
  CHECK(value(result, "v1#branch") == doctest::Approx(-0.00025).epsilon(1e-14));
}

TEST_CASE("decks that cannot be solved fail with a reason, and the next deck is answered as if nothing happened") {
  struct Hostile {
    std::string deck{};
    std::string reason{};  // in the failure
  };
  const std::vector<Hostile> decks{
      {"t\nv1 1 0 1\nr1 1 2 {foo}\nr2 2 0 3k\n.end\n", "foo"},
      {"t\nv1 1 0 1\n.subckt a p n\nr1 p n 1k\nx1 1 0 a\n.end\n", ".ends"},
      {"t\nv1 1 0 1\nx1 1 0 nosuch\n.end\n", "nosuch"},
      {"t\nv1 1 0 1\nr1 1 0 1k\nr2 3 4 1k\n.end\n", "singular"},
      {"t\nv1 1 0 1\nv2 1 0 2\nr1 1 0 1\n.end\n", "singular"},
      {"t\nv1 1 0 1\nr1 1 0 1k\nr1 1 0 2k\n.end\n", "r1"},
      {"t\nv1 1 0 1\nr1 1 0 abc\n.end\n", "abc"},
      {"t\nq1 1 2 3 nomodel\nv1 1 0 1\n.end\n", "q1"},
      {"t\nv1 1 0 1\nr1 1 0 1k\n", ".end"},
      {"t\n.end\n", ""},
      {"", "empty"},
      {"\n\n\n", "empty"},
      {std::string("t\nv1 1 0 1\0r1 1 0 1\n.end\n", 24), "text"},
      {"t\nv1 1 0 1\nr1 1 0 1k\n.control\nop\n.endc\n.end\n", ".control"},
      {"t\nv1 1 0 1\nr1 1 0 1k\n  .CONTROL\nop\n.endc\n.end\n", ".control"},
      {"t\n.include /etc/passwd\nv1 1 0 1\nr1 1 0 1k\n.end\n", ".inc"},
      {"t\n.lib /etc/passwd x\nv1 1 0 1\nr1 1 0 1k\n.end\n", ".lib"},
      {"t\nv1 1 0 1\n*#shell true\nr1 1 0 1k\n.end\n", "*#"},
  };
  Ngspice ngspice({.workers = 1});
  for (const Hostile& hostile : decks) {
    CAPTURE(hostile.deck);
    const NgspiceResult result = ngspice.operating_point(hostile.deck);
    CHECK_FALSE(result.ok);
    CHECK(result.failure.find(hostile.reason) != std::string::npos);
    CHECK(result.failure.find('\n') == std::string::npos);
    CHECK_FALSE(result.failure.empty());
    const NgspiceResult after = ngspice.operating_point(divider);
    REQUIRE_MESSAGE(after.ok, after.failure);
    CHECK(value(after, "b") == doctest::Approx(0.75).epsilon(1e-14));
    CHECK(std::isnan(value(after, "1")));
  }
}

TEST_CASE("a shell escape in a deck is never run") {
  const ohmset::test::TemporaryFolder folder;
  const std::string mark = folder.path("mark");
  Ngspice ngspice({.workers = 1});
  for (const std::string escape : {".control\nshell touch ", "*#shell touch ", ".control\n!touch "}) {
    const std::string deck = "t\nv1 1 0 1\nr1 1 0 1k\n" + escape + mark + "\n.endc\n.end\n";
    CHECK_FALSE(ngspice.operating_point(deck).ok);
    CHECK_FALSE(folder.has("mark"));
  }
}

TEST_CASE("results come in index order and are the same with one worker and with three") {
  const auto deck = [](std::size_t k) {
    if (k % 7 == 3) return std::string("t\nv1 1 0 1\nx1 1 0 nosuch\n.end\n");
    return fmt::format("t\nv1 a 0 1\nr1 a b {}\nr2 b 0 1\n.end\n", k + 1);
  };
  std::vector<std::vector<double>> answers;
  for (const int workers : {1, 3}) {
    Ngspice ngspice({.workers = workers});
    std::vector<double> found;
    ngspice.operating_points(40, deck, [&](std::size_t k, const NgspiceResult& result) {
      CHECK(k == found.size());
      CHECK(result.ok == (k % 7 != 3));
      found.push_back(result.ok ? value(result, "b") : -1.0);
    });
    REQUIRE(found.size() == 40);
    for (std::size_t k = 0; k < 40; ++k) {
      if (k % 7 != 3) CHECK(found[k] == doctest::Approx(1.0 / (static_cast<double>(k) + 2.0)).epsilon(1e-13));
    }
    answers.push_back(found);
  }
  CHECK(answers[0] == answers[1]);
}

TEST_CASE("what the caller's functions throw comes out, and the pool still works") {
  Ngspice ngspice({.workers = 2});
  const auto deck = [](std::size_t) { return divider; };
  CHECK_THROWS_AS(ngspice.operating_points(9, deck,
                                           [](std::size_t k, const NgspiceResult&) {
                                             if (k == 4) throw std::runtime_error("stop");
                                           }),
                  std::runtime_error);
  CHECK_THROWS_AS(ngspice.operating_points(
                      9, [](std::size_t k) -> std::string { return k < 5 ? divider : throw std::runtime_error("no"); },
                      [](std::size_t, const NgspiceResult&) {}),
                  std::runtime_error);
  CHECK(ngspice.operating_point(divider).ok);
}

TEST_CASE("a deck that takes too long is given up, and its worker replaced") {
  // A wire grid that ngspice needs many seconds for.
  constexpr int side = 150;
  std::string slow = "t\nv1 n0_0 0 1\n";
  const auto node = [](int i, int j) { return fmt::format("n{}_{}", i, j); };
  for (int i = 0; i < side; ++i) {
    for (int j = 0; j < side; ++j) {
      const std::string name = fmt::format("{}_{}", i, j);
      if (i + 1 < side) slow += "rd" + name + " " + node(i, j) + " " + node(i + 1, j) + " 1\n";
      if (j + 1 < side) slow += "rr" + name + " " + node(i, j) + " " + node(i, j + 1) + " 1\n";
      slow += "rg" + name + " " + node(i, j) + " 0 1000\n";
    }
  }
  slow += ".end\n";
  Ngspice ngspice({.workers = 1, .timeout_seconds = 0.3});
  const NgspiceResult result = ngspice.operating_point(slow);
  CHECK_FALSE(result.ok);
  CHECK(result.failure.find("seconds") != std::string::npos);
  CHECK(ngspice.operating_point(divider).ok);
}

// The address sanitizer keeps freed memory on purpose: nothing to measure then.
#ifdef __SANITIZE_ADDRESS__
constexpr bool freed_memory_is_kept = true;
#else
constexpr bool freed_memory_is_kept = false;
#endif

TEST_CASE("hundreds of decks in one worker leave its memory where it was" * doctest::skip(freed_memory_is_kept)) {
  Ngspice ngspice({.workers = 1});
  std::string ladder = "t\nv1 n0 0 1\n";
  for (int k = 0; k < 200; ++k) {
    ladder += fmt::format("rs{0} n{0} n{1} 10\nrp{0} n{0} 0 100\n", k, k + 1);
  }
  ladder += "rend n200 0 10\n.end\n";
  const auto run = [&](std::size_t count) {
    ngspice.operating_points(
        count, [&](std::size_t) { return ladder; },
        [](std::size_t, const NgspiceResult& result) { REQUIRE_MESSAGE(result.ok, result.failure); });
  };
  run(60);
  const std::size_t before = resident_pages_of_children();
  run(300);
  const std::size_t after = resident_pages_of_children();
  REQUIRE(before > 0);
  // Without clean-up each of these decks would leave more than 100 kB, 7,500 pages in all.
  CHECK(after < before + 1500);
}

TEST_CASE("a library that is not there is an error of the outside world, in one line") {
  for (const std::string library : {"/nonexistent/libngspice.so.0", "libm.so.6"}) {
    try {
      const Ngspice ngspice({.library = library});
      FAIL("it started");
    } catch (const ohmset::Error& error) {
      const std::string what = error.what();
      CHECK(error.fault() == ohmset::Fault::world);
      CHECK(what.starts_with("ngspice's shared library cannot be loaded: "));
      CHECK(what.find(library) != std::string::npos);
      CHECK(what.ends_with("install libngspice0"));
      CHECK(what.find('\n') == std::string::npos);
    }
  }
}

TEST_CASE("workers leave no folder behind, dead ones neither") {
  const ohmset::test::TemporaryFolder folder;
  const TemporaryFoldersIn here(folder.path());
  {
    Ngspice ngspice({.workers = 2});
    CHECK_FALSE(ngspice.operating_point("t\n.end\n").ok);
    CHECK(ngspice.operating_point(divider).ok);
    CHECK(folder.names().empty());
  }
  CHECK(folder.names().empty());
  const TemporaryFoldersIn nowhere("/proc");
  CHECK_THROWS_AS(Ngspice({.workers = 1}), ohmset::Error);
}

TEST_CASE("a circuit that is altered row by row gives what the decks of those values give") {
  Ngspice ngspice({.workers = 1});
  ohmset::NgspiceVariation variation{.deck = divider, .resistors = {"r1", "r2"}, .ohms = {}, .quantity = "v1#branch"};
  std::vector<double> alone;
  for (int row = 0; row < 50; ++row) {
    const double r1 = 1000.0 / 3.0 + 17.0 * row;
    const double r2 = 3e4 / (1.0 + row);
    variation.ohms.insert(variation.ohms.end(), {r1, r2});
    const NgspiceResult result =
        ngspice.operating_point(fmt::format("divider\nv1 a 0 1\nr1 a b {:.17g}\nr2 b 0 {:.17g}\n.op\n.end\n", r1, r2));
    alone.push_back(value(result, "v1#branch"));
    CHECK(alone.back() == doctest::Approx(-1.0 / (r1 + r2)).epsilon(1e-9));
  }
  const ohmset::NgspiceSeries series = ngspice.varied(variation);
  CAPTURE(series.failure);
  REQUIRE(series.ok);
  REQUIRE(series.values.size() == alone.size());
  for (std::size_t k = 0; k < alone.size(); ++k) {
    CHECK(series.values[k] == doctest::Approx(alone[k]).epsilon(1e-12));
  }
  // The worker goes on with other decks.
  CHECK(value(ngspice.operating_point(divider), "b") == doctest::Approx(0.75));
}

TEST_CASE("what cannot be altered is told, and no command slips in") {
  Ngspice ngspice({.workers = 1});
  const ohmset::NgspiceVariation good{.deck = divider, .resistors = {"r1"}, .ohms = {500.0}, .quantity = "b"};
  CHECK(ngspice.varied(good).ok);
  ohmset::NgspiceVariation absent = good;
  absent.resistors = {"r7"};
  CHECK_FALSE(ngspice.varied(absent).ok);
  absent = good;
  absent.quantity = "nowhere";
  CHECK_FALSE(ngspice.varied(absent).ok);
  CHECK_FALSE(ngspice.varied(absent).failure.empty());
  for (const char* name : {"r1\nquit", "r1 r2", "", "r1;quit"}) {
    ohmset::NgspiceVariation sly = good;
    sly.resistors = {name};
    CHECK_THROWS_AS(static_cast<void>(ngspice.varied(sly)), std::invalid_argument);
  }
  for (const double ohm : {0.0, -1.0, std::nan("")}) {
    ohmset::NgspiceVariation wrong = good;
    wrong.ohms = {ohm};
    CHECK_THROWS_AS(static_cast<void>(ngspice.varied(wrong)), std::invalid_argument);
  }
  CHECK(ngspice.varied(good).values.at(0) == doctest::Approx(3000.0 / 3500.0));
}
