// SPDX-License-Identifier: Apache-2.0
#include "tools/plot/precision_plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "tools/plot/gnuplot.h"

namespace ohmset::plot {
namespace {

std::string number_text(double value) { return std::isfinite(value) ? fmt::format("{:.10g}", value) : "NaN"; }

// Columns: x, mean, median, 1 %, worst, band's low and high, law.
std::string line_data(const PrecisionPicture& content) {
  std::string text;
  for (std::size_t k = 0; k < content.lines.size(); ++k) {
    text += fmt::format("$line{} << EOD\n", k);
    for (const PrecisionPlotPoint& point : content.lines[k].points) {
      text += fmt::format("{} {} {} {} {} {} {} {}\n", number_text(point.x), number_text(point.mean),
                          number_text(point.median), number_text(point.p01), number_text(point.worst),
                          number_text(point.low), number_text(point.high),
                          point.law ? number_text(*point.law) : std::string("NaN"));
    }
    text += "EOD\n";
  }
  return text;
}

std::pair<double, double> extent_of_lines(const PrecisionPicture& content) {
  double least = content.lines.front().points.front().x;
  double greatest = least;
  for (const PrecisionLine& line : content.lines) {
    for (const PrecisionPlotPoint& point : line.points) {
      least = std::min(least, point.x);
      greatest = std::max(greatest, point.x);
    }
  }
  return {least, greatest};
}

bool law_known(const PrecisionLine& line) {
  for (const PrecisionPlotPoint& point : line.points) {
    if (point.law && std::isfinite(*point.law)) return true;
  }
  return false;
}

// Where the law holds the mean follows it; against the spread there are two populations, which a mean would blur.
std::string one_line(const PrecisionPicture& content) {
  std::string text = fmt::format(
      "plot $line0 using 1:6:7 with filledcurves fillcolor '#0b5fa5' fillstyle transparent solid 0.18 noborder "
      "title 'from 5 % to 95 % of the banks', "
      "$line0 using 1:{} with linespoints linecolor '#0b5fa5' pointtype 7 pointsize 0.6 linewidth 2 title '{}', "
      "$line0 using 1:4 with linespoints linecolor '#d1731c' pointtype 7 pointsize 0.5 linewidth 2 "
      "title 'first percentile', "
      "$line0 using 1:5 with points linecolor '#a33333' pointtype 2 pointsize 0.6 title 'worst'",
      content.against_spread ? 3 : 2, content.against_spread ? "median" : "mean");
  if (law_known(content.lines[0])) {
    text += ", $line0 using 1:8 with lines linecolor '#222222' dashtype 2 linewidth 1.5 title 'the law of the mean'";
  }
  return text;
}

std::string several_lines(const PrecisionPicture& content) {
  std::string text = "plot ";
  for (std::size_t k = 0; k < content.lines.size(); ++k) {
    const char* colour = colours.at(k % colours.size());
    text += fmt::format(
        "{0}$line{1} using 1:2 with linespoints linecolor '{2}' pointtype 7 pointsize 0.6 linewidth 2 title {3}, "
        "$line{1} using 1:4 with lines linecolor '{2}' dashtype 3 linewidth 1.5 notitle",
        k == 0 ? "" : ", ", k, colour, in_quotes(content.lines[k].name));
  }
  return text + ", NaN with lines linecolor '#444444' linewidth 2 title 'solid: mean'" +
         ", NaN with lines linecolor '#444444' dashtype 3 linewidth 1.5 title 'dotted: first percentile'";
}

}  // namespace

std::string precision_picture(const std::string& path, const PrecisionPicture& content) {
  std::string script = line_data(content);
  script += fmt::format("set title {} offset 0,0.2 font ',14' noenhanced\n",
                        in_quotes(content.title + "\n" + content.subtitle));
  script +=
      fmt::format("set xlabel {} noenhanced\nset ylabel {} noenhanced\n", in_quotes(content.x), in_quotes(content.y));
  script += "set key outside right top vertical font ',11' noenhanced Left reverse\nset yrange [0:*]\n";
  const auto [least, greatest] = extent_of_lines(content);
  if (content.against_spread) {
    script += fmt::format("set logscale x\nset grid xtics ytics\nset xrange [{}:{}]\n", least / 1.1, greatest * 1.1);
  } else {
    script += fmt::format("set xrange [0:{}]\n", greatest + 1.0);
  }
  script += content.lines.size() == 1 ? one_line(content) : several_lines(content);
  if (!content.against_spread) {
    script += ", x with lines linecolor '#999999' dashtype 4 linewidth 1 title 'a bit for each device'";
  }
  return picture(path, 980, 540, script + "\n");
}

}  // namespace ohmset::plot
