// SPDX-License-Identifier: Apache-2.0
#include "tools/bench/ratios.h"

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <utility>
#include <vector>

namespace ohmset::bench {
namespace {

using Pair = std::pair<std::string, std::string>;  // ours, alternative

std::vector<Pair>& pairs() {
  static std::vector<Pair> all;
  return all;
}

std::string time_of(double seconds) {
  const double shown[] = {seconds * 1e9, seconds * 1e6, seconds * 1e3, seconds};
  const char* const units[] = {"ns", "us", "ms", "s"};
  std::size_t unit = 0;
  while (unit < 3 && shown[unit] >= 1000.0) ++unit;
  return fmt::format("{:.3g} {}", shown[unit], units[unit]);
}

// The console's own report, and the least time of each benchmark over its repetitions.
class Reporter : public benchmark::ConsoleReporter {
 public:
  Reporter() : ConsoleReporter(OO_Tabular) {}

  void ReportRuns(const std::vector<Run>& reports) override {
    ConsoleReporter::ReportRuns(reports);
    for (const Run& run : reports) {
      if (run.run_type != Run::RT_Iteration || run.error_occurred) continue;
      // Other programs time themselves; here it is the thread's processor that counts.
      const double total = run.run_name.time_type.empty() ? run.cpu_accumulated_time : run.real_accumulated_time;
      const double seconds = total / static_cast<double>(run.iterations);
      Times& times = measured_[run.run_name.function_name];
      const auto found =
          std::find_if(times.begin(), times.end(), [&](const auto& entry) { return entry.first == run.run_name.args; });
      if (found == times.end()) {
        times.emplace_back(run.run_name.args, seconds);
      } else {
        found->second = std::min(found->second, seconds);
      }
    }
  }

  void print_ratios() const {
    bool titled = false;
    for (const auto& [ours, alternative] : pairs()) {
      const auto mine = measured_.find(ours);
      const auto theirs = measured_.find(alternative);
      if (mine == measured_.end() || theirs == measured_.end()) continue;
      for (const auto& [arguments, seconds] : mine->second) {
        for (const auto& [same, other] : theirs->second) {
          if (same != arguments) continue;
          if (!titled) {
            fmt::print("\n{:<26}{:>6}{:>12}   {:<28}{:>12}{:>14}\n", "Ratio to alternative", "", "time", "alternative",
                       "time", "times faster");
          }
          titled = true;
          fmt::print("{:<26}{:>6}{:>12}   {:<28}{:>12}{:>14.3g}\n", ours, arguments, time_of(seconds), alternative,
                     time_of(other), other / seconds);
        }
      }
    }
  }

 private:
  using Times = std::vector<std::pair<std::string, double>>;  // by arguments, in the order run
  std::map<std::string, Times> measured_{};
};

}  // namespace

Against::Against(std::string ours, std::initializer_list<std::string> alternatives) {
  for (const std::string& alternative : alternatives) pairs().emplace_back(ours, alternative);
}

int run_with_ratios(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  Reporter reporter;
  benchmark::RunSpecifiedBenchmarks(&reporter);
  benchmark::Shutdown();
  reporter.print_ratios();
  return 0;
}

}  // namespace ohmset::bench
