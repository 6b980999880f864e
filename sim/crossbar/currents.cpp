// SPDX-License-Identifier: Apache-2.0
#include "sim/crossbar/currents.h"

namespace ohmset::crossbar {

using Eigen::Index;

void add_wire_currents(CrossbarFields& fields, const std::vector<Twofold>& devices) {
  const Index words = fields.device_currents.rows();
  const Index bits = fields.device_currents.cols();
  const auto device = [&](Index i, Index j) { return devices[static_cast<std::size_t>(i * bits + j)]; };
  fields.word_currents = Matrix::Zero(words, bits);
  fields.bit_currents = Matrix::Zero(words, bits);
  for (Index i = 0; i < words; ++i) {
    Twofold sum;
    for (Index j = bits; j-- > 0;) fields.word_currents(i, j) = (sum += device(i, j)).value();
  }
  for (Index j = 0; j < bits; ++j) {
    Twofold sum;
    for (Index i = 0; i < words; ++i) fields.bit_currents(i, j) = (sum += device(i, j)).value();
  }
}

void add_wire_currents(CrossbarFields& fields) {
  if (fields.device_currents.allFinite()) {
    const auto cells = fields.device_currents.reshaped<Eigen::RowMajor>();
    add_wire_currents(fields, {cells.begin(), cells.end()});
    return;
  }
  // Twofold sums do not survive infinite currents.
  const Index words = fields.device_currents.rows();
  const Index bits = fields.device_currents.cols();
  fields.word_currents = fields.device_currents;
  fields.bit_currents = fields.device_currents;
  for (Index j = bits - 1; j-- > 0;) fields.word_currents.col(j) += fields.word_currents.col(j + 1);
  for (Index i = 1; i < words; ++i) fields.bit_currents.row(i) += fields.bit_currents.row(i - 1);
}

}  // namespace ohmset::crossbar
