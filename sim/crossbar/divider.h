// The crossbars that need no system of equations: word and bit lines without resistance, each bit line a divider.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sim/crossbar.h"

namespace ohmset::crossbar {

// Whether the sources stand at the devices and each bit line is a single node that leads to ground. An array without
// devices counts as one.
[[nodiscard]] bool is_divider(const Crossbar& crossbar);

[[nodiscard]] Matrix divider_transfer(const Crossbar& crossbar);
[[nodiscard]] CrossbarOutputs divider_outputs(const Crossbar& crossbar, const Matrix& inputs);
[[nodiscard]] CrossbarFields divider_fields(const Crossbar& crossbar, const Eigen::VectorXd& input);

}  // namespace ohmset::crossbar
