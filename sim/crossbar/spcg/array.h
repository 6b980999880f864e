// A crossbar laid out and factored for the sweeps, and the memory that solving takes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tbb/enumerable_thread_specific.h>
#include <tbb/parallel_for.h>

#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "sim/crossbar.h"
#include "sim/crossbar/spcg/coarse.h"
#include "sim/crossbar/spcg/loops.h"
#include "sim/crossbar/spcg/storage.h"
#include "sim/crossbar/spcg/wiring.h"

namespace ohmset::crossbar::spcg {

// The sizes of an array, and its wires where they are all alike; no memory yet.
[[nodiscard]] Lines geometry(const Crossbar& crossbar);

// What one solve needs.
struct Workspace {
  Storage arrays;
  Storage coarse;
};

class Array {
 public:
  Array(const Crossbar& given, Simd simd);

  [[nodiscard]] const Crossbar& crossbar() const { return crossbar_; }
  [[nodiscard]] const Loops& loops() const { return loops_; }
  [[nodiscard]] const std::optional<Coarse>& coarse() const { return coarse_; }
  [[nodiscard]] std::size_t cells() const { return cells_; }  // with padding
  [[nodiscard]] double largest_device() const { return largest_device_; }
  // Of the preconditioned operator, or less.
  [[nodiscard]] double least_eigenvalue() const { return least_eigenvalue_; }
  [[nodiscard]] const Ends& ends() const { return ends_; }
  // Whether some path leads from every node to a source or to ground.
  [[nodiscard]] bool reaches_all() const { return reaches_all_; }

  // Kept from one solve for the next one; any number at a time.
  [[nodiscard]] std::unique_ptr<Workspace> take() const;
  void give(std::unique_ptr<Workspace> workspace) const;
  [[nodiscard]] Lines with(const Workspace& workspace) const;
  // For a sweep over one group.
  [[nodiscard]] double* scratch() const;

  // Calls work(k) for all k < count, on all threads when the array is large.
  template <class Work>
  void for_all(std::size_t count, const Work& work) const {
    constexpr std::size_t parallel_cells = std::size_t{192} * 192;  // below, threads cost more than they save
    if (cells_ >= parallel_cells) {
      tbb::parallel_for(std::size_t{0}, count, work);
    } else {
      for (std::size_t k = 0; k < count; ++k) work(k);
    }
  }

 private:
  void factor();

  const Crossbar& crossbar_;
  const Loops& loops_;
  Lines lines_;
  Ends ends_;
  std::size_t cells_;
  Storage factors_;
  bool reaches_all_ = true;
  double largest_device_ = 0.0;
  double least_eigenvalue_ = 0.0;
  std::optional<Coarse> coarse_{};
  mutable tbb::enumerable_thread_specific<std::vector<double>> scratch_{};
  mutable std::mutex mutex_{};
  mutable std::vector<std::unique_ptr<Workspace>> idle_{};
};

}  // namespace ohmset::crossbar::spcg
