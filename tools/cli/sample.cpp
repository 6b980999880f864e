// ohmset sample: fabricate a bank, i.e. draw a die's devices.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "sim/bank.h"
#include "tools/cli/command_line.h"
#include "tools/cli/report.h"
#include "tools/io/file.h"
#include "tools/io/json.h"
#include "tools/io/spec.h"

namespace ohmset::cli {
namespace {

constexpr std::size_t most_shown = 64;

struct Arguments {
  std::string spec{};
  std::uint64_t die = 0;
};

std::string csv(const Bank& bank) {
  std::string text = "device,nominal_ohm,resistance_ohm,tc1,tc2,fault,switch_on_ohm,switch_fault\n";
  for (std::size_t k = 0; k < bank.devices.size(); ++k) {
    const Device& device = bank.devices[k];
    text += fmt::format("{},{},{},{},{},{},{},{}\n", k, device.nominal.value, device.resistance.value, device.tc1,
                        device.tc2, io::fault_name(device), device.contact.on.value, io::switch_fault_name(device));
  }
  return text;
}

std::string people_table(const Bank& bank, const Arguments& arguments, const Common& common) {
  std::vector<std::vector<std::string>> rows = {{"device", "nominal", "resistance", "deviation", "switch", "fault"}};
  for (std::size_t k = 0; k < std::min(bank.devices.size(), most_shown); ++k) {
    const Device& device = bank.devices[k];
    const bool sound = !device.is_open() && !device.is_shorted() && device.nominal.value > 0.0;
    const std::string deviation =
        sound ? fmt::format("{:+.2f} %", (device.resistance.value / device.nominal.value - 1.0) * 100.0) : "";
    std::string fault(io::fault_name(device));
    if (device.stuck != Stuck::free) fault += (fault.empty() ? "" : ", ") + std::string(io::switch_fault_name(device));
    rows.push_back({std::to_string(k), format_engineering(device.nominal, 6), format_engineering(device.resistance, 6),
                    deviation, format_engineering(device.contact.on, 4), fault});
  }
  std::string text = fmt::format("{}: {} devices, {}, seed {}, die {}\n", arguments.spec, bank.devices.size(),
                                 bank.topology.text(), common.seed, arguments.die);
  text += table(rows, {5});
  if (bank.devices.size() > most_shown) {
    text += fmt::format("... and {} more: -o die.csv lists all\n", bank.devices.size() - most_shown);
  }
  return text;
}

int run(const Arguments& arguments, const Common& common) {
  if (!common.output.empty()) io::check_output(common.output, common.force);
  const io::BankSpecFile file = io::read_bank_spec(arguments.spec);
  const Stopwatch watch;
  const Bank bank = fabricate(file.spec, {.seed = common.seed, .die = arguments.die});
  const double seconds = watch.seconds();

  if (!common.output.empty()) io::write_file(common.output, csv(bank), common.force);
  if (common.json) {
    io::Json json;
    json["seed"] = common.seed;
    json["die"] = arguments.die;
    json["topology"] = bank.topology.text();
    json["devices"] = io::Json::array();
    for (const Device& device : bank.devices) json["devices"].push_back(io::to_json(device));
    json["seconds"] = seconds;
    print(io::json_text(json));
  } else if (!common.quiet) {
    print(people_table(bank, arguments, common));
  }
  return done;
}

}  // namespace

void add_sample(CommandLine& line) {
  const auto arguments = std::make_shared<Arguments>();
  Command command = line.add("sample", "fabricate a bank: draw a die's devices", "the devices as CSV",
                             "ohmset sample bank.toml --die 3 -o die.csv",
                             [arguments](const Common& common) { return run(*arguments, common); });
  command.positional("SPEC", arguments->spec, "bank specification (TOML)");
  command.whole("--die", arguments->die, "which die to draw [0]");
}

}  // namespace ohmset::cli
