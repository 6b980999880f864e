// SPDX-License-Identifier: Apache-2.0
#include "tools/plot/precision_plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <limits>
#include <set>
#include <string_view>
#include <utility>

#include "tools/plot/gnuplot.h"

namespace ohmset::plot {
namespace {

constexpr int picture_width = 980;
constexpr int picture_height = 540;
constexpr std::array<int, 7> point_types = {7, 5, 9, 13, 11, 15, 2};
constexpr const char* blue = "#0b5fa5";
constexpr const char* orange = "#d1731c";
constexpr const char* red = "#a33333";

std::string number_text(double value) { return std::isfinite(value) ? fmt::format("{:.10g}", value) : "NaN"; }

// Of what is drawn, as far as it is finite.
struct BitsExtent {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();
  void add(double value) {
    if (!std::isfinite(value)) return;
    low = std::min(low, value);
    high = std::max(high, value);
  }
};

// 1, 2 and 5 of each decade from least to most.
std::set<double> round_numbers(double least, double most) {
  std::set<double> numbers;
  const auto decade_of = [](double value) { return static_cast<int>(std::floor(std::log10(value))); };
  for (int decade = decade_of(least); decade <= decade_of(most); ++decade) {
    for (const double step : {1.0, 2.0, 5.0}) numbers.insert(step * std::pow(10.0, decade));
  }
  std::erase_if(numbers, [&](double number) { return number < least * 0.999 || number > most * 1.001; });
  return numbers;
}

// The picture's coordinates: where points stand, and where what is infinite is marked.
class Axes {
 public:
  explicit Axes(const PrecisionPicture& content) : logarithmic_(content.against_spread) {
    BitsExtent bits;
    bits.add(0.0);
    for (const PrecisionLine& line : content.lines) {
      for (const PrecisionPlotPoint& point : line.points) {
        if (point.x > 0.0 || !logarithmic_) places_.insert(point.x);
        zero_ = zero_ || (logarithmic_ && point.x == 0.0);
        add(bits, point, content.lines.size() == 1);
      }
    }
    const double x_high = places_.empty() ? 1.0 : *places_.rbegin();
    if (!logarithmic_) bits.add(x_high);  // the line of a bit for each device
    const double margin = 0.06 * (bits.high > bits.low ? bits.high - bits.low : 1.0);
    high_ = bits.high + margin;
    low_ = bits.low < 0.0 ? bits.low - margin : 0.0;
  }

  // A spread of 0 stands apart at the left of a logarithmic axis.
  [[nodiscard]] double x(double value) const { return logarithmic_ && value == 0.0 ? zero_place() : value; }
  [[nodiscard]] bool stands_apart(double value) const { return logarithmic_ && value == 0.0; }
  // What stands at a point takes so much of the axis.
  [[nodiscard]] std::pair<double, double> bar(double value) const {
    const double at = x(value);
    return logarithmic_ ? std::pair(at / 1.05, at * 1.05) : std::pair(at - 0.25, at + 0.25);
  }
  [[nodiscard]] double high() const { return high_; }
  [[nodiscard]] double low() const { return low_; }
  [[nodiscard]] double within(double bits) const { return std::isnan(bits) ? bits : std::clamp(bits, low_, high_); }

  [[nodiscard]] std::string settings() const {
    const double most = places_.empty() ? 1.0 : *places_.rbegin();
    std::string text = fmt::format("set yrange [{:.10g}:{:.10g}]\n", low_, high_);
    if (logarithmic_) {
      const double first = zero_ ? zero_place() / 1.3 : least() / 1.15;
      text += fmt::format("set logscale x\nset grid xtics ytics\nset xrange [{:.10g}:{:.10g}]\n", first, most * 1.15);
    } else {
      text += fmt::format("set xrange [0:{:.10g}]\n", most + std::max(1.0, 0.03 * most));
    }
    return text + ticks();
  }

 private:
  static void add(BitsExtent& bits, const PrecisionPlotPoint& point, bool alone) {
    bits.add(point.mean);
    bits.add(point.p01);
    if (!alone) return;
    for (const double value : {point.median, point.worst, point.low, point.high, point.law.value_or(0.0)}) {
      bits.add(value);
    }
  }

  [[nodiscard]] double least() const { return places_.empty() ? 1.0 : *places_.begin(); }
  [[nodiscard]] double zero_place() const {
    const double most = places_.empty() ? 1.0 : *places_.rbegin();
    return least() / std::max(2.0, std::pow(most / least(), 0.12));
  }

  // At the points where there is room for them, else where gnuplot likes; a logarithmic axis has 1, 2 and 5.
  [[nodiscard]] std::string ticks() const {
    constexpr std::size_t most_at_points = 20;
    std::set<double> wanted = places_;
    if (logarithmic_ && places_.size() > most_at_points / 2) {
      wanted = round_numbers(least(), *places_.rbegin());
    }
    if (!logarithmic_ && wanted.size() > most_at_points) return {};
    std::string text;
    if (zero_) text += fmt::format("\"0\" {:.10g}", zero_place());
    const double whole = logarithmic_ ? std::log(*places_.rbegin() / least()) : *places_.rbegin();
    const double room = 0.06 * std::max(whole, 1e-9);  // of a label
    double last = -std::numeric_limits<double>::infinity();
    for (const double tick : wanted) {
      const double at = logarithmic_ ? std::log(tick) : tick;
      if (at - last < (logarithmic_ ? room : 0.5 * room)) continue;
      last = at;
      text += fmt::format("{}\"{:g}\" {:.10g}", text.empty() ? "" : ", ", tick, tick);
    }
    return text.empty() ? text : fmt::format("set xtics ({})\n", text);
  }

  bool logarithmic_;
  bool zero_ = false;
  std::set<double> places_{};
  double low_ = 0.0;
  double high_ = 1.0;
};

// Columns: x, mean, median, 1 %, worst, band's low and high, law. What is infinite is not part of a line; the band ends
// at the picture's edge there.
std::string line_data(const PrecisionLine& line, std::size_t number, const Axes& axes) {
  std::string text = fmt::format("$line{} << EOD\n", number);
  for (const PrecisionPlotPoint& point : line.points) {
    text += fmt::format("{} {} {} {} {} {} {} {}\n", number_text(axes.x(point.x)), number_text(point.mean),
                        number_text(point.median), number_text(point.p01), number_text(point.worst),
                        number_text(axes.within(point.low)), number_text(axes.within(point.high)),
                        point.law ? number_text(*point.law) : std::string("NaN"));
    if (axes.stands_apart(point.x)) text += '\n';
  }
  return text + "EOD\n";
}

constexpr std::string_view law_title = "the law of the mean";

bool law_known(const PrecisionLine& line) {
  return std::ranges::any_of(line.points, [](const auto& point) { return point.law && std::isfinite(*point.law); });
}

// A block of data and how it is drawn; "" of none.
struct Layer {
  std::string data{};
  std::string plot{};
};

Layer marks(const std::string& name, const std::string& points, const std::string& style) {
  if (points.empty()) return {};
  return {fmt::format("${} << EOD\n{}EOD\n", name, points), fmt::format(", ${} {}", name, style)};
}

// Where one of a line's values is infinite, at the picture's upper or lower edge.
std::string edge_points(const PrecisionLine& line, double PrecisionPlotPoint::*member, bool up, const Axes& axes) {
  std::string points;
  for (const PrecisionPlotPoint& point : line.points) {
    if (!std::isinf(point.*member) || (point.*member > 0.0) != up) continue;
    points += fmt::format("{} {}\n", number_text(axes.x(point.x)), number_text(up ? axes.high() : axes.low()));
  }
  return points;
}

// Values that have no place in the picture, in their lines' colours.
Layer infinite_marks(const PrecisionPicture& content, const Axes& axes) {
  struct Marked {
    std::string name{};
    const PrecisionLine* line = nullptr;
    double PrecisionPlotPoint::*member = nullptr;
    const char* colour = nullptr;
  };
  std::vector<Marked> marked;
  const bool alone = content.lines.size() == 1;
  for (std::size_t k = 0; k < content.lines.size(); ++k) {
    const bool median = alone && content.against_spread;
    marked.push_back({fmt::format("mean{}", k), &content.lines[k],
                      median ? &PrecisionPlotPoint::median : &PrecisionPlotPoint::mean,
                      colours.at(k % colours.size())});
  }
  if (alone) {
    marked.push_back({"p01", content.lines.data(), &PrecisionPlotPoint::p01, orange});
    marked.push_back({"worst", content.lines.data(), &PrecisionPlotPoint::worst, red});
  }
  Layer layer;
  for (const auto& [name, line, member, colour] : marked) {
    for (const bool up : {true, false}) {
      const Layer mark = marks(
          name + (up ? "up" : "down"), edge_points(*line, member, up, axes),
          fmt::format("using 1:2 with points linecolor '{}' pointtype {} pointsize 1.1 notitle", colour, up ? 9 : 11));
      layer.data += mark.data;
      layer.plot += mark.plot;
    }
  }
  if (!layer.plot.empty()) {
    layer.plot += ", NaN with points linecolor '#444444' pointtype 9 pointsize 1.1 title 'at the edge: infinite'";
  }
  return layer;
}

// A ring where a line stops to pay.
Layer stop_marks(const PrecisionPicture& content, const Axes& axes) {
  Layer layer;
  for (std::size_t k = 0; k < content.lines.size(); ++k) {
    const PrecisionLine& line = content.lines[k];
    for (const PrecisionPlotPoint& point : line.points) {
      if (!line.stop || point.x != *line.stop || !std::isfinite(point.mean)) continue;
      const Layer mark =
          marks(fmt::format("stop{}", k), fmt::format("{} {}\n", number_text(axes.x(point.x)), number_text(point.mean)),
                fmt::format("using 1:2 with points linecolor '{}' pointtype 6 pointsize 2 linewidth 1.5 "
                            "notitle",
                            colours.at(k % colours.size())));
      layer.data += mark.data;
      layer.plot += mark.plot;
    }
  }
  if (!layer.plot.empty()) {
    layer.plot +=
        ", NaN with points linecolor '#444444' pointtype 6 pointsize 2 linewidth 1.5 "
        "title 'ring: beyond, under half a bit each'";
  }
  return layer;
}

// Where the law holds the mean follows it; against the spread there are two populations, which a mean would blur.
std::string one_line(const PrecisionPicture& content, const Axes& axes) {
  const PrecisionLine& line = content.lines.front();
  const std::string band = fmt::format("title 'from 5 % to 95 % of the {}'", content.many_targets ? "values" : "banks");
  // Of a point by itself the band has no width: a bar stands for it.
  const auto joined =
      std::ranges::count_if(line.points, [&](const auto& point) { return !axes.stands_apart(point.x); });
  const auto is_alone = [&](const PrecisionPlotPoint& point) { return joined == 1 || axes.stands_apart(point.x); };
  std::string bars;
  for (const PrecisionPlotPoint& point : line.points) {
    if (!is_alone(point) || std::isnan(point.low) || std::isnan(point.high)) continue;
    const auto [left, right] = axes.bar(point.x);
    bars += fmt::format("{} {} {} {} {}\n", number_text(axes.x(point.x)), number_text(left), number_text(right),
                        number_text(axes.within(point.low)), number_text(axes.within(point.high)));
  }
  const bool area = std::ranges::count_if(line.points, is_alone) < std::ssize(line.points);
  const std::string fill = fmt::format("fillcolor '{}' fillstyle transparent solid 0.18 noborder", blue);
  std::string text;
  if (!bars.empty()) text += fmt::format("$bars << EOD\n{}EOD\n", bars);
  text += "plot ";
  if (area) text += fmt::format("$line0 using 1:6:7 with filledcurves {} {}, ", fill, band);
  if (!bars.empty()) {
    text += fmt::format("$bars using 1:4:2:3:4:5 with boxxyerror {} {}, ", fill, area ? "notitle" : band);
  }
  text += fmt::format(
      "$line0 using 1:{0} with linespoints linecolor '{1}' pointtype 7 pointsize 0.6 linewidth 2 title '{2}', "
      "$line0 using 1:4 with linespoints linecolor '{3}' pointtype 7 pointsize 0.5 linewidth 2 "
      "title 'first percentile', "
      "$line0 using 1:5 with points linecolor '{4}' pointtype 2 pointsize 0.6 title 'worst'",
      content.against_spread ? 3 : 2, blue, content.against_spread ? "median" : "mean", orange, red);
  if (law_known(line)) {
    text += fmt::format(", $line0 using 1:8 with {} linecolor '#222222' {} linewidth 1.5 title '{}'",
                        joined > 1 ? "lines" : "points", joined > 1 ? "dashtype 2" : "pointtype 1", law_title);
  }
  return text;
}

// Later lines are thinner: what lies beneath them shows at both sides.
std::string several_lines(const PrecisionPicture& content) {
  std::string text = "plot ";
  for (std::size_t k = 0; k < content.lines.size(); ++k) {
    const double thin = static_cast<double>(k) / static_cast<double>(content.lines.size() - 1);
    text += fmt::format(
        "{0}$line{1} using 1:2 with linespoints linecolor '{2}' pointtype {3} pointsize {4:.2f} linewidth {5:.2f} "
        "title {6}, "
        "$line{1} using 1:4 with lines linecolor '{2}' dashtype 3 linewidth 1.5 notitle",
        k == 0 ? "" : ", ", k, colours.at(k % colours.size()), point_types.at(k % point_types.size()),
        0.9 - 0.25 * thin, 3.2 - 1.9 * thin, in_quotes(content.lines[k].name));
  }
  // Of ceilings and contrasts one curve follows it: the search that nothing stops.
  if (std::ranges::count_if(content.lines, law_known) == 1) {
    text += fmt::format(", $line{} using 1:8 with lines linecolor '#222222' dashtype 2 linewidth 1.5 title '{}'",
                        std::ranges::find_if(content.lines, law_known) - content.lines.begin(), law_title);
  }
  return text + ", NaN with lines linecolor '#444444' linewidth 2 title 'solid: mean'" +
         ", NaN with lines linecolor '#444444' dashtype 3 linewidth 1.5 title 'dotted: first percentile'";
}

}  // namespace

std::string precision_picture(const std::string& path, const PrecisionPicture& content) {
  const Axes axes(content);
  std::string script;
  for (std::size_t k = 0; k < content.lines.size(); ++k) script += line_data(content.lines[k], k, axes);
  const Layer infinite = infinite_marks(content, axes);
  const Layer stops = stop_marks(content, axes);
  script += infinite.data + stops.data;
  script += fmt::format("set title {} offset 0,0.2 font ',14' noenhanced\n",
                        in_quotes(content.title + "\n" + content.subtitle));
  script +=
      fmt::format("set xlabel {} noenhanced\nset ylabel {} noenhanced\n", in_quotes(content.x), in_quotes(content.y));
  script += "set key outside right top vertical font ',11' noenhanced Left reverse\n" + axes.settings();
  script += content.lines.size() == 1 ? one_line(content, axes) : several_lines(content);
  script += stops.plot + infinite.plot;
  if (!content.against_spread) {
    script += ", x with lines linecolor '#999999' dashtype 4 linewidth 1 title 'a bit for each device'";
  }
  return picture(path, picture_width, picture_height, script + "\n");
}

}  // namespace ohmset::plot
