// SPDX-License-Identifier: Apache-2.0
#include "tools/cli/precision/arguments.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "design/precision.h"
#include "sim/error.h"
#include "tools/io/file.h"
#include "tools/io/matrix_file.h"
#include "tools/io/spec.h"

namespace ohmset::cli {
namespace {

std::vector<double> targets_of(const PrecisionArguments& arguments, bool pairs) {
  std::vector<double> targets;
  const bool numbers = arguments.signed_items || arguments.normalize;
  const bool siemens = arguments.unit == "siemens" || (arguments.unit.empty() && pairs);
  for (const std::string& path : arguments.targets) {
    std::vector<double> values = io::read_values(path, numbers ? "" : siemens ? "S" : "ohm");
    double largest = 0.0;
    for (const double value : values) {
      if (!std::isfinite(value)) throw input_error(Where{path}, "a target is infinite", "expected finite values");
      largest = std::max(largest, std::abs(value));
    }
    if (arguments.normalize) {
      if (largest == 0.0) throw input_error(Where{path}, "all targets are 0", "--normalize divides by the largest");
      for (double& value : values) value /= largest;
    }
    targets.insert(targets.end(), values.begin(), values.end());
  }
  return targets;
}

}  // namespace

void add_precision_options(Command& command, PrecisionArguments& arguments) {
  command.positional("SPEC", arguments.spec, "bank specification (TOML); its number of devices is not looked at",
                     false);
  command.text(
      "--devices", "LIST", arguments.devices,
      "how many: 4:32:4 (first:last:step) or 8,16,24 [4:32:4; with --coverage 4:24:4; with --for-bits 1:40:1]");
  command.flag("--signed", arguments.signed_items, "items uniform on [-1, 1] instead of banks, targets likewise");
  command.text("--nominal", "R", arguments.nominal, "of every device [10k]");
  command.text("--distribution", "NAME", arguments.distribution,
               "none, normal, lognormal, uniform or triangular [lognormal]");
  command.text("--sigma", "LIST", arguments.sigmas, "its width: 0.3, or several: 0.05,0.1,0.2 [0.3]");
  command.text("--ladder", "NAME", arguments.ladder,
               "nominals: equal, binary (each twice the one before) or geometric:RATIO [equal]");
  command.text("--topology", "T", arguments.topology,
               "parallel, series, differential, or an expression with n: \"parallel(series(n/2), series(n/2))\"");
  command.text("--r-on", "R", arguments.r_on, "of a closed switch [0]");
  command.text("--r-off", "R", arguments.r_off, "of an open switch [inf]");
  command.text("--r-on-sigma", "S", arguments.r_on_sigma, "lognormal spread of r_on [0]");
  command.text("--measurement-sigma", "S", arguments.measurement_sigma,
               "relative noise of what the search sees of a device [0]");
  command.whole("--measurement-bits", arguments.measurement_bits, "converter bits of what the search sees [none]", 1);
  command.choice("--choose", {"search", "code", "average"}, arguments.choose,
                 "search; or take devices for their nominals (with --ladder binary: a plain code); or insert all");
  command.whole("--instances", arguments.instances, "fresh banks, one random target each [1000]", 1);
  command.whole("--banks", arguments.banks, "fresh banks, with --even, --targets or --coverage", 1);
  command.whole("--even", arguments.even, "this many evenly spaced targets on each bank", 2);
  command.texts("--targets", "FILE", arguments.targets,
                ".npy or .csv: all on each of --banks; else each on a fresh bank of its own; repeatable");
  command.flag(
      "--normalize", arguments.normalize,
      "divide each file's targets by its largest magnitude: of pairs multiples of the full scale, or --signed");
  command.text("--unit", "U", arguments.unit, "of targets and errors: ohm or siemens [the one that adds up]");
  command.text(
      "--interval", "LOW:HIGH", arguments.interval,
      "of targets: fractions of the reachable range [0.25:0.75]; of pairs, multiples of the full scale [-1:1]; "
      "with --signed, numbers [-1:1; with --coverage -0.5:0.5]");
  command.flag("--coverage", arguments.coverage, "certify any target of the interval: its point farthest from a value");
  command.text("--temperature", "LIST", arguments.temperatures, "degrees Celsius when the bank is used [27]");
  command.text("--time", "LIST", arguments.times, "since the devices were written: 20,1h,10y [as made]");
  command.flag("--contacts-anew", arguments.contacts_anew,
               "every closing is another contact: the search knows the nominal r_on alone");
  command.flag("--ceilings", arguments.ceilings,
               "a curve for each cause that stops precision: measurement, temperature, drift, reading, switches");
  command.flag("--contrast", arguments.contrast,
               "more curves at the same number of devices: a plain binary code, and the average of all");
  command.text("--for-bits", "B", arguments.for_bits,
               "the least number of --devices proven to give so many bits with --probability, each tested by itself; "
               "exit code 1 when there is none");
  command.text("--probability", "P", arguments.probability, "of --for-bits, a share of all banks [99%]");
  command.text("--confidence", "P", arguments.confidence, "of every interval, and of what --for-bits proves [95%]");
  command.text("--repeat", "FILE", arguments.repeat, "the question of an earlier run, from its JSON, seed included");
  command.text("--plot", "FILE", arguments.plot, "a picture, .svg or .png (needs gnuplot)");
}

PrecisionInput read_precision_input(const PrecisionArguments& arguments, const Common& common) {
  if (!arguments.repeat.empty()) return repeated(arguments, common);
  PrecisionInput input{.arguments = arguments, .seed = common.seed};
  if (arguments.normalize && arguments.targets.empty()) {
    throw input_error("--normalize alone", "expected --targets FILE too");
  }
  if (!arguments.unit.empty() && arguments.unit != "ohm" && arguments.unit != "siemens") {
    throw input_error("--unit " + arguments.unit, "expected ohm or siemens");
  }
  if (!arguments.spec.empty()) {
    io::FamilySpecFile spec = io::read_family_spec(arguments.spec);
    input.fabrication = std::move(spec.fabrication);
    input.spec_topology = std::move(spec.topology);
    input.spec_text = std::move(spec.text);
  }
  input.targets = targets_of(arguments, makes_pairs(input));
  input.defaults = defaults_of(input);
  return input;
}

}  // namespace ohmset::cli
