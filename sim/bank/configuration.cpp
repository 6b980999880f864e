// Which devices are inserted, as bits.
// SPDX-License-Identifier: Apache-2.0
#include <bit>
#include <stdexcept>

#include "sim/bank.h"

namespace ohmset {

namespace {

constexpr std::size_t word_bits = 64;

}  // namespace

Configuration Configuration::from_mask(std::uint64_t mask, std::size_t devices) {
  if (devices > word_bits) throw std::invalid_argument("Configuration: a mask holds at most 64 devices");
  if (devices < word_bits && (mask >> devices) != 0) {
    throw std::invalid_argument("Configuration: the mask inserts a device beyond the last one");
  }
  Configuration configuration(devices);
  if (devices > 0) configuration.words_[0] = mask;
  return configuration;
}

Configuration Configuration::from_text(std::string_view text) {
  Configuration configuration(text.size());
  for (std::size_t k = 0; k < text.size(); ++k) {
    if (text[k] != '0' && text[k] != '1') throw std::invalid_argument("Configuration: expected characters 0 and 1");
    configuration.set(k, text[k] == '1');
  }
  return configuration;
}

void Configuration::set(std::size_t device, bool inserted) {
  if (device >= size_) throw std::invalid_argument("Configuration: no such device");
  const std::uint64_t bit = std::uint64_t{1} << (device % word_bits);
  std::uint64_t& word = words_[device / word_bits];
  word = inserted ? word | bit : word & ~bit;
}

std::size_t Configuration::count() const {
  std::size_t total = 0;
  for (const std::uint64_t word : words_) total += static_cast<std::size_t>(std::popcount(word));
  return total;
}

std::uint64_t Configuration::mask() const {
  if (size_ > word_bits) throw std::invalid_argument("Configuration: more than 64 devices have no mask");
  return words_.empty() ? 0 : words_[0];
}

std::string Configuration::text() const {
  std::string text(size_, '0');
  for (std::size_t k = 0; k < size_; ++k) {
    if (inserted(k)) text[k] = '1';
  }
  return text;
}

std::vector<std::size_t> Configuration::on() const {
  std::vector<std::size_t> indices;
  for (std::size_t k = 0; k < size_; ++k) {
    if (inserted(k)) indices.push_back(k);
  }
  return indices;
}

}  // namespace ohmset
