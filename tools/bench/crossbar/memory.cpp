// SPDX-License-Identifier: Apache-2.0
#include "tools/bench/crossbar/memory.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string_view>
#include <system_error>

#include "tools/bench/crossbar/arrays.h"

namespace ohmset::bench {

double peak_megabytes(const std::string& work, std::int64_t lines) {
  std::error_code failed;
  const std::string self = std::filesystem::read_symlink("/proc/self/exe", failed);
  if (failed) return 0.0;
  const auto close = [](std::FILE* pipe) { pclose(pipe); };
  const std::unique_ptr<std::FILE, decltype(close)> pipe(
      popen(fmt::format("'{}' --memory {} {}", self, work, lines).c_str(), "r"), close);
  double megabytes = 0.0;
  return pipe && std::fscanf(pipe.get(), "%lf", &megabytes) == 1 ? megabytes : 0.0;
}

bool measured_memory(int argc, const char* const* argv) {
  if (argc != 4 || std::string_view(argv[1]) != "--memory") return false;
  const std::int64_t lines = std::stoll(argv[3]);
  if (std::string_view(argv[2]) == "transfer") {
    if (CrossbarSolver(crossbar(Regime::E, lines)).transfer().size() == 0) return false;
  } else {
    if (crossbar_outputs(crossbar(Regime::E, lines), inputs(1, lines)).currents.size() == 0) return false;
  }
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  fmt::print("{}\n", static_cast<double>(used.ru_maxrss) / 1024.0);
  return true;
}

}  // namespace ohmset::bench
