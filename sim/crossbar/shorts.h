// Shorted devices as the limit of equal small resistances: the potentials of what they tie to several sources and sinks
// at once, and what each of them carries. Knows nothing of the finite conductances around them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "sim/laplacian.h"

namespace ohmset::crossbar {

// A shorted device between two clusters, that is nodes joined by wires without resistance.
struct Short {
  std::size_t cell = 0;
  std::size_t a = 0;  // word side
  std::size_t b = 0;
};

class Shorts {
 public:
  static constexpr std::size_t none = static_cast<std::size_t>(-1);

  Shorts() = default;
  // terminal: by cluster, the source or sink in it, or none
  Shorts(std::vector<Short> shorts, const std::vector<std::size_t>& terminal);

  [[nodiscard]] bool empty() const { return shorts_.empty(); }
  [[nodiscard]] const std::vector<Short>& all() const { return shorts_; }

  // Clusters without a terminal of their own that shorts tie to more than one.
  struct Pinned {
    std::size_t cluster = 0;
    std::size_t vertex = 0;  // row of potentials
  };
  [[nodiscard]] const std::vector<Pinned>& pinned() const { return pinned_; }
  // Whether two terminals are tied together.
  [[nodiscard]] bool ties_terminals() const { return ties_terminals_; }

  // Of every vertex under the terminals' voltages (terminal x column).
  [[nodiscard]] Potentials potentials(const Matrix& terminals) const;

  // What each short carries from a to b, when `outflow` (by cluster) leaves the clusters through everything else and
  // the potentials (of the column) say which shorts have a voltage across them: those carry infinite currents.
  struct Currents {
    std::vector<Twofold> carried{};  // by short
    double bound = 0.0;              // of what the split adds to the error of the outflows
  };
  [[nodiscard]] Currents currents(const std::vector<Twofold>& outflow, const Potentials& potentials,
                                  std::size_t column) const;

 private:
  struct Vertex {
    std::size_t cluster = 0;
    std::size_t terminal = none;
    std::size_t unknown = none;  // row of the Laplacian; none: held
  };
  struct Link {
    std::size_t a = 0;  // vertices
    std::size_t b = 0;
    bool tie = false;  // part of what joins several terminals
  };
  std::vector<Short> shorts_{};
  std::vector<Link> links_{};  // by short
  std::vector<Vertex> vertices_{};
  std::vector<Pinned> pinned_{};
  bool ties_terminals_ = false;
  std::optional<Laplacian> laplacian_{};
};

}  // namespace ohmset::crossbar
