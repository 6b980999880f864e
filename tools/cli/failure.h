// What a failure leaves behind: one line and an exit code.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <exception>

namespace ohmset::cli {

// Prints the line on stderr; returns the code to end with. requires an exception
[[nodiscard]] int report_failure(const std::exception_ptr& failure);

}  // namespace ohmset::cli
