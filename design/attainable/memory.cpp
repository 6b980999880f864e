// SPDX-License-Identifier: Apache-2.0
#include "design/attainable/memory.h"

#include <array>
#include <bit>
#include <new>

namespace ohmset::attainable {
namespace {

constexpr std::size_t least_kept = 16;  // blocks of 2^16 bytes; smaller ones come quickly anyway
constexpr std::size_t greatest_kept = 22;
constexpr std::size_t most_of_a_size = 4;

// Blocks by the power of two they have room for: at most 32 MB in all.
class Blocks {
 public:
  Blocks() = default;
  Blocks(const Blocks&) = delete;
  Blocks& operator=(const Blocks&) = delete;
  Blocks(Blocks&&) = delete;
  Blocks& operator=(Blocks&&) = delete;
  ~Blocks() {
    for (Size& size : sizes_) {
      while (size.count > 0) ::operator delete(size.blocks.at(--size.count));
    }
  }
  void* take(std::size_t power) {
    Size& size = sizes_.at(power - least_kept);
    return size.count == 0 ? nullptr : size.blocks.at(--size.count);
  }
  bool keep(void* memory, std::size_t power) noexcept {
    Size& size = sizes_[power - least_kept];
    if (size.count == most_of_a_size) return false;
    size.blocks[size.count++] = memory;
    return true;
  }

 private:
  struct Size {
    std::array<void*, most_of_a_size> blocks{};
    std::size_t count = 0;
  };
  std::array<Size, greatest_kept - least_kept + 1> sizes_{};
};

Blocks& kept() {
  thread_local Blocks blocks;
  return blocks;
}

std::size_t power_of(std::size_t bytes) { return static_cast<std::size_t>(std::bit_width(bytes - 1)); }
bool is_kept(std::size_t power) { return power >= least_kept && power <= greatest_kept; }

}  // namespace

void* take_memory(std::size_t bytes) {
  if (bytes == 0) return nullptr;
  const std::size_t power = power_of(bytes);
  if (!is_kept(power)) return ::operator new(bytes);
  void* const memory = kept().take(power);
  return memory != nullptr ? memory : ::operator new (std::size_t{1} << power);
}

void give_memory(void* memory, std::size_t bytes) noexcept {
  if (memory == nullptr) return;
  const std::size_t power = power_of(bytes);
  if (!is_kept(power) || !kept().keep(memory, power)) ::operator delete(memory);
}

}  // namespace ohmset::attainable
