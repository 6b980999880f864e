// ohmset precision: bits of precision against the number of devices.
// SPDX-License-Identifier: Apache-2.0
#include "design/precision.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "design/coverage.h"
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

// Every value of every row, for -o. NaN for a spread where there is none.
struct Values {
  static constexpr Eigen::Index columns = 7;  // curve, devices, sigma, bank, target, error, bits
  static constexpr double none = std::numeric_limits<double>::quiet_NaN();
  std::vector<double> rows{};
  void add(std::size_t curve, const PrecisionPoint& point, const PrecisionSample& sample) {
    for (std::size_t k = 0; k < sample.bits.size(); ++k) {
      const std::size_t bank = k / sample.targets;
      rows.insert(rows.end(),
                  {static_cast<double>(curve), static_cast<double>(point.devices), point.sigma.value_or(none),
                   static_cast<double>(bank), sample.target[k], sample.error[k], sample.bits[k]});
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

// The bar of a whole run. A row weighs about as much as its searches take: they look at half sums, coverage at all
// sums.
class Work {
 public:
  Work(const PrecisionInput& input, const std::vector<PrecisionCurve>& curves, const Common& common)
      : covered_(input.arguments.coverage), bar_(common, "precision") {
    for (const PrecisionCurve& curve : curves) {
      for (const PrecisionPoint& point : curve.points) all_ += weight_of(point);
    }
  }
  // To be called from one row's work, which is shown as far as it is.
  [[nodiscard]] std::function<bool(std::size_t, std::size_t)> callback(const PrecisionPoint& point) {
    return [this, weight = weight_of(point)](std::size_t finished, std::size_t total) {
      show(done_ + weight * static_cast<double>(finished) / static_cast<double>(total));
      return true;
    };
  }
  void finish(const PrecisionPoint& point) {
    done_ += weight_of(point);
    show(done_);
  }

 private:
  [[nodiscard]] double weight_of(const PrecisionPoint& point) const {
    const auto devices = static_cast<double>(point.devices);
    return covered_ ? 1024.0 + std::exp2(devices) : 64.0 + std::exp2(devices / 2.0);
  }
  void show(double done) {
    constexpr std::size_t steps = 1'000'000;
    bar_.show(static_cast<std::size_t>(done / all_ * static_cast<double>(steps)), steps);
  }

  bool covered_;
  Progress bar_;
  double all_ = 0.0;
  double done_ = 0.0;
};

// Whether a device may come out with a switch that does not work, so that there are fewer to choose from.
bool may_be_stuck(const PrecisionQuestion& question) {
  if (!question.family) return false;
  const Fabrication& made = question.family->fabrication;
  return made.switches.stuck_open > 0.0 || made.switches.stuck_closed > 0.0;
}

// Everything that can be known before the first bank is drawn.
void check_points(const PrecisionInput& input, const std::vector<PrecisionCurve>& curves) {
  for (const PrecisionCurve& curve : curves) {
    for (const PrecisionPoint& point : curve.points) {
      if (input.arguments.coverage && point.devices > most_covered && !may_be_stuck(curve.question)) {
        throw input_error(fmt::format("--coverage of {} devices", point.devices),
                          fmt::format("expected --devices {} or fewer", most_covered));
      }
      check(question_at(curve, point), point.devices);
    }
  }
}

void find_needed(const PrecisionInput& input, std::vector<PrecisionCurve>& curves, const Common& common) {
  const double bits = bits_of(input.arguments);
  const double probability = probability_of("--probability", input.value(&PrecisionArguments::probability));
  Work work(input, curves, common);
  for (PrecisionCurve& curve : curves) {
    if (curve.against_spread) {
      throw input_error("--for-bits with several spreads", "expected several numbers of devices");
    }
    curve.needed.emplace();
    for (const PrecisionPoint& point : curve.points) {
      if (!curve.needed->devices) {
        PrecisionQuestion question = question_at(curve, point);
        question.threads = static_cast<int>(common.threads);
        question.progress = work.callback(point);
        const std::size_t devices = point.devices;
        const NeededDevices tried = needed_devices(question, {&devices, 1}, bits, probability);
        curve.needed->tried.push_back(tried.tried.front());
        curve.needed->devices = tried.devices;
      }
      work.finish(point);
    }
  }
}

void find_rows(const PrecisionInput& input, std::vector<PrecisionCurve>& curves, const Common& common, Values* values) {
  Work work(input, curves, common);
  for (std::size_t c = 0; c < curves.size(); ++c) {
    PrecisionCurve& curve = curves[c];
    for (const PrecisionPoint& point : curve.points) {
      PrecisionQuestion question = question_at(curve, point);
      question.threads = static_cast<int>(common.threads);
      question.progress = work.callback(point);
      const PrecisionSample sample = input.arguments.coverage ? sample_coverage(question, point.devices)
                                                              : sample_precision(question, point.devices);
      curve.rows.push_back(summarize(question, sample));
      curve.full_scales.push_back(sample.full_scale);
      if (values != nullptr) values->add(c, point, sample);
      work.finish(point);
    }
  }
}

int run_precision(const PrecisionArguments& given, const Common& common) {
  if (!given.plot.empty()) {
    plot::check_picture(given.plot);
    io::check_output(given.plot, common.force);
  }
  if (!common.output.empty()) io::check_matrix_output(common.output, common.force);
  io::check_apart("-o", common.output, "--plot", given.plot);
  const PrecisionInput input = read_precision_input(given, common);
  std::vector<PrecisionCurve> curves = curves_of(input);
  const bool needed = !input.arguments.for_bits.empty();
  if (needed && (!given.plot.empty() || !common.output.empty())) {
    throw input_error("--for-bits finds a number of devices", "leave out --plot and -o");
  }
  check_points(input, curves);
  const Stopwatch watch;
  Values values;
  if (needed) {
    find_needed(input, curves, common);
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
  // Other curves are there to compare with.
  return !needed || curves.front().needed->devices ? done : check_failed;
}

}  // namespace

void add_precision(CommandLine& line) {
  const auto arguments = std::make_shared<PrecisionArguments>();
  Command command =
      line.add("precision", "bits of precision against the number of devices",
               "all values (.npy or .csv), a row each: curve (its index in the JSON's curves), devices, sigma (nan: "
               "none), bank, target, error, bits",
               "ohmset precision --devices 4:32:4 --distribution lognormal --sigma 0.3",
               [arguments](const Common& common) { return run_precision(*arguments, common); });
  add_precision_options(command, *arguments);
}

}  // namespace ohmset::cli
