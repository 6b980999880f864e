// Series-parallel expressions: read, written, refused.
// SPDX-License-Identifier: Apache-2.0
#include "sim/topology.h"

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <utility>
#include <vector>

#include "sim/error.h"

using ohmset::Arrangement;
using ohmset::Error;
using ohmset::Fault;
using ohmset::Group;
using ohmset::Topology;

namespace {

// Devices of a group in the order they stand in.
void list_devices(const Group& group, std::vector<std::size_t>& devices) {
  if (group.arrangement == Arrangement::device) devices.push_back(group.device);
  for (const Group& member : group.members) list_devices(member, devices);
}

bool same(const Group& a, const Group& b) {
  if (a.arrangement != b.arrangement || a.members.size() != b.members.size()) return false;
  if (a.arrangement == Arrangement::device) return a.device == b.device;
  for (std::size_t k = 0; k < a.members.size(); ++k) {
    if (!same(a.members[k], b.members[k])) return false;
  }
  return true;
}

std::string blanks(std::mt19937_64& random) { return std::string(random() % 3, random() % 2 == 0 ? ' ' : '\t'); }

// An expression and how many devices it has.
std::pair<std::string, std::size_t> any_expression(std::mt19937_64& random, int depth) {
  std::string text = blanks(random) + (random() % 2 == 0 ? "series" : "parallel") + blanks(random) + "(";
  std::size_t devices = 0;
  const std::size_t members = 1 + random() % 4;
  for (std::size_t k = 0; k < members; ++k) {
    if (k > 0) text += ",";
    if (depth > 0 && random() % 2 == 0) {
      const auto [inner, count] = any_expression(random, depth - 1);
      text += inner;
      devices += count;
    } else {
      const std::size_t count = 1 + random() % 12;
      text += blanks(random) + std::to_string(count) + blanks(random);
      devices += count;
    }
  }
  return {text + ")" + blanks(random), devices};
}

std::string refusal(const std::string& text, std::optional<std::size_t> devices = std::nullopt) {
  try {
    (void)Topology::parse(text, devices);
  } catch (const Error& error) {
    CHECK(error.fault() == Fault::input);
    return error.what();
  }
  return {};
}

}  // namespace

TEST_CASE("A lone word needs a number of devices and becomes one flat group") {
  const Topology parallel = Topology::parse("parallel", 5);
  CHECK(parallel.is_parallel());
  CHECK_FALSE(parallel.is_series());
  CHECK(parallel.device_count() == 5);
  CHECK(same(parallel.root(), Topology::parallel(5).root()));
  const Topology series = Topology::parse("  series ", 3);
  CHECK(series.is_series());
  CHECK_FALSE(series.is_parallel());
  CHECK(same(series.root(), Topology::series(3).root()));
  CHECK(series.text() == "series(3)");
  CHECK(refusal("parallel") == "topology parallel says no number of devices: expected devices = N or parallel(N)");
}

TEST_CASE("Numbers stand for that many devices in the group around them") {
  const Topology topology = Topology::parse("parallel(series(4), series(4), 1)", 9);
  CHECK(topology.device_count() == 9);
  CHECK_FALSE(topology.is_parallel());
  REQUIRE(topology.root().members.size() == 3);
  CHECK(topology.root().members[0].arrangement == Arrangement::series);
  CHECK(topology.root().members[1].members.size() == 4);
  CHECK(topology.root().members[1].members[0].device == 4);
  CHECK(topology.root().members[2].arrangement == Arrangement::device);
  CHECK(topology.root().members[2].device == 8);
  CHECK(same(Topology::parse("parallel(2,1)").root(), Topology::parse("parallel", 3).root()));
  CHECK_FALSE(same(Topology::parse("parallel(series(3))").root(), Topology::parse("series(3)").root()));
}

TEST_CASE("Text parses back to the same topology, whose devices are numbered left to right") {
  for (std::uint64_t seed = 1; seed <= 2000; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    const auto [text, devices] = any_expression(random, 4);
    CAPTURE(text);
    const Topology topology = Topology::parse(text, devices);
    const Topology again = Topology::parse(topology.text());
    CHECK(same(topology.root(), again.root()));
    CHECK(again.text() == topology.text());
    std::vector<std::size_t> order;
    list_devices(topology.root(), order);
    REQUIRE(order.size() == devices);
    for (std::size_t k = 0; k < order.size(); ++k) CHECK(order[k] == k);
    CHECK(topology.is_parallel() == (topology.text() == "parallel(" + std::to_string(devices) + ")"));
    CHECK(topology.is_series() == (topology.text() == "series(" + std::to_string(devices) + ")"));
    CHECK(refusal(text, devices + 1) ==
          "the topology has " + std::to_string(devices) + " devices: expected " + std::to_string(devices + 1));
  }
}

TEST_CASE("What is malformed is refused in one line that says where") {
  for (const std::string text : {"",
                                 " ",
                                 "4",
                                 "()",
                                 "parallel()",
                                 "parallel(0)",
                                 "parallel(3",
                                 "parallel(3,)",
                                 "parallel(,3)",
                                 "parallel 3)",
                                 "parallel(3))",
                                 "parallel(3) 4",
                                 "parallel(3)(4)",
                                 "parallel(-3)",
                                 "parallel(3.5)",
                                 "parallel(1e3)",
                                 "parallel(series, 2)",
                                 "parallel(2 3)",
                                 "Parallel(3)",
                                 "seriesparallel(3)",
                                 "parallel(99999999999999999999999)",
                                 "parallel(10000001)",
                                 "parallel(9999999, series(2))",
                                 "parallel(2);",
                                 "\xff\xfe"}) {
    CAPTURE(text);
    const std::string error = refusal(text);
    CHECK(error.find("at character") != std::string::npos);
    CHECK(error.find('\n') == std::string::npos);
  }
  CHECK(refusal("paralel(3)") == "topology: unknown word \"paralel\" at character 1: did you mean parallel(...)?");
  CHECK(refusal("parallel(2, serie(3))").find("at character 13: did you mean series(...)?") != std::string::npos);
  CHECK(refusal(std::string("parallel(3)\0", 12)) != "");
  CHECK(refusal("parallel", 0) != "");
  CHECK(refusal("parallel", 10'000'001) != "");
  CHECK(refusal(std::string(1'000'000, 'x')).size() < 200);
}

TEST_CASE("A thousand levels are read, a thousand and one refused, a million refused without a crash") {
  const auto nested = [](std::size_t levels) {
    std::string text;
    for (std::size_t k = 0; k < levels; ++k) text += k % 2 == 0 ? "series(1," : "parallel(1,";
    text += "1";
    return text + std::string(levels, ')');
  };
  const Topology deep = Topology::parse(nested(1000));
  CHECK(deep.device_count() == 1001);
  CHECK(same(Topology::parse(deep.text()).root(), deep.root()));
  CHECK(refusal(nested(1001)).find("more than 1000 levels") != std::string::npos);
  CHECK(refusal(nested(1'000'000)).find("more than 1000 levels") != std::string::npos);
}

TEST_CASE("An empty topology has no devices and is no bank that a person may ask for") {
  CHECK(Topology{}.device_count() == 0);
  CHECK(Topology{}.is_parallel());
  CHECK(refusal(Topology{}.text()) != "");
}
