// SPDX-License-Identifier: Apache-2.0
#include "sim/error.h"

#include <algorithm>
#include <numeric>
#include <vector>

namespace ohmset {
namespace {

std::string sentence(std::string_view wrong, std::string_view expected) {
  std::string text(wrong);
  if (!expected.empty()) {
    text += ": ";
    text += expected;
  }
  return text;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0U : 1U);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
    }
  }
  return row[b.size()];
}

}  // namespace

Error input_error(const Where& where, std::string_view wrong, std::string_view expected) {
  std::string text = where.file;
  if (where.line > 0) text.append(1, ':').append(std::to_string(where.line));
  if (!text.empty()) text += ": ";
  return Error(Fault::input, text + sentence(wrong, expected));
}

Error input_error(std::string_view wrong, std::string_view expected) {
  return Error(Fault::input, sentence(wrong, expected));
}

Error world_error(std::string_view wrong, std::string_view expected) {
  return Error(Fault::world, sentence(wrong, expected));
}

std::string nearest_name(std::string_view word, std::span<const std::string_view> candidates) {
  std::string_view best;
  std::size_t least = word.size() / 2 + 1;
  for (const std::string_view candidate : candidates) {
    const std::size_t distance = edit_distance(word, candidate);
    if (distance < least) {
      least = distance;
      best = candidate;
    }
  }
  return std::string(best);
}

}  // namespace ohmset
