// Pictures by gnuplot: the one place that runs it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace ohmset::plot {

// Throws Error{input} unless the path ends with .svg or .png.
void check_picture(const std::string& path);

// Runs the script, whose output goes to stdout, after the terminal that the path's ending asks for and the house's
// settings. Width and height in points of an SVG; a PNG has one and a half times as many pixels. The bytes of the
// picture. Throws Error{world} when gnuplot is missing or fails.
[[nodiscard]] std::string picture(const std::string& path, int width, int height, std::string_view script);

// Text within a script's quotes "...".
[[nodiscard]] std::string in_quotes(std::string_view text);

}  // namespace ohmset::plot
