// SPDX-License-Identifier: Apache-2.0
#include "tools/cli/precision/curves.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sim/error.h"
#include "sim/units.h"
#include "tools/cli/conditions.h"
#include "tools/cli/lists.h"
#include "tools/cli/precision/ceilings.h"
#include "tools/cli/precision/contrasts.h"
#include "tools/cli/precision/refusals.h"
#include "tools/cli/questions.h"

namespace ohmset::cli {
namespace {

[[noreturn]] void contradiction(std::string_view a, std::string_view b) {
  throw input_error(fmt::format("{} and {} are both given", a, b), "expected one of them");
}

std::vector<std::size_t> devices_of(const PrecisionInput& input) {
  std::vector<std::size_t> devices;
  for (const double value : list_of("--devices", input.value(&PrecisionArguments::devices), [](std::string_view part) {
         return static_cast<double>(whole_of("--devices", part, 1));
       })) {
    devices.push_back(static_cast<std::size_t>(std::llround(value)));
  }
  std::ranges::sort(devices);
  devices.erase(std::unique(devices.begin(), devices.end()), devices.end());
  return devices;
}

std::vector<double> sigmas_of(const PrecisionArguments& arguments) {
  if (arguments.sigmas.empty()) return {};
  return list_of("--sigma", arguments.sigmas, [](std::string_view part) { return relative_of("--sigma", part); });
}

double ladder_of(const std::string& text) {
  constexpr std::string_view geometric = "geometric:";
  if (text.empty() || text == "equal") return 1.0;
  if (text == "binary") return 2.0;
  if (!text.starts_with(geometric)) {
    throw input_error("--ladder " + text, "expected equal, binary or geometric:RATIO");
  }
  const double ratio = quantity_of("--ladder", std::string_view(text).substr(geometric.size()), "");
  if (!(ratio > 0.0 && std::isfinite(ratio))) throw input_error("--ladder " + text, "expected a ratio above 0");
  return ratio;
}

Fabrication fabrication_of(const PrecisionInput& input) {
  const PrecisionArguments& arguments = input.arguments;
  Fabrication result = input.fabrication.value_or(Fabrication{});
  Process& process = result.process;
  if (!process.values.empty()) refuse_beside_values(arguments);
  const auto value = [&](std::string PrecisionArguments::*option) { return input.value(option); };
  if (const auto text = value(&PrecisionArguments::nominal); !text.empty()) {
    process.nominals = {quantity_of("--nominal", text, "ohm")};
  }
  if (const auto text = value(&PrecisionArguments::distribution); !text.empty()) {
    const std::optional<Distribution> named = distribution_named(text);
    if (!named || *named == Distribution::empirical) {
      throw input_error("--distribution " + text, "expected none, normal, lognormal, uniform or triangular");
    }
    process.distribution = *named;
    if (*named == Distribution::none) process.sigma = 0.0;
  }
  const bool scatters = process.distribution != Distribution::none && process.distribution != Distribution::empirical;
  if (const std::string& sigma = input.defaults.sigmas; scatters && !sigma.empty()) {
    process.sigma = relative_of("--sigma", sigma);
  }
  if (!arguments.sigmas.empty() && !scatters) {
    throw input_error("--sigma " + arguments.sigmas,
                      "expected --distribution normal, lognormal, uniform or triangular");
  }
  SwitchProcess& switches = result.switches;
  if (const auto text = value(&PrecisionArguments::r_on); !text.empty()) {
    switches.nominal.on = Ohm{quantity_of("--r-on", text, "ohm")};
  }
  if (const auto text = value(&PrecisionArguments::r_off); !text.empty()) {
    switches.nominal.off = Ohm{quantity_of("--r-off", text, "ohm")};
  }
  if (const auto text = value(&PrecisionArguments::r_on_sigma); !text.empty()) {
    switches.on_sigma = relative_of("--r-on-sigma", text);
    if (switches.on_sigma > 0.0 && switches.nominal.on.value == 0.0) {
      throw input_error("--r-on-sigma " + text, "expected --r-on above 0 too: of 0 nothing varies");
    }
  }
  if (const auto text = value(&PrecisionArguments::measurement_sigma); !text.empty()) {
    result.measurement.sigma = relative_of("--measurement-sigma", text);
  }
  if (arguments.measurement_bits) {
    if (*arguments.measurement_bits > 32) {
      throw input_error(fmt::format("--measurement-bits {}", *arguments.measurement_bits), "expected at most 32");
    }
    result.measurement.bits = static_cast<int>(*arguments.measurement_bits);
  }
  return result;
}

Choosing choosing_asked(const PrecisionInput& input) {
  const std::string& name = input.value(&PrecisionArguments::choose);
  if (name == "search") return Choosing::search;
  if (name == "code") return Choosing::code;
  if (name == "average") return Choosing::everything;
  throw input_error("--choose " + name, "expected search, code or average");
}

void refuse_bank_options(const PrecisionInput& input) {
  const PrecisionArguments& a = input.arguments;
  for (const auto& [given, name] :
       {std::pair(input.fabrication.has_value(), "a specification"), std::pair(!a.nominal.empty(), "--nominal"),
        std::pair(!a.distribution.empty(), "--distribution"), std::pair(!a.sigmas.empty(), "--sigma"),
        std::pair(!a.ladder.empty(), "--ladder"), std::pair(!a.topology.empty(), "--topology"),
        std::pair(!a.r_on.empty(), "--r-on"), std::pair(!a.r_off.empty(), "--r-off"),
        std::pair(!a.r_on_sigma.empty(), "--r-on-sigma"), std::pair(!a.unit.empty(), "--unit"),
        std::pair(!a.measurement_sigma.empty(), "--measurement-sigma"),
        std::pair(a.measurement_bits.has_value(), "--measurement-bits"),
        std::pair(!a.temperatures.empty(), "--temperature"), std::pair(!a.times.empty(), "--time"),
        std::pair(a.contacts_anew, "--contacts-anew"), std::pair(a.ceilings, "--ceilings"),
        std::pair(a.contrast, "--contrast"), std::pair(choosing_asked(input) != Choosing::search, "--choose")}) {
    if (given) contradiction("--signed", name);
  }
}

// How many banks, with which targets.
void plan(const PrecisionInput& input, PrecisionQuestion& question) {
  const PrecisionArguments& a = input.arguments;
  const bool targets = !input.targets.empty();
  if (a.instances && a.banks) contradiction("--instances", "--banks");
  if (a.even && targets) contradiction("--even", "--targets");
  if (a.coverage && (a.even || targets)) contradiction("--coverage", a.even ? "--even" : "--targets");
  if (a.coverage && choosing_asked(input) != Choosing::search) contradiction("--coverage", "--choose " + a.choose);
  if (a.coverage && !a.for_bits.empty()) contradiction("--coverage", "--for-bits");
  if (choosing_asked(input) == Choosing::everything) {
    for (const auto& [given, name] : {std::pair(a.even.has_value(), "--even"), std::pair(targets, "--targets"),
                                      std::pair(!a.interval.empty(), "--interval")}) {
      if (given) contradiction("--choose average", name);
    }
  }
  if (a.instances && (a.even || targets)) {
    throw input_error(fmt::format("--instances and {} are both given", a.even ? "--even" : "--targets"),
                      "--banks says on how many banks all of them are tried");
  }
  if (a.banks && !a.even && !targets && !a.coverage) {
    throw input_error("--banks alone", "expected --even, --targets or --coverage too, or --instances");
  }
  for (const auto& banks : {a.instances, a.banks, input.defaults.instances, input.defaults.banks}) {
    if (!banks) continue;
    question.banks = *banks;
    break;
  }
  question.even = a.even.value_or(0);
  question.targets = input.targets;
  if (targets && !a.banks) {
    question.each_its_own = true;
    question.banks = input.targets.size();
  }
  if (!a.interval.empty() && targets) contradiction("--interval", "--targets");
}

// None where what stands for it is what the library takes.
void place(const PrecisionInput& input, PrecisionQuestion& question) {
  if (const std::string& interval = input.value(&PrecisionArguments::interval); !interval.empty()) {
    const auto [low, high] = pair_of("--interval", interval, ':');
    const auto number = [&](const std::string& text) {
      try {
        return parse_quantity(text, "");
      } catch (const Error& error) {
        throw input_error("--interval " + interval, error.what());
      }
    };
    const Interval placed{.low = number(low), .high = number(high)};
    const Interval usual = asked_interval(question, input.arguments.coverage);
    const bool same = placed.low == usual.low && placed.high == usual.high;
    if (!same || !input.arguments.interval.empty()) question.interval = placed;
  }
}

// One curve for each condition of use.
std::vector<PrecisionCurve> by_condition(const PrecisionCurve& base, const std::vector<Condition>& conditions) {
  std::vector<PrecisionCurve> curves;
  for (const Condition& condition : conditions) {
    PrecisionCurve curve = base;
    curve.question.condition = condition;
    if (conditions.size() > 1) curve.name = name_of(condition);
    curves.push_back(std::move(curve));
  }
  return curves;
}

// The points of each: spreads multiply the curves, unless one number of devices makes a curve of them.
std::vector<PrecisionCurve> with_points(std::vector<PrecisionCurve> curves, const std::vector<std::size_t>& devices,
                                        const std::vector<double>& sigmas) {
  std::vector<PrecisionCurve> result;
  for (PrecisionCurve& curve : curves) {
    std::optional<double> own;
    if (curve.question.family && curve.question.family->fabrication.process.sigma > 0.0) {
      own = curve.question.family->fabrication.process.sigma;
    }
    if (sigmas.size() > 1 && devices.size() == 1) {
      curve.against_spread = true;
      for (const double sigma : sigmas) curve.points.push_back({devices.front(), sigma});
      result.push_back(std::move(curve));
      continue;
    }
    const std::vector<double> all = sigmas.empty() && own ? std::vector<double>{*own} : sigmas;
    for (std::size_t k = 0; k < std::max<std::size_t>(1, all.size()); ++k) {
      PrecisionCurve copy = curve;
      if (all.size() > 1) copy.name += fmt::format("{}sigma {:g}", copy.name.empty() ? "" : ", ", all[k]);
      for (const std::size_t n : devices) {
        copy.points.push_back({n, all.empty() ? std::nullopt : std::optional(all[k])});
      }
      result.push_back(std::move(copy));
    }
  }
  return result;
}

}  // namespace

PrecisionQuestion question_at(const PrecisionCurve& curve, const PrecisionPoint& point) {
  PrecisionQuestion question = curve.question;
  if (question.family && point.sigma) question.family->fabrication.process.sigma = *point.sigma;
  return question;
}

std::vector<PrecisionCurve> curves_of(const PrecisionInput& input) {
  const PrecisionArguments& arguments = input.arguments;
  PrecisionCurve base;
  PrecisionQuestion& question = base.question;
  question.seed = input.seed;
  question.confidence = probability_of("--confidence", input.value(&PrecisionArguments::confidence));
  plan(input, question);
  if (arguments.for_bits.empty() && !arguments.probability.empty()) {
    throw input_error("--probability alone", "expected --for-bits B too");
  }
  if (arguments.signed_items) {
    refuse_bank_options(input);
    place(input, question);
    return with_points({base}, devices_of(input), {});
  }
  question.family =
      BankFamily{.fabrication = fabrication_of(input), .ladder = ladder_of(input.value(&PrecisionArguments::ladder))};
  question.family->topology = input.value(&PrecisionArguments::topology);
  place(input, question);
  if (const std::string& unit = input.value(&PrecisionArguments::unit); !unit.empty()) {
    question.unit = unit == "ohm" ? TargetUnit::ohm : TargetUnit::siemens;
  }
  const bool pairs = makes_pairs(input);
  if (arguments.normalize && !pairs) {
    throw input_error("--normalize with targets in ohm or siemens",
                      "expected --topology differential, of whose full scale they are multiples, or --signed");
  }
  question.of_full_scale = arguments.normalize;
  refuse_idle(arguments, question.family->fabrication);
  if (!input.targets.empty() && !question.unit && !pairs) question.unit = TargetUnit::ohm;
  question.choosing = choosing_asked(input);
  question.contacts_anew = arguments.contacts_anew;
  const std::vector<Condition> conditions = conditions_of(arguments.temperatures, arguments.times);
  const bool used = !arguments.temperatures.empty() || !arguments.times.empty() ||
                    question.family->fabrication.process.read_noise > 0.0;
  if (arguments.ceilings && arguments.contrast) contradiction("--ceilings", "--contrast");
  for (const bool special : {arguments.ceilings, arguments.contrast}) {
    if (special && (arguments.coverage || question.choosing != Choosing::search)) {
      contradiction(arguments.ceilings ? "--ceilings" : "--contrast", arguments.coverage ? "--coverage" : "--choose");
    }
  }
  const std::vector<std::size_t> devices = devices_of(input);
  check_listed(input, devices.back());
  std::vector<PrecisionCurve> curves = {base};
  if (arguments.ceilings) {
    curves = ceilings_of(base, conditions);
  } else if (used) {
    curves = by_condition(base, conditions);
  }
  if (arguments.contrast) curves = contrasts_of(curves, devices.front(), !arguments.interval.empty());
  return with_points(std::move(curves), devices, sigmas_of(arguments));
}

std::string subject_of(const PrecisionInput& input) {
  if (input.arguments.signed_items) return "signed items, uniform on [-1, 1]";
  const Process process = fabrication_of(input).process;
  if (!process.values.empty()) return "one measured bank, " + input.value(&PrecisionArguments::topology);
  std::string text(name_of(process.distribution));
  const std::string& sigmas = input.arguments.sigmas;
  const bool several = sigmas.find_first_of(",:") != std::string::npos;
  if (!sigmas.empty()) {
    if (!several) text += " " + sigmas;
  } else if (process.sigma > 0.0) {
    text += fmt::format(" {:g}", process.sigma);
  }
  text += ", " + input.value(&PrecisionArguments::topology);
  if (!input.arguments.ladder.empty()) text += ", " + input.arguments.ladder + " nominals";
  return text;
}

}  // namespace ohmset::cli
