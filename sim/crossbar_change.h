// What one device of a crossbar does to its outputs, whatever conductance it takes: exact, open and shorted included.
//
// Between its two nodes a device sees a source v_o behind a resistance R [Thevenin1883], so that it carries
// i(g) = g v_o / (1 + g R), and all outputs are linear in that current. Two solves, of the array with the device open
// and with a conductance g_2 that draws at least half of what a short would, tell the rest: R = (v_o - i_2/g_2) / i_2
// and I(g) = I_o + (I_2 - I_o) i(g)/i_2, the Sherman-Morrison formula without its cancellation: i(g)/i_2 is between 0
// and 2.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "sim/crossbar.h"

namespace ohmset {

class DeviceChange {
 public:
  // Solves twice; each question afterwards is a sum of two vectors. The device's own conductance in `crossbar` plays no
  // part. Throws std::invalid_argument when there is no such device, and as CrossbarSolver and its fields() do.
  DeviceChange(const Crossbar& crossbar, const Eigen::VectorXd& input, std::size_t word_line, std::size_t bit_line,
               const CrossbarOptions& options = {});

  // By bit line, ampere, with the device at `conductance`: siemens, >= 0, infinite for a short. Throws
  // std::invalid_argument on others.
  [[nodiscard]] Eigen::VectorXd outputs(double conductance) const;

 private:
  // i(g)/i_2
  [[nodiscard]] double ratio(double conductance) const;

  Eigen::Index bit_line_ = 0;
  double probe_ = 0.0;         // g_2
  double open_voltage_ = 0.0;  // v_o
  double resistance_ = 0.0;    // R
  bool held_ = false;          // both nodes are: no resistance leads to a source or to ground
  Eigen::VectorXd open_{};
  Eigen::VectorXd change_{};  // I_2 - I_o
};

}  // namespace ohmset
