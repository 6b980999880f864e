// SPDX-License-Identifier: Apache-2.0
#include "tools/io/spec/process.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "sim/error.h"
#include "tools/io/matrix_file.h"

namespace ohmset::io {
namespace {

std::string beside(const std::string& file, const std::string& named) {
  const std::size_t slash = file.rfind('/');
  return named.starts_with('/') || slash == std::string::npos ? named : file.substr(0, slash + 1) + named;
}

// A list in the text, or the name of a file that holds one.
std::vector<double> listed(const TomlTable& table, std::string_view key, const std::string& unit, const Range& range,
                           const SpecContext& context) {
  if (!table.is_text(key)) return table.quantities(key, unit, range).value();
  if (!context.read_files) return {};
  const std::string path = beside(context.file, table.text(key).value());
  std::vector<double> values;
  try {
    values = read_values(path, unit);
  } catch (const Error& error) {
    table.refuse(key, "cannot be used", error.what());
  }
  for (std::size_t k = 0; k < values.size(); ++k) {
    const double value = values[k];
    const bool above = range.low_included ? value >= range.low : value > range.low;
    if (above && (value != infinity || range.infinity_allowed)) continue;
    table.refuse(key, "cannot be used", fmt::format("{}: value {} (from 0) is {}", path, k, value));
  }
  return values;
}

Spread spread(const TomlTable& process, std::string_view key) {
  if (!process.has(key)) return {};
  if (!process.is_table(key)) return {.mean = process.quantity(key, "", any_finite).value(), .sigma = 0.0};
  const TomlTable table = process.table(key);
  table.check_keys({"mean", "sigma"});
  return {.mean = table.quantity("mean", "", any_finite).value_or(0.0),
          .sigma = table.quantity("sigma", "", not_negative).value_or(0.0)};
}

Drift read_drift(const TomlTable& process) {
  if (!process.has("drift")) return {};
  constexpr std::string_view expected = "expected \"pcm\", \"reram\" or a table of nu, nu_sigma and t0";
  const auto named = [&](const TomlTable& table, std::string_view key, const std::string& name) {
    if (name == "pcm") return DriftModel::pcm;
    if (name != "reram") table.refuse(key, fmt::format("is \"{}\"", name), expected);
    return DriftModel::reram;
  };
  if (process.is_text("drift")) return {.model = named(process, "drift", process.text("drift").value())};
  if (!process.is_table("drift")) process.refuse("drift", "is neither a name nor a table", expected);
  const TomlTable table = process.table("drift");
  if (table.has("model")) {
    table.check_keys({"model", "programming_noise"});
    Drift drift{.model = named(table, "model", table.text("model").value())};
    drift.programming_noise = table.truth("programming_noise").value_or(true);
    if (table.has("programming_noise") && drift.model != DriftModel::pcm) {
      table.refuse("programming_noise", "has no effect", "it belongs to model = \"pcm\"");
    }
    return drift;
  }
  table.check_keys({"nu", "nu_sigma", "t0"});
  const Spread nu{.mean = table.quantity("nu", "", any_finite).value_or(0.0),
                  .sigma = table.quantity("nu_sigma", "", not_negative).value_or(0.0)};
  return {.model = nu.mean == 0.0 && nu.sigma == 0.0 ? DriftModel::none : DriftModel::power_law,
          .nu = nu,
          .t0 = table.quantity("t0", "s", above_zero).value_or(20.0)};
}

void read_nominals(const TomlTable& process, const SpecContext& context, Process& result) {
  std::vector<std::string_view> present;
  for (const std::string_view key : {"nominal", "nominals", "values"}) {
    if (process.has(key)) present.push_back(key);
  }
  if (present.empty()) {
    throw input_error(process.where(""), "process.nominal is missing",
                      "expected one of nominal, nominals and values in [process]");
  }
  if (present.size() > 1) {
    process.refuse(present[1], fmt::format("and process.{} are both given", present[0]),
                   "expected one of nominal, nominals and values");
  }
  if (process.has("nominal")) result.nominals = {process.quantity("nominal", "ohm", above_zero).value()};
  if (process.has("nominals")) result.nominals = listed(process, "nominals", "ohm", above_zero, context);
  if (process.has("values")) result.values = listed(process, "values", "ohm", resistance_or_fault, context);
}

void read_distribution(const TomlTable& process, const SpecContext& context, Process& result) {
  constexpr std::array<std::string_view, 6> names = {"none",    "normal",     "lognormal",
                                                     "uniform", "triangular", "empirical"};
  if (const auto name = process.text("distribution")) {
    const auto distribution = distribution_named(*name);
    if (!distribution) {
      const std::string nearest = nearest_name(*name, names);
      process.refuse("distribution", fmt::format("is \"{}\"", *name),
                     nearest.empty() ? fmt::format("expected one of {}", fmt::join(names, ", "))
                                     : fmt::format("did you mean \"{}\"?", nearest));
    }
    result.distribution = *distribution;
  }
  result.sigma = process.quantity("sigma", "", not_negative).value_or(0.0);
  const bool bounded = result.distribution == Distribution::uniform || result.distribution == Distribution::triangular;
  if (bounded && result.sigma >= 1.0) {
    process.refuse("sigma", fmt::format("is {}", result.sigma),
                   fmt::format("a {} distribution needs sigma < 1", name_of(result.distribution)));
  }
  if (result.sigma != 0.0 && !process.has("distribution") && result.values.empty()) {
    process.refuse("sigma", "has no effect without a distribution",
                   "add distribution = \"lognormal\", \"normal\", \"uniform\" or \"triangular\"");
  }
  const bool empirical = result.distribution == Distribution::empirical;
  if (process.has("ratios") && !empirical) {
    process.refuse("ratios", "has no effect", "it belongs to distribution = \"empirical\"");
  }
  if (empirical && !process.has("ratios")) {
    process.refuse("distribution", "is \"empirical\"", "expected ratios, a list or a file of R / nominal");
  }
  if (empirical) result.ratios = listed(process, "ratios", "", above_zero, context);
}

}  // namespace

Process read_process(const TomlTable& process, const SpecContext& context) {
  process.check_keys({"nominal", "nominals", "values", "distribution", "sigma", "ratios", "lot_sigma", "gradient",
                      "correlation_length", "device_open", "device_short", "tc1", "tc2", "drift", "read_noise"});
  Process result;
  read_nominals(process, context, result);
  read_distribution(process, context, result);
  result.lot_sigma = process.quantity("lot_sigma", "", not_negative).value_or(0.0);
  if (const auto gradient = process.quantities("gradient", "", any_finite)) {
    if (gradient->size() != 2) process.refuse("gradient", fmt::format("has {} values", gradient->size()), "expected 2");
    result.gradient = {gradient->at(0), gradient->at(1)};
  }
  result.drift = read_drift(process);
  result.read_noise = process.quantity("read_noise", "", not_negative).value_or(0.0);
  result.correlation_length = process.quantity("correlation_length", "", not_negative).value_or(0.0);
  result.device_open = process.quantity("device_open", "", probability).value_or(0.0);
  result.device_short = process.quantity("device_short", "", probability).value_or(0.0);
  if (result.device_open + result.device_short > 1.0) {
    process.refuse("device_short", "and device_open exceed 1 together", "they are probabilities of one device");
  }
  result.tc1 = spread(process, "tc1");
  result.tc2 = spread(process, "tc2");

  if (process.has("values")) {  // measured devices are used as they are
    const bool noisy = result.distribution != Distribution::none || result.sigma != 0.0 || result.lot_sigma != 0.0 ||
                       result.gradient != std::array<double, 2>{0.0, 0.0};
    if (noisy) {
      process.refuse("values", "are measured: no noise is added to them", "leave out the noise or use nominals");
    }
  }
  return result;
}

}  // namespace ohmset::io
