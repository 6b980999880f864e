// How much memory a solve takes: the benchmark runs itself again for one of them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace ohmset::bench {

// Of a process of its own that does the work ("one_input" or "transfer") once; 0 where that cannot be found out.
[[nodiscard]] double peak_megabytes(const std::string& work, std::int64_t lines);

// Whether the arguments ask for that; then the work is done and its peak printed.
[[nodiscard]] bool measured_memory(int argc, const char* const* argv);

}  // namespace ohmset::bench
