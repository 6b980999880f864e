// SPDX-License-Identifier: Apache-2.0
#include "sim/crossbar/currents.h"

#include <algorithm>
#include <cmath>

#include "sim/units.h"

namespace ohmset::crossbar {

namespace {

using Eigen::Index;

// A line of n nodes at which devices take current from it; segment s enters node s, segment n follows the last node.
// Both ends lead to the same potential, or to nothing.
class Line {
 public:
  explicit Line(std::size_t nodes)
      : resistances_(nodes + 1, infinity), taken_(nodes), flows_(nodes + 1), to_left_(nodes + 1), to_right_(nodes) {}

  std::vector<double>& resistances() { return resistances_; }
  std::vector<Twofold>& taken() { return taken_; }

  // The current in each segment, from the first end to the last.
  const std::vector<CurrentSum>& flows() {
    const std::size_t nodes = taken_.size();
    std::size_t first = 0;
    for (std::size_t s = 1; s <= nodes; ++s) {
      if (s < nodes && !std::isinf(resistances_[s])) continue;
      flow_in(first, s);
      first = s;
    }
    return flows_;
  }

 private:
  // Nodes first .. end - 1, between segments that are broken or lead out of the line. What each device takes comes
  // from the left by the share that the resistance to the right has in the whole, and from the right for the rest.
  void flow_in(std::size_t first, std::size_t end) {
    const bool left = first == 0 && !std::isinf(resistances_.front());
    const bool right = end == taken_.size() && !std::isinf(resistances_.back());
    if (left && right) {
      share(first, end);
    } else {
      for (std::size_t k = first; k < end; ++k) {
        to_left_[k] = left ? taken_[k] : Twofold{};
        to_right_[k] = left ? Twofold{} : taken_[k];
      }
    }
    CurrentSum from_right;
    std::vector<CurrentSum>& flow = flows_;
    for (std::size_t s = first; s <= end; ++s) {
      flow[s] = {};
      flow[s].subtract(from_right);
      if (s < end) from_right.add(to_right_[s]);
    }
    CurrentSum from_left;
    for (std::size_t s = end; s-- > first;) {
      from_left.add(to_left_[s]);
      flow[s].add(from_left);
    }
    if (!left) flow[first] = {};
    if (!right) flow[end] = {};
  }

  void share(std::size_t first, std::size_t end) {
    Twofold total;
    for (const double r : resistances_) total += Twofold(r);
    Twofold before;
    for (std::size_t k = first; k < end; ++k) {
      before += Twofold(resistances_[k]);
      const Twofold right = total.high == 0.0 ? Twofold(0.5) : before / total;
      const Twofold left = Twofold(1.0) - right;
      to_left_[k] = part(taken_[k], left);
      to_right_[k] = part(taken_[k], right);
    }
  }

  static Twofold part(Twofold current, Twofold share) {
    if (std::isinf(current.high)) return share.high > 0.0 ? current : Twofold{};
    return current * share;
  }

  std::vector<double> resistances_;
  std::vector<Twofold> taken_;
  std::vector<CurrentSum> flows_;
  std::vector<Twofold> to_left_;
  std::vector<Twofold> to_right_;
};

void add_word_currents(CrossbarFields& fields, const Wires& wires, const std::vector<Twofold>& devices) {
  const Index words = fields.device_currents.rows();
  const Index bits = fields.device_currents.cols();
  const bool both = wires.driven == DrivenEnds::both;
  fields.word_currents = Matrix::Zero(words, bits);
  fields.word_end_currents = Eigen::VectorXd::Zero(both ? words : 0);
  if (bits == 0) return;
  const auto count = static_cast<std::size_t>(bits);
  Line line(count);
  for (Index i = 0; i < words; ++i) {
    const auto row = static_cast<std::size_t>(i);
    for (std::size_t j = 0; j < count; ++j) {
      line.resistances()[j] = wires.word_segment(row, j);
      line.taken()[j] = devices[row * count + j];
    }
    line.resistances()[0] += wires.driver_of(row);
    if (both) line.resistances()[count] = wires.word_end(row) + wires.driver_of(row);
    const std::vector<CurrentSum>& flows = line.flows();
    for (Index j = 0; j < bits; ++j) fields.word_currents(i, j) = flows[static_cast<std::size_t>(j)].value();
    if (both) fields.word_end_currents[i] = flows.back().value();
  }
}

void add_bit_currents(CrossbarFields& fields, const Wires& wires, const std::vector<Twofold>& devices) {
  const Index words = fields.device_currents.rows();
  const Index bits = fields.device_currents.cols();
  const bool both = wires.sensed == SensedEnds::both;
  fields.bit_currents = Matrix::Zero(words, bits);
  fields.bit_top_currents = Eigen::VectorXd::Zero(both ? bits : 0);
  if (words == 0) return;
  const auto count = static_cast<std::size_t>(words);
  Line line(count);
  for (Index j = 0; j < bits; ++j) {
    const auto column = static_cast<std::size_t>(j);
    for (std::size_t i = 0; i < count; ++i) {
      line.resistances()[i + 1] = wires.bit_segment(i, column);
      line.taken()[i] = -devices[i * static_cast<std::size_t>(bits) + column];
    }
    line.resistances()[count] += wires.sense_of(column);
    if (both) line.resistances()[0] = wires.bit_top(column) + wires.sense_of(column);
    const std::vector<CurrentSum>& flows = line.flows();
    for (Index i = 0; i < words; ++i) fields.bit_currents(i, j) = flows[static_cast<std::size_t>(i) + 1].value();
    if (both) fields.bit_top_currents[j] = flows.front().value();
  }
}

// Whether every wire's current is a sum of devices' currents, those ahead of it on a word line, behind it on a bit
// line: lines that are whole and have one end.
bool is_plain(const Wires& wires, const std::vector<Twofold>& devices) {
  return wires.single_ended() && wires.word_segments.allFinite() && wires.bit_segments.allFinite() &&
         wires.drivers.allFinite() && wires.senses.allFinite() &&
         std::all_of(devices.begin(), devices.end(), [](Twofold current) { return std::isfinite(current.high); });
}

// The same bits as line by line.
void add_plain_currents(CrossbarFields& fields, const std::vector<Twofold>& devices) {
  const Index words = fields.device_currents.rows();
  const Index bits = fields.device_currents.cols();
  fields.word_currents = Matrix(words, bits);
  fields.bit_currents = Matrix(words, bits);
  fields.word_end_currents.resize(0);
  fields.bit_top_currents.resize(0);
  std::vector<Twofold> down(static_cast<std::size_t>(bits));
  for (Index i = 0; i < words; ++i) {
    const Twofold* const row = devices.data() + i * bits;
    Twofold ahead;
    for (Index j = bits; j-- > 0;) {
      ahead += row[j];
      fields.word_currents(i, j) = ahead.value();
    }
    for (Index j = 0; j < bits; ++j) {
      Twofold& behind = down[static_cast<std::size_t>(j)];
      behind += row[j];
      fields.bit_currents(i, j) = behind.value();
    }
  }
}

// I^2 / g: the difference of two potentials would lose the digits of what a device drops. A short drops nothing.
void add_powers(CrossbarFields& fields, const Crossbar& crossbar, const Eigen::VectorXd& input,
                const std::vector<Twofold>& devices) {
  const Index words = fields.device_currents.rows();
  const Index bits = fields.device_currents.cols();
  fields.device_powers = Matrix::Zero(words, bits);
  CurrentSum power;
  for (Index i = 0; i < words; ++i) {
    CurrentSum line;
    for (Index j = 0; j < bits; ++j) {
      const double g = crossbar.conductances(i, j);
      const double current = fields.device_currents(i, j);
      if (std::isinf(current)) {
        fields.device_powers(i, j) = infinity;
      } else if (g > 0.0) {
        fields.device_powers(i, j) = current * (current / g);
      }
      line.add(devices[static_cast<std::size_t>(i * bits + j)]);
    }
    if (input[i] != 0.0) power.add(Twofold(input[i] * line.value()));
  }
  fields.power = power.value();
}

}  // namespace

void complete(CrossbarFields& fields, const Crossbar& crossbar, const Eigen::VectorXd& input,
              const std::vector<Twofold>& devices) {
  if (is_plain(crossbar.wires, devices)) {
    add_plain_currents(fields, devices);
  } else {
    add_word_currents(fields, crossbar.wires, devices);
    add_bit_currents(fields, crossbar.wires, devices);
  }
  add_powers(fields, crossbar, input, devices);
}

void complete(CrossbarFields& fields, const Crossbar& crossbar, const Eigen::VectorXd& input) {
  const auto cells = fields.device_currents.reshaped<Eigen::RowMajor>();
  complete(fields, crossbar, input, {cells.begin(), cells.end()});
}

}  // namespace ohmset::crossbar
