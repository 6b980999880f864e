// ohmset precision: bits of precision against the number of devices.
// SPDX-License-Identifier: Apache-2.0
#include "design/precision.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/error.h"
#include "tools/cli/precision/arguments.h"
#include "tools/cli/precision/curves.h"
#include "tools/cli/precision/report.h"
#include "tools/cli/questions.h"
#include "tools/cli/report.h"
#include "tools/io/file.h"
#include "tools/io/matrix_file.h"
#include "tools/plot/gnuplot.h"

namespace ohmset::cli {
namespace {

// Every value of every row, for -o.
struct Values {
  static constexpr Eigen::Index columns = 7;  // curve, devices, sigma, bank, target, error, bits
  std::vector<double> rows{};
  void add(std::size_t curve, const PrecisionPoint& point, const PrecisionSample& sample) {
    for (std::size_t k = 0; k < sample.bits.size(); ++k) {
      rows.insert(rows.end(),
                  {static_cast<double>(curve), static_cast<double>(point.devices), point.sigma.value_or(0.0),
                   static_cast<double>(k / sample.targets), sample.target[k], sample.error[k], sample.bits[k]});
    }
  }
  [[nodiscard]] Matrix matrix() const {
    return Eigen::Map<const Matrix>(rows.data(), static_cast<Eigen::Index>(rows.size()) / columns, columns);
  }
};

double bits_of(const PrecisionArguments& arguments) {
  const double bits = quantity_of("--for-bits", arguments.for_bits, "");
  if (!(bits > 0.0 && bits <= 1000.0)) {
    throw input_error("--for-bits " + arguments.for_bits, "expected a number of bits above 0");
  }
  return bits;
}

void find_needed(const PrecisionInput& input, PrecisionCurve& curve) {
  std::vector<std::size_t> devices;
  for (const PrecisionPoint& point : curve.points) devices.push_back(point.devices);
  if (curve.against_spread) throw input_error("--for-bits with several spreads", "expected several numbers of devices");
  curve.needed = needed_devices(question_at(curve, curve.points.front()), devices, bits_of(input.arguments),
                                probability_of("--probability", input.value(&PrecisionArguments::probability)));
}

void find_rows(const PrecisionInput& input, std::vector<PrecisionCurve>& curves, const Common& common, Values* values) {
  for (const PrecisionCurve& curve : curves) {
    for (const PrecisionPoint& point : curve.points) check(question_at(curve, point), point.devices);
  }
  std::size_t all = 0;
  for (const PrecisionCurve& curve : curves) all += curve.points.size();
  Progress progress(common, "precision");
  std::size_t finished = 0;
  for (std::size_t c = 0; c < curves.size(); ++c) {
    PrecisionCurve& curve = curves[c];
    for (const PrecisionPoint& point : curve.points) {
      PrecisionQuestion question = question_at(curve, point);
      question.threads = static_cast<int>(common.threads);
      const PrecisionSample sample = input.arguments.coverage ? sample_coverage(question, point.devices)
                                                              : sample_precision(question, point.devices);
      curve.rows.push_back(summarize(question, sample));
      curve.full_scales.push_back(sample.full_scale);
      if (values != nullptr) values->add(c, point, sample);
      progress.show(++finished, all);
    }
  }
}

int run_precision(const PrecisionArguments& given, const Common& common) {
  if (!given.plot.empty()) {
    plot::check_picture(given.plot);
    io::check_output(given.plot, common.force);
  }
  if (!common.output.empty()) io::check_output(common.output, common.force);
  const PrecisionInput input = read_precision_input(given, common);
  std::vector<PrecisionCurve> curves = curves_of(input);
  const bool needed = !input.arguments.for_bits.empty();
  if (needed && (!given.plot.empty() || !common.output.empty())) {
    throw input_error("--for-bits finds a number of devices", "leave out --plot and -o");
  }
  const Stopwatch watch;
  Values values;
  if (needed) {
    for (PrecisionCurve& curve : curves) {
      curve.question.threads = static_cast<int>(common.threads);
      find_needed(input, curve);
    }
  } else {
    find_rows(input, curves, common, common.output.empty() ? nullptr : &values);
  }
  const double seconds = watch.seconds();
  if (common.json) {
    io::Json json = json_report(input, curves);
    json["seconds"] = seconds;
    print(io::json_text(json));
  } else if (!common.quiet) {
    print(people_report(input, curves));
  }
  if (!common.output.empty()) io::write_matrix(common.output, values.matrix(), common.force);
  if (!given.plot.empty()) {
    io::write_file(given.plot, plot::precision_picture(given.plot, picture_of(input, curves)), common.force);
  }
  if (!needed) return done;
  return std::ranges::all_of(curves, [](const PrecisionCurve& c) { return c.needed->devices.has_value(); })
             ? done
             : check_failed;
}

}  // namespace

void add_precision(CommandLine& line) {
  const auto arguments = std::make_shared<PrecisionArguments>();
  Command command = line.add("precision", "bits of precision against the number of devices",
                             "all values, a row each: curve, devices, sigma, bank, target, error, bits (.npy or .csv)",
                             "ohmset precision --devices 4:32:4 --distribution lognormal --sigma 0.3",
                             [arguments](const Common& common) { return run_precision(*arguments, common); });
  add_precision_options(command, *arguments);
}

}  // namespace ohmset::cli
