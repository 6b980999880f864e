// The dense matrix of every public interface: row-major doubles, as NumPy stores them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <Eigen/Core>

namespace ohmset {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

}  // namespace ohmset
