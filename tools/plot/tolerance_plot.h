// The picture of a tolerance analysis: how errors are spread, and for a crossbar where they come from.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "design/monte_carlo.h"
#include "sim/matrix.h"

namespace ohmset::plot {

struct TolerancePicture {
  std::string title{};
  std::string subtitle{};
  std::string error{};                        // what a value is: the axis of the histogram
  std::vector<std::string> names{};           // of the series
  std::vector<const SeriesResult*> series{};  // one: bars, with its quantiles; several: outlines
  std::vector<double> limits{};               // marked at both sides of 0 where values have both signs
  std::optional<Matrix> map{};                // word lines x outputs
  std::string map_title{};
};

// The bytes of the picture, SVG or PNG by the path's ending.
[[nodiscard]] std::string tolerance_picture(const std::string& path, const TolerancePicture& content);

}  // namespace ohmset::plot
