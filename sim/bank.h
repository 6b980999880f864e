// A bank: devices, their switches and their topology; what it conducts in a configuration, in closed form and as a
// Network. Knows nothing of how a configuration is chosen.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sim/device.h"
#include "sim/network.h"
#include "sim/process.h"
#include "sim/topology.h"

namespace ohmset {

// Which devices are inserted: take part, i.e. the switch is closed in a parallel group, the bypass open in a series
// one. Device 0 is the least significant bit of a mask and the first character of the text.
class Configuration {
 public:
  Configuration() = default;
  explicit Configuration(std::size_t devices) : words_((devices + 63) / 64, 0), size_(devices) {}
  // requires devices <= 64 and no bit of mask at or above `devices`
  [[nodiscard]] static Configuration from_mask(std::uint64_t mask, std::size_t devices);
  // "0110...": device 0 first. Throws std::invalid_argument on other characters.
  [[nodiscard]] static Configuration from_text(std::string_view text);

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool inserted(std::size_t device) const { return ((words_[device / 64] >> (device % 64)) & 1U) != 0; }
  void set(std::size_t device, bool inserted);
  [[nodiscard]] std::size_t count() const;            // inserted devices
  [[nodiscard]] std::uint64_t mask() const;           // requires size() <= 64
  [[nodiscard]] std::string text() const;             // device 0 first
  [[nodiscard]] std::vector<std::size_t> on() const;  // indices of the inserted devices
  bool operator==(const Configuration&) const = default;

 private:
  std::vector<std::uint64_t> words_{};
  std::size_t size_ = 0;
};

struct Bank {
  Topology topology{};
  std::vector<Device> devices{};  // topology.device_count() of them
};

// What to fabricate.
struct BankSpec {
  Fabrication fabrication{};
  Topology topology{};
};

// One bank of a die.
[[nodiscard]] Bank fabricate(const BankSpec& spec, const Site& site);

// Whether device k's switch is a bypass across it (its group is a series one) rather than in series with it.
[[nodiscard]] std::vector<bool> bypassed_by_switch(const Topology& topology);

// The configuration that the circuit really has: stuck switches as they are stuck, the others as asked.
[[nodiscard]] Configuration with_stuck(const Bank& bank, const Configuration& asked);

// Which value of a device to use: what it is, or what the search saw.
enum class Seen { actual, measured };

// Effective resistance in closed form, switch parasitics exact and sums compensated. Stuck switches win over the
// configuration. Infinity when nothing conducts, 0 when shorted. requires configuration.size() == devices
[[nodiscard]] Ohm resistance(const Bank& bank, const Configuration& configuration, Seen seen = Seen::actual);
// 1/resistance, summed as conductances where the bank is parallel.
[[nodiscard]] Siemens conductance(const Bank& bank, const Configuration& configuration, Seen seen = Seen::actual);

// What one device and its switch contribute to the group around it, inserted or not: conductances (siemens) in a
// parallel group, resistances (ohm) in a series one. Stuck: both are the same.
struct Contribution {
  double inserted = 0.0;
  double removed = 0.0;
};
[[nodiscard]] Contribution contribution(const Device& device, bool bypass, Seen seen = Seen::actual);

// The bank as a network between two new nodes "p" and "n" (n is not ground). Node 0 (ground) is left unconnected.
// Branch names: "r<k>" for device k, "s<k>" for its switch. Opens are branches of infinite resistance.
struct BankNetwork {
  Network network{};
  Port port{};
};
[[nodiscard]] BankNetwork build_network(const Bank& bank, const Configuration& configuration);

}  // namespace ohmset
