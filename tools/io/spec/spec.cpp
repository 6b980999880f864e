// SPDX-License-Identifier: Apache-2.0
#include "tools/io/spec.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "sim/units.h"
#include "tools/io/file.h"
#include "tools/io/matrix_file.h"
#include "tools/io/spec/toml_table.h"

namespace ohmset::io {
namespace {

constexpr std::size_t most_spec_bytes = std::size_t{64} << 20U;
constexpr std::int64_t most_devices = 10'000'000;
constexpr Range resistance_above_zero{.low = 0.0, .low_included = false};
constexpr Range resistance_or_fault{.low = 0.0, .infinity_allowed = true};

struct Context {
  std::string file{};
  bool read_files = true;  // those that the specification names
};

std::string beside(const std::string& file, const std::string& named) {
  const std::size_t slash = file.rfind('/');
  return named.starts_with('/') || slash == std::string::npos ? named : file.substr(0, slash + 1) + named;
}

// A list in the text, or the name of a file that holds one.
std::vector<double> listed(const TomlTable& table, std::string_view key, const std::string& unit, const Range& range,
                           const Context& context) {
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

// Keys that only later versions act on may stand there with the value that means "none".
void refuse_unsupported(const TomlTable& process) {
  for (const std::string_view key : {"correlation_length", "read_noise"}) {
    if (process.quantity(key, "", not_negative).value_or(0.0) != 0.0) {
      process.refuse(key, "is not supported by this version", "leave it out or 0");
    }
  }
  if (!process.has("drift")) return;
  const std::string_view expected = "leave it out";
  if (!process.is_table("drift")) process.refuse("drift", "is not supported by this version", expected);
  const TomlTable drift = process.table("drift");
  drift.check_keys({"nu", "nu_sigma", "t0"});
  const double nu = drift.quantity("nu", "", any_finite).value_or(0.0);
  const double nu_sigma = drift.quantity("nu_sigma", "", not_negative).value_or(0.0);
  [[maybe_unused]] const auto t0 = drift.quantity("t0", "", not_negative);
  if (nu != 0.0 || nu_sigma != 0.0) {
    process.refuse("drift", "is not supported by this version", expected);
  }
}

void read_nominals(const TomlTable& process, const Context& context, Process& result) {
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
  if (process.has("nominal")) result.nominals = {process.quantity("nominal", "ohm", resistance_above_zero).value()};
  if (process.has("nominals")) result.nominals = listed(process, "nominals", "ohm", resistance_above_zero, context);
  if (process.has("values")) result.values = listed(process, "values", "ohm", resistance_or_fault, context);
}

void read_distribution(const TomlTable& process, const Context& context, Process& result) {
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
  if (empirical) result.ratios = listed(process, "ratios", "", resistance_above_zero, context);
}

Process read_process(const TomlTable& process, const Context& context) {
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
  refuse_unsupported(process);
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
    if (noisy)
      process.refuse("values", "are measured: no noise is added to them", "leave out the noise or use nominals");
  }
  return result;
}

SwitchProcess read_switch(const TomlTable& table) {
  table.check_keys({"r_on", "r_off", "r_on_sigma", "stuck_open", "stuck_closed"});
  SwitchProcess result;
  result.nominal.on = Ohm{table.quantity("r_on", "ohm", not_negative).value_or(0.0)};
  result.nominal.off = Ohm{table.quantity("r_off", "ohm", resistance_or_fault).value_or(infinity)};
  if (!(result.nominal.off > result.nominal.on)) {
    table.refuse(table.has("r_off") ? "r_off" : "r_on",
                 fmt::format("leaves r_off = {} and r_on = {}", result.nominal.off.value, result.nominal.on.value),
                 "expected r_off > r_on");
  }
  result.on_sigma = table.quantity("r_on_sigma", "", not_negative).value_or(0.0);
  result.stuck_open = table.quantity("stuck_open", "", probability).value_or(0.0);
  result.stuck_closed = table.quantity("stuck_closed", "", probability).value_or(0.0);
  if (result.stuck_open + result.stuck_closed > 1.0) {
    table.refuse("stuck_closed", "and stuck_open exceed 1 together", "they are probabilities of one switch");
  }
  return result;
}

Measurement read_measurement(const TomlTable& table) {
  table.check_keys({"sigma", "bits"});
  return {.sigma = table.quantity("sigma", "", not_negative).value_or(0.0),
          .bits = static_cast<int>(table.integer("bits", 0, 32).value_or(0))};
}

// The number of devices comes from bank.devices, the list of nominals or values, or the expression itself; all that
// say it must agree.
Topology read_topology(const TomlTable& bank, const TomlTable& process, const Process& devices,
                       const std::optional<std::string>& instead) {
  bank.check_keys({"topology", "devices"});
  const std::string text = instead ? *instead : bank.text("topology").value_or("parallel");
  const std::string_view list = process.has("nominals") ? "nominals" : "values";
  const std::size_t listed_count = process.has("nominals") ? devices.nominals.size() : devices.values.size();

  std::optional<std::size_t> count;
  if (const auto asked = bank.integer("devices", 1, most_devices)) count = static_cast<std::size_t>(*asked);
  const bool plain = text == "parallel" || text == "series";
  if (!count && plain && listed_count > 0) count = listed_count;
  if (!count && plain) {
    throw input_error(bank.where(""), "bank.devices is missing", "expected the number of devices in [bank]");
  }
  Topology topology;
  try {
    topology = Topology::parse(text, count);
  } catch (const Error& error) {
    throw input_error(bank.where("topology"), instead ? "--topology" : "bank.topology", error.what());
  }
  if (topology.device_count() == 0) bank.refuse("topology", "has no devices", "expected at least one");
  if (listed_count > 0 && listed_count != topology.device_count()) {
    process.refuse(list, fmt::format("lists {} devices", listed_count),
                   fmt::format("the bank has {}", topology.device_count()));
  }
  return topology;
}

struct Document {
  toml::table root{};
  BankSpec bank{};
};

Document read_document(const std::string& text, const Context& context, const std::optional<std::string>& instead) {
  Document document{.root = parse_toml(text, context.file)};
  const TomlTable root(&document.root, "", context.file);
  root.check_keys({"process", "switch", "measurement", "bank", "array", "mapping"});
  const TomlTable process = root.table("process");
  document.bank.fabrication = {.process = read_process(process, context),
                               .switches = read_switch(root.table("switch")),
                               .measurement = read_measurement(root.table("measurement"))};
  if (context.read_files || instead) {
    document.bank.topology = read_topology(root.table("bank"), process, document.bank.fabrication.process, instead);
  }
  if (context.read_files) {
    try {
      check(document.bank.fabrication, document.bank.topology.device_count());
    } catch (const Error& error) {
      throw input_error(Where{context.file}, error.what());
    }
  }
  return document;
}

Wires read_wires(const TomlTable& table) {
  table.check_keys({"r_word", "r_bit", "r_driver", "r_sense"});
  const auto wire = [&](std::string_view key) { return Ohm{table.quantity(key, "ohm", not_negative).value_or(0.0)}; };
  return {.word = wire("r_word"), .bit = wire("r_bit"), .driver = wire("r_driver"), .sense = wire("r_sense")};
}

Mapping read_mapping(const TomlTable& table, const Topology& topology) {
  table.check_keys({"scheme", "pair", "full_scale"});
  Mapping mapping;
  if (const auto scheme = table.text("scheme")) {
    if (*scheme != "differential" && *scheme != "offset") {
      table.refuse("scheme", fmt::format("is \"{}\"", *scheme), "expected \"differential\" or \"offset\"");
    }
    mapping.scheme = *scheme == "offset" ? Scheme::offset : Scheme::differential;
  }
  if (const auto pair = table.text("pair")) {
    if (*pair != "joint" && *pair != "sequential") {
      table.refuse("pair", fmt::format("is \"{}\"", *pair), "expected \"joint\" or \"sequential\"");
    }
    mapping.pair = *pair == "joint" ? Pair::joint : Pair::sequential;
    if (mapping.pair == Pair::joint && mapping.scheme == Scheme::differential && !topology.is_parallel()) {
      table.refuse("pair", "is \"joint\"", "that needs parallel banks: use \"sequential\"");
    }
  }
  if (table.has("full_scale") && !(table.is_text("full_scale") && table.text("full_scale") == "auto")) {
    mapping.full_scale = Siemens{table.quantity("full_scale", "S", resistance_above_zero).value()};
  }
  return mapping;
}

}  // namespace

BankSpecFile read_bank_spec(const std::string& path, const std::optional<std::string>& topology) {
  BankSpecFile result;
  result.text = read_file(path, most_spec_bytes);
  const Document document = read_document(result.text, {.file = path}, topology);
  const TomlTable root(&document.root, "", path);
  for (const std::string_view key : {"array", "mapping"}) {
    if (root.has(key)) {
      root.refuse(key, "belongs to a crossbar's specification", "expected a bank's (compile takes a crossbar's)");
    }
  }
  result.spec = document.bank;
  return result;
}

CrossbarSpecFile read_crossbar_spec(const std::string& path) {
  CrossbarSpecFile result;
  result.text = read_file(path, most_spec_bytes);
  const Document document = read_document(result.text, {.file = path}, std::nullopt);
  const TomlTable root(&document.root, "", path);
  const std::size_t devices = document.bank.topology.device_count();
  if (devices > most_cell_devices) {
    root.table("bank").refuse("devices", fmt::format("is {}", devices),
                              fmt::format("a crossbar's banks have at most {} devices", most_cell_devices));
  }
  result.spec = {.bank = document.bank,
                 .wires = read_wires(root.table("array")),
                 .mapping = read_mapping(root.table("mapping"), document.bank.topology)};
  return result;
}

CrossbarSpec carried_crossbar_spec(const std::string& text, const std::string& file, const Topology& topology) {
  const Document document = read_document(text, {.file = file, .read_files = false}, std::nullopt);
  const TomlTable root(&document.root, "", file);
  CrossbarSpec spec{.bank = document.bank,
                    .wires = read_wires(root.table("array")),
                    .mapping = read_mapping(root.table("mapping"), topology)};
  spec.bank.topology = topology;
  return spec;
}

}  // namespace ohmset::io
