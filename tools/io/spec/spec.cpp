// SPDX-License-Identifier: Apache-2.0
#include "tools/io/spec.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "sim/units.h"
#include "tools/io/file.h"
#include "tools/io/spec/process.h"
#include "tools/io/spec/toml_table.h"

namespace ohmset::io {
namespace {

constexpr std::size_t most_spec_bytes = std::size_t{64} << 20U;
constexpr std::int64_t most_devices = 10'000'000;

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

// Tables that every specification has, and what it makes.
Fabrication read_fabrication(const TomlTable& root, const SpecContext& context) {
  root.check_keys({"process", "switch", "measurement", "bank", "array", "mapping"});
  return {.process = read_process(root.table("process"), context),
          .switches = read_switch(root.table("switch")),
          .measurement = read_measurement(root.table("measurement"))};
}

void refuse_arrays(const TomlTable& root, const Process& process) {
  for (const std::string_view key : {"array", "mapping"}) {
    if (root.has(key)) {
      root.refuse(key, "belongs to a crossbar's specification", "expected a bank's (compile takes a crossbar's)");
    }
  }
  if (process.correlation_length != 0.0) {
    root.table("process").refuse("correlation_length", "is a crossbar's: from bank to bank of an array",
                                 "leave it out or 0");
  }
}

FamilySpecFile family_of(std::string text, const SpecContext& context) {
  const toml::table document = parse_toml(text, context.file);
  const TomlTable root(&document, "", context.file);
  FamilySpecFile result{.fabrication = read_fabrication(root, context)};
  refuse_arrays(root, result.fabrication.process);
  const TomlTable bank = root.table("bank");
  bank.check_keys({"topology", "devices"});
  result.topology = bank.text("topology").value_or("parallel");
  result.text = std::move(text);
  return result;
}

struct Document {
  toml::table root{};
  BankSpec bank{};
};

Document read_document(const std::string& text, const SpecContext& context, const std::optional<std::string>& instead) {
  Document document{.root = parse_toml(text, context.file)};
  const TomlTable root(&document.root, "", context.file);
  document.bank.fabrication = read_fabrication(root, context);
  if (context.read_files || instead) {
    document.bank.topology =
        read_topology(root.table("bank"), root.table("process"), document.bank.fabrication.process, instead);
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
    mapping.full_scale = Siemens{table.quantity("full_scale", "S", above_zero).value()};
  }
  return mapping;
}

}  // namespace

BankSpecFile read_bank_spec(const std::string& path, const std::optional<std::string>& topology) {
  BankSpecFile result;
  result.text = read_file(path, most_spec_bytes);
  const Document document = read_document(result.text, {.file = path}, topology);
  refuse_arrays(TomlTable(&document.root, "", path), document.bank.fabrication.process);
  result.spec = document.bank;
  return result;
}

FamilySpecFile read_family_spec(const std::string& path) {
  return family_of(read_file(path, most_spec_bytes), {.file = path});
}

FamilySpecFile carried_family_spec(const std::string& text, const std::string& file) {
  return family_of(text, {.file = file, .read_files = false});
}

BankSpec carried_bank_spec(const std::string& text, const std::string& file, const Topology& topology) {
  BankSpec spec = read_document(text, {.file = file, .read_files = false}, std::nullopt).bank;
  spec.topology = topology;
  return spec;
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
