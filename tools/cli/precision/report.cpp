// SPDX-License-Identifier: Apache-2.0
#include "tools/cli/precision/report.h"

#include <fmt/format.h>

#include <cmath>

#include "sim/units.h"
#include "tools/cli/precision/meaning.h"
#include "tools/cli/questions.h"
#include "tools/cli/report.h"

namespace ohmset::cli {
namespace {

std::string bits_text(double bits) {
  return std::isfinite(bits) ? fmt::format("{:.2f}", bits) : fmt::format("{}", bits);
}

std::string with_interval(double value, const Interval& interval) {
  return fmt::format("{} [{}, {}]", bits_text(value), bits_text(interval.low), bits_text(interval.high));
}

std::string x_text(const PrecisionCurve& curve, std::size_t k) {
  return curve.against_spread ? fmt::format("{:g}", curve.points[k].sigma.value_or(0.0))
                              : std::to_string(curve.points[k].devices);
}

bool has_law(const PrecisionCurve& curve) {
  return std::ranges::any_of(curve.rows, [](const PrecisionRow& row) { return row.bits_law.has_value(); });
}

// Of targets, errors and distances; "" for signed items.
std::string_view unit_name_of(const PrecisionCurve& curve) {
  if (!curve.question.family) return {};
  return io::unit_name(target_unit_of(question_at(curve, curve.points.front()), curve.points.front().devices));
}

std::string comma_unit(const PrecisionCurve& curve) {
  const std::string_view unit = unit_name_of(curve);
  return unit.empty() ? std::string() : fmt::format(", {}", unit);
}

std::string rows_table(const PrecisionInput& input, const PrecisionCurve& curve) {
  const bool covered = input.arguments.coverage;
  const std::string x = curve.against_spread ? "sigma" : "devices";
  const bool law = has_law(curve);
  std::vector<std::vector<std::string>> rows;
  rows.push_back({x, "worst", "1 %", "median", "mean"});
  if (law) rows[0].emplace_back("law");
  rows[0].push_back((covered ? "median distance" : "median |error|") + comma_unit(curve));
  for (std::size_t k = 0; k < curve.rows.size(); ++k) {
    const PrecisionRow& row = curve.rows[k];
    rows.push_back({x_text(curve, k), bits_text(row.bits_worst), with_interval(row.bits_p01, row.p01),
                    with_interval(row.bits_median, row.median), with_interval(row.bits_mean, row.mean)});
    if (law) rows.back().push_back(row.bits_law ? bits_text(*row.bits_law) : "");
    rows.back().push_back(fmt::format("{:.3g}", row.error_median));
  }
  return table(rows);
}

std::string needed_table(const PrecisionInput& input, const PrecisionCurve& curve) {
  const NeededDevices& needed = *curve.needed;
  std::vector<std::vector<std::string>> rows = {{"devices", "share", "at least"}};
  for (const NeededDevices::Tried& tried : needed.tried) {
    rows.push_back({std::to_string(tried.devices), fmt::format("{:.4g} %", tried.share * 100.0),
                    fmt::format("{:.4g} %", tried.lower * 100.0)});
  }
  const std::string what = fmt::format("{} bits or more with a probability of {}", input.arguments.for_bits,
                                       input.value(&PrecisionArguments::probability));
  return table(rows) +
         (needed.devices ? fmt::format("{} devices give {}", *needed.devices, what)
                         : fmt::format("none of these numbers is proven to give {}", what)) +
         fmt::format("\n(\"at least\": with a confidence of {}, each number tested by itself)\n",
                     input.value(&PrecisionArguments::confidence));
}

std::optional<Slope> slope_of(const PrecisionCurve& curve) {
  if (curve.against_spread || curve.rows.size() < 2) return std::nullopt;
  return slope_of(curve.rows, curve.question.confidence);
}

// "3 of 100 banks of 4 devices, 1 of 100 of 8: nothing to choose from, 0 bits"
std::string dead_text(const PrecisionCurve& curve) {
  std::string text;
  for (std::size_t k = 0; k < curve.rows.size(); ++k) {
    const PrecisionRow& row = curve.rows[k];
    if (row.dead == 0) continue;
    text += fmt::format("{}{} of {} banks{} {}", text.empty() ? "" : ", ", row.dead, row.banks,
                        curve.against_spread ? " at sigma" : " of", x_text(curve, k));
  }
  if (text.empty()) return text;
  return fmt::format("{}{}: nothing to choose from, 0 bits", text, curve.against_spread ? "" : " devices");
}

// At the most devices.
std::optional<MeasurementCeiling> ceiling_of(const PrecisionInput& input, const PrecisionCurve& curve) {
  if (input.arguments.coverage || curve.against_spread || curve.points.empty()) return std::nullopt;
  const PrecisionPoint& point = curve.points.back();
  return measurement_ceiling(question_at(curve, point), point.devices);
}

std::string notes_of(const PrecisionInput& input, const PrecisionCurve& curve) {
  std::string text;
  const std::string note = curve.note.empty() ? "" : curve.note + "\n";
  if (const auto slope = slope_of(curve); slope && std::isfinite(slope->bits_per_device)) {
    text += fmt::format("{:.3f} bits per device [{:.3f}, {:.3f}]\n", slope->bits_per_device, slope->interval.low,
                        slope->interval.high);
  }
  if (const std::string dead = dead_text(curve); !dead.empty()) text += dead + "\n";
  if (curve.against_spread) return text + note;
  if (const auto stop = stops_paying(curve.rows)) {
    text += fmt::format("beyond {} devices another one brings less than half a bit\n", *stop);
  }
  if (const auto ceiling = ceiling_of(input, curve)) {
    text +=
        fmt::format("measurement noise {:g} leaves about {:.1f} bits on average at {} devices\n",
                    curve.question.family->fabrication.measurement.sigma, ceiling->mean, curve.points.back().devices);
  }
  return text + note;
}

io::Json interval_json(const Interval& interval) { return io::json_numbers({interval.low, interval.high}); }

io::Json row_json(const PrecisionCurve& curve, std::size_t k) {
  const PrecisionRow& row = curve.rows[k];
  io::Json json;
  if (!curve.name.empty()) json["curve"] = curve.name;
  json["devices"] = row.devices;
  if (curve.points[k].sigma) json["sigma"] = *curve.points[k].sigma;
  json["banks"] = row.banks;
  json["dead_banks"] = row.dead;
  json["targets"] = row.targets;
  json["bits_worst"] = io::json_number(row.bits_worst);
  json["bits_p01"] = io::json_number(row.bits_p01);
  json["bits_median"] = io::json_number(row.bits_median);
  json["bits_mean"] = io::json_number(row.bits_mean);
  json["bits_law"] = row.bits_law ? io::json_number(*row.bits_law) : io::Json();
  json["bits_p01_interval"] = interval_json(row.p01);
  json["bits_median_interval"] = interval_json(row.median);
  json["bits_mean_interval"] = interval_json(row.mean);
  json["bits_band"] = interval_json(row.band);
  json["error_median"] = io::json_number(row.error_median);
  if (k < curve.full_scales.size() && curve.full_scales[k] > 0.0) json["full_scale"] = curve.full_scales[k];
  return json;
}

io::Json curve_json(const PrecisionInput& input, const PrecisionCurve& curve, std::size_t index) {
  io::Json json;
  json["index"] = index;
  json["name"] = curve.name;
  if (const std::string_view unit = unit_name_of(curve); !unit.empty()) json["unit"] = unit;
  const auto slope = slope_of(curve);
  json["slope"] = slope ? io::json_number(slope->bits_per_device) : io::Json();
  if (slope) json["slope_interval"] = interval_json(slope->interval);
  if (!curve.against_spread && !curve.rows.empty()) {
    const auto stop = stops_paying(curve.rows);
    json["stops_paying"] = stop ? io::Json(*stop) : io::Json();
  }
  if (const auto ceiling = ceiling_of(input, curve)) {
    json["measurement_ceiling"] = {
        {"devices", curve.points.back().devices}, {"bits_rms", ceiling->rms}, {"bits_mean", ceiling->mean}};
  }
  if (!curve.note.empty()) json["note"] = curve.note;
  return json;
}

io::Json needed_json(const PrecisionInput& input, const PrecisionCurve& curve) {
  const NeededDevices& needed = *curve.needed;
  io::Json json;
  json["bits"] = quantity_of("--for-bits", input.arguments.for_bits, "");
  json["probability"] = probability_of("--probability", input.value(&PrecisionArguments::probability));
  json["confidence"] = curve.question.confidence;
  if (!curve.name.empty()) json["curve"] = curve.name;
  if (curve.points.front().sigma) json["sigma"] = *curve.points.front().sigma;
  json["devices"] = needed.devices ? io::Json(*needed.devices) : io::Json();
  json["tried"] = io::Json::array();
  for (const NeededDevices::Tried& tried : needed.tried) {
    json["tried"].push_back({{"devices", tried.devices},
                             {"passed", tried.passed},
                             {"trials", tried.trials},
                             {"share", tried.share},
                             {"share_lower", tried.lower}});
  }
  return json;
}

// Of which there are as many as a row has banks: measured values make one bank, again and again.
std::string what_is_many(const PrecisionInput& input, const PrecisionCurve& curve) {
  const PrecisionQuestion& question = curve.question;
  if (!question.family || question.family->fabrication.process.values.empty()) return "fresh banks";
  if (input.arguments.coverage || curve.rows.front().targets > 1) return "times the same bank";
  return question.each_its_own ? "targets" : "random targets";
}

}  // namespace

std::string people_report(const PrecisionInput& input, const std::vector<PrecisionCurve>& curves) {
  const PrecisionQuestion& question = curves.front().question;
  std::string text = subject_of(input) + "\n";
  if (const std::string limits = limits_of(curves); !limits.empty()) text += limits + "\n";
  text += fmt::format("bits: {}\ntargets: {}\n", bits_are(input, question), targets_are(input, question));
  for (const PrecisionCurve& curve : curves) {
    text += "\n";
    if (!curve.name.empty()) text += curve.name + "\n";
    text += curve.needed ? needed_table(input, curve) : rows_table(input, curve) + notes_of(input, curve);
  }
  return text;
}

io::Json json_report(const PrecisionInput& input, const std::vector<PrecisionCurve>& curves) {
  PrecisionInput told = input;
  told.defaults.unit = unit_name_of(curves.front());
  io::Json json;
  json["question"] = json_of(told);
  const PrecisionQuestion& question = curves.front().question;
  json["bits_are"] = bits_are(input, question);
  json["targets_are"] = targets_are(input, question);
  const std::optional<Interval> interval = interval_of(input, question);
  json["interval"] = interval ? interval_json(*interval) : io::Json();
  if (curves.front().needed) {
    json["needed"] = io::Json::array();
    for (const PrecisionCurve& curve : curves) json["needed"].push_back(needed_json(input, curve));
    return json;
  }
  json["rows"] = io::Json::array();
  for (const PrecisionCurve& curve : curves) {
    for (std::size_t k = 0; k < curve.rows.size(); ++k) json["rows"].push_back(row_json(curve, k));
  }
  const auto slope = slope_of(curves.front());
  json["slope"] = slope ? io::json_number(slope->bits_per_device) : io::Json();
  json["curves"] = io::Json::array();
  for (const PrecisionCurve& curve : curves) {
    json["curves"].push_back(curve_json(input, curve, json["curves"].size()));
  }
  return json;
}

plot::PrecisionPicture picture_of(const PrecisionInput& input, const std::vector<PrecisionCurve>& curves) {
  plot::PrecisionPicture picture{.title = subject_of(input)};
  const PrecisionCurve& first = curves.front();
  const std::size_t banks = first.rows.front().banks;
  picture.subtitle = fmt::format("{} {}{}", banks, what_is_many(input, first),
                                 first.against_spread ? "" : " for each number of devices");
  picture.many_targets = first.rows.front().targets > 1;
  picture.subtitle += fmt::format("\ntargets: {}", targets_are(input, first.question));
  if (const std::string limits = limits_of(curves); !limits.empty()) picture.title += "; " + limits;
  picture.against_spread = first.against_spread;
  picture.x =
      first.against_spread ? fmt::format("spread sigma of {} devices", first.points.front().devices) : "devices";
  picture.y = input.arguments.coverage ? "bits of precision for any target" : "bits of precision";
  for (const PrecisionCurve& curve : curves) {
    plot::PrecisionLine line{.name = curve.name};
    if (input.arguments.ceilings && !curve.against_spread) {
      if (const auto stop = stops_paying(curve.rows)) line.stop = static_cast<double>(*stop);
    }
    for (std::size_t k = 0; k < curve.rows.size(); ++k) {
      const PrecisionRow& row = curve.rows[k];
      line.points.push_back(
          {.x = curve.against_spread ? *curve.points[k].sigma : static_cast<double>(curve.points[k].devices),
           .mean = row.bits_mean,
           .median = row.bits_median,
           .p01 = row.bits_p01,
           .worst = row.bits_worst,
           .low = row.band.low,
           .high = row.band.high,
           .law = row.bits_law});
    }
    picture.lines.push_back(std::move(line));
  }
  return picture;
}

}  // namespace ohmset::cli
