// SPDX-License-Identifier: Apache-2.0
#include "tools/plot/tolerance_plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tools/plot/gnuplot.h"

namespace ohmset::plot {
namespace {

// Relative numbers in the unit that reads best.
struct RelativeUnit {
  double factor = 100.0;
  const char* name = "%";
};

RelativeUnit unit_for(double largest) {
  if (largest >= 1e-3) return {100.0, "%"};
  if (largest >= 1e-7) return {1e6, "ppm"};
  return {1e9, "ppb"};
}

struct Extent {
  double low = 0.0;
  double high = 0.0;
};

Extent extent_of(const TolerancePicture& content) {
  Extent extent{content.series[0]->histogram.low, content.series[0]->histogram.high};
  for (const SeriesResult* series : content.series) {
    extent.low = std::min(extent.low, series->histogram.low);
    extent.high = std::max(extent.high, series->histogram.high);
  }
  // Limits are part of the picture unless they would shrink the rest to nothing.
  const bool signs = extent.low < 0.0;
  const double width = extent.high - extent.low;
  for (const double limit : content.limits) {
    if (limit <= extent.high + 4.0 * width) extent.high = std::max(extent.high, limit * 1.05);
    if (signs && -limit >= extent.low - 4.0 * width) extent.low = std::min(extent.low, -limit * 1.05);
  }
  return extent;
}

double share_of(const Histogram& histogram, std::size_t bin, std::uint64_t count) {
  return count == 0 ? 0.0 : static_cast<double>(histogram.counts[bin]) / static_cast<double>(count) * 100.0;
}

std::string data_blocks(const TolerancePicture& content, double factor) {
  std::string text;
  for (std::size_t k = 0; k < content.series.size(); ++k) {
    const Histogram& histogram = content.series[k]->histogram;
    const Moments& moments = content.series[k]->moments;
    const double width = (histogram.high - histogram.low) / static_cast<double>(histogram.counts.size());
    text += fmt::format("$series{} << EOD\n", k);
    for (std::size_t bin = 0; bin < histogram.counts.size(); ++bin) {
      text += fmt::format("{} {} {}\n", (histogram.low + (static_cast<double>(bin) + 0.5) * width) * factor,
                          share_of(histogram, bin, moments.count + moments.infinite), width * factor);
    }
    text += "EOD\n";
  }
  return text;
}

struct Mark {
  double x = 0.0;
  const char* colour = "";
  int dashes = 2;
  double height = 0.0;  // of the graph
  std::string label{};
  bool centred = true;  // the label over its line, else to its right
};

std::string vertical(const Mark& mark) {
  std::string text = fmt::format(
      "set arrow from first {0}, graph 0 to first {0}, graph {1} nohead linecolor '{2}' linewidth 1.5 dashtype {3} "
      "front\n",
      mark.x, mark.height, mark.colour, mark.dashes);
  if (mark.label.empty()) return text;
  return text + fmt::format("set label {} at first {}, graph {} {} textcolor '{}' font ',11' front\n",
                            in_quotes(mark.label), mark.x, mark.height,
                            mark.centred ? "center offset 0,0.5" : "left offset 0.5,-0.3", mark.colour);
}

std::string histogram(const TolerancePicture& content) {
  const Extent extent = extent_of(content);
  const RelativeUnit unit = unit_for(std::max(std::abs(extent.low), std::abs(extent.high)));
  const bool several = content.series.size() > 1;
  std::string text = data_blocks(content, unit.factor);
  text += fmt::format("set title {} offset 0,0.2 font ',14' noenhanced\n",
                      in_quotes(content.title + "\n" + content.subtitle));
  text +=
      fmt::format("set xlabel {} noenhanced\nset ylabel {} noenhanced\n",
                  in_quotes(fmt::format("{}, {}", content.error, unit.name)),
                  in_quotes(several ? fmt::format("% of the samples per {}", unit.name) : "% of the samples per bin"));
  const double margin = extent.high > extent.low ? 0.0 : std::max(std::abs(extent.high), 1e-12);
  text += fmt::format("set xrange [{}:{}]\nset yrange [0:*]\nset offsets 0,0,graph 0.2,0\n",
                      (extent.low - margin) * unit.factor, (extent.high + margin) * unit.factor);
  const bool signs = extent.low < 0.0;
  for (const double limit : content.limits) {
    const double at = limit * unit.factor;
    const std::string label = fmt::format("limit {}{:.3g} {}", signs ? "\u00b1" : "", at, unit.name);
    if (limit <= extent.high) text += vertical({at, "#a33333", 2, 0.97, label, false});
    if (signs && -limit >= extent.low) text += vertical({-at, "#a33333", 2, 0.97, {}});
  }
  if (!several) {
    for (const QuantileEstimate& quantile : content.series[0]->quantiles) {
      const bool wanted = quantile.probability == 0.01 || quantile.probability == 0.5 || quantile.probability == 0.99;
      if (!wanted || !std::isfinite(quantile.value)) continue;
      if (quantile.value < extent.low || quantile.value > extent.high) continue;
      text += vertical(
          {quantile.value * unit.factor, "#555555", 3, 0.86, fmt::format("{:g} %", quantile.probability * 100.0)});
    }
    text += "unset key\nset style fill solid 0.55 noborder\n";
    text += fmt::format("plot $series0 using 1:2:3 with boxes linecolor '{}'\n", colours[0]);
    return text;
  }
  text += "set key outside right top vertical font ',11' noenhanced\nplot ";
  for (std::size_t k = 0; k < content.series.size(); ++k) {
    text += fmt::format("{}$series{} using 1:($2/$3) with histeps linewidth 2 linecolor '{}' title {}",
                        k == 0 ? "" : ", ", k, colours.at(k % colours.size()), in_quotes(content.names[k]));
  }
  return text + "\n";
}

// At most so many pixels along a side: of several banks the worst is shown.
Matrix reduced(const Matrix& map) {
  constexpr Eigen::Index most = 256;
  const Eigen::Index rows = (map.rows() + most - 1) / most;
  const Eigen::Index columns = (map.cols() + most - 1) / most;
  if (rows == 1 && columns == 1) return map;
  Matrix result = Matrix::Zero((map.rows() + rows - 1) / rows, (map.cols() + columns - 1) / columns);
  for (Eigen::Index i = 0; i < map.rows(); ++i) {
    for (Eigen::Index j = 0; j < map.cols(); ++j) {
      double& pixel = result(i / rows, j / columns);
      pixel = std::max(pixel, map(i, j));
    }
  }
  return result;
}

std::string heat_map(const TolerancePicture& content) {
  const Matrix& map = *content.map;
  double largest = 0.0;
  for (const double value : map.reshaped()) {
    if (std::isfinite(value)) largest = std::max(largest, value);
  }
  const RelativeUnit unit = unit_for(largest);
  const Matrix shown = reduced(map);
  std::string text = "$map << EOD\n";
  for (Eigen::Index i = 0; i < shown.rows(); ++i) {
    for (Eigen::Index j = 0; j < shown.cols(); ++j) {
      const double value = shown(i, j) * unit.factor;
      text += std::isfinite(value) ? fmt::format("{:.6g} ", value) : std::string("NaN ");
    }
    text += '\n';
  }
  text += "EOD\n";
  const double across = static_cast<double>(map.cols()) / static_cast<double>(shown.cols());
  const double down = static_cast<double>(map.rows()) / static_cast<double>(shown.rows());
  text += fmt::format("set title {} offset 0,0.3 font ',14' noenhanced\n", in_quotes(content.map_title));
  text += "set xlabel 'output'\nset ylabel 'word line'\n";
  text += fmt::format("set cblabel {} offset 1,0 noenhanced\n",
                      in_quotes(fmt::format("rms error / largest output, {}", unit.name)));
  text += fmt::format("set xrange [-0.5:{}]\nset yrange [{}:-0.5]\nset cbrange [0:{}]\n",
                      static_cast<double>(map.cols()) - 0.5, static_cast<double>(map.rows()) - 0.5,
                      largest > 0.0 ? largest * unit.factor : 1.0);
  text +=
      "unset key\nunset grid\nset tics out\nset style fill solid 1 noborder\n"
      "set palette defined (0 '#fcfcf8', 0.25 '#f3d9a0', 0.5 '#e08a3c', 0.75 '#a33333', 1 '#3b0f2f')\n";
  text += fmt::format("plot $map using (($1 + 0.5) * {0} - 0.5):(($2 + 0.5) * {1} - 0.5):3 matrix with image pixels\n",
                      across, down);
  return text;
}

}  // namespace

std::string tolerance_picture(const std::string& path, const TolerancePicture& content) {
  const bool several = content.series.size() > 1;
  const int width = several ? 1000 : 900;
  if (!content.map) return picture(path, width, 540, histogram(content));
  std::string script = "set multiplot layout 2,1 margins 0.1,0.8,0.08,0.9 spacing 0.1,0.16\n";
  script += histogram(content);
  script += "unset arrow\nunset label\nset offsets 0,0,0,0\n";
  script += heat_map(content) + "unset multiplot\n";
  return picture(path, width, 980, script);
}

}  // namespace ohmset::plot
