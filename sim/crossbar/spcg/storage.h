// Large arrays, on large pages where the system has them. What is given back is kept for the next array of that size,
// up to a limit: the system would fill every page with zeros again, which takes longer than to solve a small crossbar.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>

namespace ohmset::crossbar::spcg {

class Storage {
 public:
  // `arrays` of `size` doubles each, of any value: written before they are read.
  Storage(std::size_t arrays, std::size_t size)
      : stride_((size + line - 1) / line * line + apart),
        data_(allocate(arrays * stride_ * sizeof(double)), Free{arrays * stride_ * sizeof(double)}) {}

  [[nodiscard]] double* array(std::size_t which) const { return data_.get() + which * stride_; }

 private:
  static constexpr std::size_t line = 8;     // doubles of a cache line
  static constexpr std::size_t apart = 136;  // arrays of a power of two would share their places in the caches

  static double* allocate(std::size_t bytes);
  struct Free {
    std::size_t bytes = 0;
    void operator()(double* data) const;
  };

  std::size_t stride_;
  std::unique_ptr<double, Free> data_;
};

}  // namespace ohmset::crossbar::spcg
