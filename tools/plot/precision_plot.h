// The picture of precision: bits against the number of devices, or against their spread.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace ohmset::plot {

struct PrecisionPlotPoint {
  double x = 0.0;
  double mean = 0.0;
  double median = 0.0;
  double p01 = 0.0;
  double worst = 0.0;
  double low = 0.0;  // of the band over banks
  double high = 0.0;
  std::optional<double> law{};
};
// Infinite values are marked at the edge of the picture: an error of 0 at the upper, an infinite one at the lower.

struct PrecisionLine {
  std::string name{};
  std::vector<PrecisionPlotPoint> points{};  // in ascending order of x
  std::optional<double> stop{};              // x of the point that is marked: further ones bring little
};

struct PrecisionPicture {
  std::string title{};
  std::string subtitle{};
  std::string x{};
  std::string y{};
  bool many_targets = false;  // on each bank: the band is one of values
  // A logarithmic axis, with a place of its own for a spread of 0; otherwise the line of as many bits as devices is
  // drawn.
  bool against_spread = false;
  // One: its mean with the band over banks, median, first percentile, worst and the law; several: their means and first
  // percentiles.
  std::vector<PrecisionLine> lines{};
};

// The bytes of the picture, SVG or PNG by the path's ending.
[[nodiscard]] std::string precision_picture(const std::string& path, const PrecisionPicture& content);

}  // namespace ohmset::plot
