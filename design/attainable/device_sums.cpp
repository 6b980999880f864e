// SPDX-License-Identifier: Apache-2.0
#include "design/attainable/device_sums.h"

#include <array>
#include <cmath>
#include <cstdint>

#include "design/kernels/half_sums.h"

namespace ohmset::attainable {
namespace {

using Lane = kernels::Lane<std::int64_t>;

constexpr std::size_t most_kept = 18;  // devices whose lists a thread keeps

// What the subsets of a few devices give.
class Table {
 public:
  explicit Table(std::span<const FreeDevice> devices) : values_(std::size_t{1} << devices.size()) {
    values_[0] = {};
    std::size_t count = 1;
    for (const FreeDevice& device : devices) {
      for (std::size_t k = 0; k < count; ++k) {
        values_[count + k] = {.value = values_[k].value + device.gives.inserted,
                              .mask = values_[k].mask | std::uint64_t{1} << device.place};
        values_[k].value += device.gives.removed;
      }
      count *= 2;
    }
  }
  [[nodiscard]] const Value& operator[](std::uint64_t subset) const { return values_[subset]; }

 private:
  Column<Value> values_;
};

// What each adds as integers whose sums of all stay below 2^bits.
std::optional<std::array<std::int64_t, most_sorted_devices>> in_units(std::span<const FreeDevice> devices, int bits) {
  double total = 0.0;
  for (const FreeDevice& device : devices) {
    const double adds = device.gives.inserted - device.gives.removed;
    if (!(adds >= 0.0)) return std::nullopt;
    total += adds;
  }
  if (!(total > 1e-250 && total < 1e250)) return std::nullopt;
  const double scale = std::ldexp(1.0, bits - 2 - std::ilogb(total));
  std::array<std::int64_t, most_sorted_devices> units{};
  for (std::size_t k = 0; k < devices.size(); ++k) {
    units.at(k) = std::llround((devices[k].gives.inserted - devices[k].gives.removed) * scale);
  }
  return units;
}

}  // namespace

std::optional<Column<Value>> device_sums(std::span<const FreeDevice> devices) {
  const std::size_t n = devices.size();
  const auto units = in_units(devices, Lane::bits - static_cast<int>(n));
  if (!units) return std::nullopt;
  std::array<std::int64_t, most_sorted_devices> keys{};
  for (std::size_t k = 0; k < n; ++k) keys.at(k) = (units->at(k) << n) | std::int64_t{1} << k;

  thread_local kernels::Buffers<std::int64_t> kept;
  kernels::Buffers<std::int64_t> passing;
  kernels::Buffers<std::int64_t>& buffers = n <= most_kept ? kept : passing;
  const std::size_t size = std::size_t{1} << n;
  const kernels::SortedSums<std::int64_t> sorted =
      kernels::chosen().integers.sums(keys.data(), n, buffers.reserve(size));

  // The values themselves, which rounding to units may have displaced by a few places.
  const std::size_t half = n / 2;
  const Table low(devices.first(half));
  const Table high(devices.subspan(half));
  const std::uint64_t subset_low = (std::uint64_t{1} << half) - 1;
  const std::uint64_t subset = (std::uint64_t{1} << n) - 1;
  Column<Value> list(size);
  double last = -infinity;
  for (std::size_t k = 0; k < size; ++k) {
    const std::uint64_t chosen = static_cast<std::uint64_t>(sorted.values[k]) & subset;
    const Value& a = low[chosen & subset_low];
    const Value& b = high[chosen >> half];
    const Value next{.value = a.value + b.value, .mask = a.mask | b.mask};
    list[k] = next;
    if (next.value >= last) {
      last = next.value;
      continue;
    }
    std::size_t place = k;
    for (; place > 0 && next.value < list[place - 1].value; --place) list[place] = list[place - 1];
    list[place] = next;
  }
  return list;
}

}  // namespace ohmset::attainable
