// What the two kinds of subjects share: names, digests.
// SPDX-License-Identifier: Apache-2.0
#include "tools/cli/tolerance/subject.h"

#include <fmt/format.h>

#include <cmath>

#include "sim/error.h"
#include "sim/units.h"
#include "tools/io/design_file.h"

namespace ohmset::cli {
std::string_view name_of(Population population) {
  if (population == Population::die) return "die";
  return population == Population::blind ? "blind" : "redesigned";
}

namespace {

std::string digits_of(const std::vector<double>& values) {
  std::string text;
  for (const double value : values) text += fmt::format("{} ", value);
  return text;
}

std::string relative_text(double relative, bool sign) {
  if (!std::isfinite(relative)) return std::isnan(relative) ? "-" : fmt::format("{}", relative);
  const double magnitude = std::abs(relative);
  const auto text = [&](double value, std::string_view unit) {
    return sign ? fmt::format("{:+.4g}{}", value, unit) : fmt::format("{:.4g}{}", value, unit);
  };
  if (magnitude == 0.0) return "0";
  if (magnitude >= 0.01) return text(relative * 100.0, " %");
  return magnitude >= 1e-8 ? text(relative * 1e6, " ppm") : text(relative, "");
}

}  // namespace

std::string digits_of(const Fabrication& fabrication) {
  const Process& p = fabrication.process;
  const SwitchProcess& s = fabrication.switches;
  std::string text = digits_of(p.nominals) + digits_of(p.values) + digits_of(p.ratios);
  text += fmt::format("{} {} {} {} {} {} ", name_of(p.distribution), p.sigma, p.lot_sigma, p.device_open,
                      p.device_short, p.read_noise);
  text += fmt::format("{} {} {} ", p.gradient[0], p.gradient[1], p.correlation_length);
  text += fmt::format("{} {} {} {} ", p.tc1.mean, p.tc1.sigma, p.tc2.mean, p.tc2.sigma);
  text += fmt::format("{} {} {} {} {} ", static_cast<int>(p.drift.model), p.drift.nu.mean, p.drift.nu.sigma, p.drift.t0,
                      p.drift.programming_noise);
  text +=
      fmt::format("{} {} {} {} {} ", s.nominal.on.value, s.nominal.off.value, s.on_sigma, s.stuck_open, s.stuck_closed);
  return text + fmt::format("{} {} ", fabrication.measurement.sigma, fabrication.measurement.bits);
}

std::string error_text(double relative) { return relative_text(relative, true); }
std::string magnitude_text(double relative) { return relative_text(relative, false); }

void add_corner(Answer& answer, const std::string& name, const Corner& corner, std::string_view unit,
                const Condition& condition, io::Json begin) {
  answer.rows.push_back({name, format_engineering(corner.low, unit, 8), error_text(corner.low_error),
                         format_engineering(corner.high, unit, 8), error_text(corner.high_error)});
  begin["condition"] = json_of(condition);
  begin["sigmas"] = corner.sigmas;
  begin["low"] = io::json_number(corner.low);
  begin["high"] = io::json_number(corner.high);
  begin["low_error"] = io::json_number(corner.low_error);
  begin["high_error"] = io::json_number(corner.high_error);
  begin["exact"] = corner.exact;
  answer.json.push_back(std::move(begin));
}

Subject read_subject(const SubjectArguments& arguments, const Common& common) {
  if (arguments.redesign && arguments.blind) {
    throw input_error("--redesign and --blind are both given", "expected one of them");
  }
  return io::is_crossbar_design(arguments.path) ? crossbar_subject(arguments, common) : bank_subject(arguments, common);
}

}  // namespace ohmset::cli
