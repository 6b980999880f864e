// SPDX-License-Identifier: Apache-2.0
#include "sim/process/correlation.h"

#include <tbb/blocked_range.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>

#include "sim/process/ratio.h"
#include "sim/random/elementary.h"

namespace ohmset {
namespace {

// score(0) = z(0), score(n) = kept score(n - 1) + fresh z(n): every score is a standard normal one again.
struct Recursion {
  double kept = 0.0;
  double fresh = 1.0;
};

Recursion recursion_of(double length) {
  const double rho = positive_exp(-1.0 / length);
  return {rho, std::sqrt((1.0 - rho) * (1.0 + rho))};
}

void along_word_line(const Recursion& recursion, std::size_t devices, std::span<double> line) {
  elementary::loops().normal_quantiles(line.data(), line.size());
  for (std::size_t k = devices; k < line.size(); ++k) {
    line[k] = recursion.kept * line[k - devices] + recursion.fresh * line[k];
  }
}

// A strip of some columns, from the first word line to the last; scores become draws again, inside (0, 1).
template <std::size_t Width>
void along_bit_lines(const Recursion& recursion, std::size_t word_lines, std::size_t line, std::size_t width,
                     double* strip) {
  constexpr double least = 0x1p-53;
  std::array<double, Width> above{};
  for (std::size_t i = 0; i < word_lines; ++i) {
    double* const row = strip + i * line;
    for (std::size_t k = 0; k < width; ++k) {
      above[k] = i == 0 ? row[k] : recursion.kept * above[k] + recursion.fresh * row[k];
      row[k] = above[k];
    }
    elementary::loops().normal_probabilities(row, width);
    for (std::size_t k = 0; k < width; ++k) row[k] = std::clamp(row[k], least, 1.0 - least);
  }
}

}  // namespace

bool correlates(const Process& process, const ArrayShape& array) {
  return process.correlation_length > 0.0 && array.cells() > 1 && process.values.empty() &&
         process.distribution != Distribution::none;
}

void correlate(std::span<double> draws, const ArrayShape& array, std::size_t devices, double length) {
  if (draws.size() != array.cells() * devices) throw std::invalid_argument("correlate: one draw for each device");
  if (draws.empty() || !(length > 0.0)) return;
  const Recursion recursion = recursion_of(length);
  const std::size_t line = array.bit_lines * devices;
  constexpr std::size_t width = 512;
  constexpr std::size_t worth_sharing = 8192;  // draws
  // Whoever waits for a part takes on no other work meanwhile: it might be another die, in the same thread's storage.
  tbb::this_task_arena::isolate([&] {
    using Range = tbb::blocked_range<std::size_t>;
    tbb::parallel_for(Range(0, array.word_lines, std::max<std::size_t>(1, worth_sharing / line)),
                      [&](const Range& some) {
                        for (std::size_t i = some.begin(); i < some.end(); ++i) {
                          along_word_line(recursion, devices, draws.subspan(i * line, line));
                        }
                      });
    const std::size_t strips = (line + width - 1) / width;
    const std::size_t grain = std::max<std::size_t>(1, worth_sharing / (width * array.word_lines));
    tbb::parallel_for(Range(0, strips, grain), [&](const Range& some) {
      for (std::size_t strip = some.begin(); strip < some.end(); ++strip) {
        const std::size_t first = strip * width;
        along_bit_lines<width>(recursion, array.word_lines, line, std::min(width, line - first), draws.data() + first);
      }
    });
  });
}

}  // namespace ohmset
