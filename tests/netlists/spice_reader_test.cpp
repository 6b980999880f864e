// SPICE decks read: what is understood means what SPICE means, what is not is refused by line.
// SPDX-License-Identifier: Apache-2.0
#include "netlists/spice_reader.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "sim/error.h"
#include "sim/nodal.h"

namespace {

using namespace ohmset;

std::string deck(const std::string& lines) { return "title\n" + lines + "\n.end\n"; }

const SpiceElement& element(const SpiceDeck& read, const std::string& name) {
  const auto found =
      std::find_if(read.elements.begin(), read.elements.end(), [&](const SpiceElement& e) { return e.name == name; });
  REQUIRE_MESSAGE(found != read.elements.end(), name);
  return *found;
}

std::string refusal(const std::string& text) {
  try {
    (void)to_network(read_spice(text, "bad.cir"), "bad.cir");
  } catch (const Error& error) {
    CHECK(error.fault() == Fault::input);
    return error.what();
  }
  return "(accepted)";
}

}  // namespace

TEST_CASE("values carry SPICE's suffixes and trailing units") {
  const std::vector<std::pair<std::string, double>> values{
      {"4.7k", 4700.0},    {"4.7kohm", 4700.0}, {"10meg", 1e7},         {"10MEG", 1e7},     {"5M", 5e-3},
      {"1g", 1e9},         {"2.5u", 2.5e-6},    {"1e3", 1e3},           {"1.5E-3", 1.5e-3}, {"+7", 7.0},
      {"{2*(3+4)}", 14.0}, {"'1k/4'", 250.0},   {"{1e-3*-2/-4}", 5e-4}, {"{a*2}", 6.0}};
  for (const auto& [text, expected] : values) {
    CAPTURE(text);
    const SpiceDeck read = read_spice(deck(".param a=3\nR1 A 0 " + text));
    CHECK(element(read, "r1").value == doctest::Approx(expected).epsilon(1e-15));
  }
}

TEST_CASE("numbers of 17 digits come back to the bit") {
  for (const double value : {1.0 / 3.0, 12345.678901234567, 1e-9 / 7.0, 9.87654321e15}) {
    const SpiceDeck read = read_spice(deck(fmt::format("r1 a 0 {:.17g}\nv1 a 0 {:.16e}", value, -value)));
    CHECK(element(read, "r1").value == value);
    CHECK(element(read, "v1").value == -value);
  }
}

TEST_CASE("case, comments, continuation, blank lines and line ends make no difference") {
  const SpiceDeck plain = read_spice("My Title\n* Said first\nr1 a b 1k\nv1 a 0 5\nr2 b 0 2k\n.op\n.end\n");
  const SpiceDeck odd = read_spice(
      "My Title\r\n* Said first\r\n\r\nR1 A\r\n+ B ; the first\r\n+ 1K\r\n* between\r\nV1 a 0 DC 5 $ volts\r\n"
      "  r2 (b 0) 2k\r\n.OP\r\n.print dc v(a)\r\n.END\r\n");
  CHECK(odd.title == "My Title");
  CHECK(odd.comments == plain.comments);
  REQUIRE(odd.elements.size() == plain.elements.size());
  for (std::size_t k = 0; k < plain.elements.size(); ++k) {
    CHECK(odd.elements[k].name == plain.elements[k].name);
    CHECK(odd.elements[k].nodes == plain.elements[k].nodes);
    CHECK(odd.elements[k].value == plain.elements[k].value);
  }
  CHECK(odd.elements[0].line == 4);
}

TEST_CASE("instances are flattened under their path, parameters from the inside out") {
  const SpiceDeck read =
      read_spice(deck(".param r=10 s={2*r}\n"
                      "x1 top 0 outer k=3\n"
                      "x2 top 0 outer\n"
                      ".subckt outer a b k=1\n.param twice={2*k}\n"
                      "ra a m {k*r}\nxi m b inner r={twice}\nrg m gnd {s}\n.ends outer\n"
                      ".subckt inner p n r=7\nr1 p n 'r'\nr2 p q 1\nr3 q n 1\n.ends\n"
                      "v1 top 0 1"));
  REQUIRE(read.elements.size() == 11);
  CHECK(element(read, "x1.ra").value == 30.0);
  CHECK(element(read, "x2.ra").value == 10.0);
  CHECK(element(read, "x1.xi.r1").value == 6.0);
  CHECK(element(read, "x2.xi.r1").value == 2.0);
  CHECK(element(read, "x1.rg").value == 20.0);
  CHECK(element(read, "x1.xi.r1").nodes == std::vector<std::string>{"x1.m", "0"});
  CHECK(element(read, "x1.xi.r2").nodes == std::vector<std::string>{"x1.m", "x1.xi.q"});
  CHECK(element(read, "x1.rg").nodes == std::vector<std::string>{"x1.m", "0"});
}

TEST_CASE("a switch is its model's ron above the threshold and roff below it") {
  const std::string circuit = ".model m sw(vt=0.5 vh=0.1 ron=3 roff=1e6)\nvc c 0 {}\nvd d c 0\ns1 a 0 d 0 m\nv1 a 0 1";
  for (const auto& [control, expected] :
       std::vector<std::pair<std::string, double>>{{"1", 3.0}, {"0", 1e6}, {"-2", 1e6}}) {
    std::string text = circuit;
    text.replace(text.find("{}"), 2, control);
    const Network network = to_network(read_spice(deck(text)));
    REQUIRE(network.branches().size() == 1);
    CHECK(network.branches()[0].resistance.value == expected);
  }
}

TEST_CASE("temperature coefficients are read in every way they are written") {
  const SpiceDeck read = read_spice(deck(
      "r1 a 0 1k tc1=1e-3 tc2=2e-6\nr2 a 0 1k tc=1e-3,2e-6\nr3 a 0 m 1k\n.model m r(tc1=1e-3 tc2=2e-6)\nv1 a 0 1"));
  for (const std::string name : {"r1", "r2", "r3"}) {
    CHECK(element(read, name).parameters.at("tc1") == 1e-3);
    CHECK(element(read, name).parameters.at("tc2") == 2e-6);
    CHECK(element(read, name).value == 1000.0);
  }
}

TEST_CASE("what is not understood is refused with file and line, in one line, by name") {
  struct Bad {
    std::string text{};
    std::string place{};
    std::string named{};
  };
  const std::vector<Bad> cases{
      {"", "bad.cir: ", "empty"},
      {"title only\n", "bad.cir: ", "no statement"},
      {"t\nr1 a 0 1k\n", "bad.cir:2: ", ".end"},
      {deck("c1 a 0 1n"), "bad.cir:2: ", "c1"},
      {deck("r1 a 0"), "bad.cir:2: ", "value"},
      {deck("r1 a"), "bad.cir:2: ", "incomplete"},
      {deck("r1 a 0 4k7"), "bad.cir:2: ", "4k7"},
      {deck("v1 a 0 1\nr1 a 0 0"), "bad.cir:3: ", "r1"},
      {deck("r1 a 0 -5"), "bad.cir:2: ", "r1"},
      {deck("r1 a 0 inf"), "bad.cir:2: ", "r1"},
      {deck("r1 a 0 nan"), "bad.cir:2: ", "r1"},
      {deck("r1 a 0 1e-400"), "bad.cir:2: ", "1e-400"},
      {deck("r1 a 0 0x10"), "bad.cir:2: ", "0x10"},
      {deck("r1 a 0 1k 2k"), "bad.cir:2: ", "2k"},
      {deck("r1 a 0 {b}"), "bad.cir:2: ", "\"b\""},
      {deck("r1 a 0 {1/0}"), "bad.cir:2: ", "finite"},
      {deck("r1 a 0 {1+}"), "bad.cir:2: ", "1+"},
      {deck("r1 a 0 {sqrt(2)}"), "bad.cir:2: ", "sqrt"},
      {deck("r1 a 0 {1"), "bad.cir:2: ", "closed"},
      {deck("r1 a 0 1k noise=0"), "bad.cir:2: ", "noise"},
      {deck("r1 a 0 1\nR1 b 0 1"), "bad.cir:3: ", "twice"},
      {deck("x1 a 0 nosuch"), "bad.cir:2: ", "nosuch"},
      {deck(".subckt s a b\nr1 a b 1\n.ends\nx1 a s"), "bad.cir:5: ", "pins"},
      {deck(".subckt s a b\nr1 a b 1\n.ends\nx1 a 0 s q=1"), "bad.cir:5: ", "\"q\""},
      {deck(".subckt s a b\nr1 a b 1"), "bad.cir:", ""},
      {deck(".subckt s a b\nx1 a b s\n.ends\nx1 a 0 s"), "bad.cir:5: ", "itself"},
      {deck(".subckt s a 0\nr1 a 0 1\n.ends\nx1 a 0 s"), "bad.cir:2: ", "ground"},
      {deck(".ends"), "bad.cir:2: ", ".ends"},
      {deck(".control\nop\n.endc"), "bad.cir:2: ", ".control"},
      {deck(".include x"), "bad.cir:2: ", ".include"},
      {deck(".lib x y"), "bad.cir:2: ", ".lib"},
      {deck(".options rshunt=1"), "bad.cir:2: ", ".options"},
      {deck(".temp 100"), "bad.cir:2: ", ".temp"},
      {deck("*#shell ls"), "bad.cir:2: ", "command"},
      {deck("+ r1 a 0 1"), "bad.cir:2: ", "continues"},
      {deck("v1 a 0 sin(0 1 1k)"), "bad.cir:2: ", "sin"},
      {deck("v1 a 0 1 ac 1"), "bad.cir:2: ", "ac"},
      {deck("v1 a 0"), "bad.cir:2: ", "value"},
      {deck(".model d1 d(is=1)"), "bad.cir:2: ", "\"d\""},
      {deck("s1 a 0 c 0 nomodel"), "bad.cir:2: ", "nomodel"},
      {deck(".model m sw(vt=0.5)\nr1 a c 1\ns1 a 0 c 0 m"), "bad.cir:4: ", "controlled"},
      {deck("r1 a 0 1\n.end\nr2 a 0 1"), "bad.cir:4: ", "after .end"},
      {std::string("t\nr1 a 0 1\0\n.end\n", 17), "bad.cir:2: ", "not text"},
      {std::string("\x7f\x45\x4c\x46\x02\x01\x01\x00\x00", 9), "bad.cir:1: ", "not text"},
  };
  for (const Bad& bad : cases) {
    CAPTURE(bad.text);
    const std::string what = refusal(bad.text);
    CAPTURE(what);
    CHECK(what.starts_with(bad.place));
    CHECK(what.find(bad.named) != std::string::npos);
    CHECK(what.find('\n') == std::string::npos);
    CHECK(what.size() < 400);
  }
}

TEST_CASE("decks built to blow up are refused before they do") {
  // 2^60 instances of nothing.
  std::string bomb = "t\n.subckt s0 a\nr1 a 0 1\n.ends\n";
  for (int k = 1; k <= 60; ++k) {
    bomb += fmt::format(".subckt s{0} a\nx1 a s{1}\nx2 a s{1}\n.ends\n", k, k - 1);
  }
  const std::string parentheses(100'000, '(');
  const std::string minuses(100'000, '-');
  CHECK(refusal(deck("r1 a 0 {" + parentheses + "1}")).find("nested") != std::string::npos);
  CHECK(refusal(deck("r1 a 0 {" + minuses + "1}")).find("nested") != std::string::npos);
  CHECK(refusal(deck("r1 a 0 " + std::string(1'000'000, '9'))).starts_with("bad.cir:2: "));
  CHECK(refusal(deck("r" + std::string(1'000'000, 'x') + " a 0 1")).starts_with("bad.cir:2: "));
  CHECK(refusal(bomb + "v1 a 0 1\n.end\n") == "(accepted)");  // never instantiated
}

TEST_CASE("switches of a design: S elements whatever controls them, and resistors marked by a comment") {
  const SpiceDeck read = read_spice(
      "title\n"
      ".model relay sw(vt=0.5 ron=2 roff=1meg)\n.model plain sw(vt=1)\n"
      ".subckt trim p q r=1k leak=1g\nr1 p q {r} ; ohmset: switch off={leak}\nr2 p q 5k\n.ends\n"
      "s1 a b nowhere elsewhere relay\n"
      "R2 a b 10k;OHMSET:  Switch\n"
      "r3 a b 20k\n+ tc1=1e-3 ; ohmset: switch off = 2meg\n"
      "x4 a b trim r=3k\n"
      "s5 b 0 a 0 plain\n"
      "r6 a 0 1k ; ohmset comments without a colon are comments\n"
      "v7 c 0 1\nr7 c a 1\n.end\n",
      "free.cir");
  const SwitchedNetwork switched = to_switched_network(read, "free.cir");
  struct Expected {
    std::string name;
    double on;
    double off;
  };
  const std::vector<Expected> expected = {
      {"s1", 2.0, 1e6}, {"r2", 10e3, infinity}, {"r3", 20e3, 2e6}, {"x4.r1", 3e3, 1e9}, {"s5", 1.0, 1e12}};
  REQUIRE(switched.switches.size() == expected.size());
  for (std::size_t k = 0; k < expected.size(); ++k) {
    CAPTURE(k);
    const SwitchBranch& contact = switched.switches[k];
    CHECK(switched.network.branches()[contact.branch].name == expected[k].name);
    CHECK(contact.on.value == expected[k].on);
    CHECK(contact.off.value == expected[k].off);
  }
  CHECK(switched.network.branches().size() == 8);
  CHECK(switched.network.voltage_sources().size() == 1);
  // Elsewhere a marked resistor is the resistor that SPICE sees.
  const Network closed = to_network(read_spice("t\nr1 a 0 10k ; ohmset: switch off=1g\n.end\n"));
  CHECK(closed.branches()[0].resistance.value == 10e3);
}

TEST_CASE("marks that are not understood are refused by line") {
  CHECK(refusal("t\nr1 a 0 1k ; ohmset: swich\n.end\n").find("bad.cir:2: ") == 0);
  CHECK(refusal("t\nr1 a 0 1k ; ohmset: switch off\n.end\n").find("expected ohmset: switch [off=R]") !=
        std::string::npos);
  CHECK(refusal("t\nr1 a 0 1k ; ohmset:\n.end\n") == "(accepted)");
  CHECK(refusal("t\nr1 a 0 1k ; ohmset: switch off=0\n.end\n").find("not above 0 ohm when open") != std::string::npos);
  CHECK(refusal("t\nr1 a 0 1k ; ohmset: switch off=-1\n.end\n").find("not above 0 ohm when open") != std::string::npos);
  CHECK(refusal("t\nr1 a 0 1k ; ohmset: switch off={r}\n.end\n").find("bad.cir:2: ") == 0);
  CHECK(refusal("t\nr1 a 0 1k ; ohmset: switch off={r\n.end\n").find("bad.cir:2: ") == 0);
  CHECK(refusal("t\nv1 a 0 1 ; ohmset: switch\n.end\n").find("expected the mark at a resistor") != std::string::npos);
  CHECK(refusal("t\n.model m sw(ron=0)\ns1 a 0 a 0 m\n.end\n") != "(accepted)");
}

TEST_CASE("arbitrary bytes are read or refused, never more") {
  const std::string seed_text =
      "t\n.param a=1\n.subckt s p n r=1\nr1 p n {r}\n.ends\nx1 a 0 s r={a*2}\nv1 a 0 1\n.end\n";
  const std::string alphabet = "rvxs01.+*{}'=() \n\tak$;-";
  std::uint64_t state = 12345;
  const auto draw = [&](std::size_t below) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<std::size_t>(state >> 33U) % below;
  };
  int refused = 0;
  for (int trial = 0; trial < 3000; ++trial) {
    CAPTURE(trial);
    std::string text = seed_text;
    for (std::size_t edits = 1 + draw(4); edits > 0; --edits) {
      const std::size_t at = draw(text.size());
      if (draw(2) == 0) {
        text.erase(at, 1 + draw(3));
      } else {
        text.insert(at, 1, alphabet[draw(alphabet.size())]);
      }
    }
    const std::string what = refusal(text);
    CHECK(what.find('\n') == std::string::npos);
    refused += what == "(accepted)" ? 0 : 1;
  }
  CHECK(refused > 1000);
  CHECK(refused < 3000);
}
