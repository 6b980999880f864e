// How the devices of a bank are wired: parallel, series, or a nested series-parallel expression.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ohmset {

enum class Arrangement { device, series, parallel };

// A node of the series-parallel tree. A device in a parallel group has its switch in series with it; a device in a
// series group has its switch across it (bypass). Groups have no switch of their own.
struct Group {
  Arrangement arrangement = Arrangement::parallel;
  std::size_t device = 0;        // index, for Arrangement::device; devices are numbered left to right
  std::vector<Group> members{};  // for series and parallel
};

class Topology {
 public:
  Topology() = default;  // an empty parallel bank
  [[nodiscard]] static Topology parallel(std::size_t devices);
  [[nodiscard]] static Topology series(std::size_t devices);

  // "parallel", "series" (then `devices` is needed) or an expression: series(4), parallel(series(4), series(4), 1).
  // A number stands for that many devices in the group around it. Throws Error{input} when the text is malformed or
  // its number of devices is not `devices`, and above 10,000,000 devices or 1000 levels.
  [[nodiscard]] static Topology parse(std::string_view text, std::optional<std::size_t> devices = std::nullopt);

  [[nodiscard]] const Group& root() const { return root_; }
  [[nodiscard]] std::size_t device_count() const { return device_count_; }
  [[nodiscard]] bool is_parallel() const;  // one parallel group of devices
  [[nodiscard]] bool is_series() const;    // one series group of devices
  [[nodiscard]] std::string text() const;  // parses back to the same topology

 private:
  Group root_{};
  std::size_t device_count_ = 0;
};

}  // namespace ohmset
