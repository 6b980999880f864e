// How much more Latin hypercube and scrambled Sobol points say than as many plain ones.
// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace ohmset::bench {

void print_variance_reduction();

}  // namespace ohmset::bench
