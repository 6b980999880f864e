// Pictures by gnuplot: the one place that runs it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string>
#include <string_view>

namespace ohmset::plot {

// Of lines, one after another.
inline constexpr std::array<const char*, 7> colours = {"#0b5fa5", "#d1731c", "#3f8f4f", "#a33333",
                                                       "#8a6bb0", "#4f9bd9", "#7a7a7a"};

// Before long work: throws Error{input} unless the path ends with .svg or .png, Error{world} unless gnuplot can draw
// such a picture here.
void check_picture(const std::string& path);

// Runs the script, whose output goes to stdout, after the terminal that the path's ending asks for and the house's
// settings. Width and height in points of an SVG; a PNG has one and a half times as many pixels, its text
// in proportion. The bytes of the
// picture. Throws Error{world} when gnuplot is missing or fails.
[[nodiscard]] std::string picture(const std::string& path, int width, int height, std::string_view script);

// Text within a script's quotes "...".
[[nodiscard]] std::string in_quotes(std::string_view text);

}  // namespace ohmset::plot
