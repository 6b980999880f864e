// Large arrays of zeros, on large pages where the system has them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <new>
#ifdef __linux__
#include <sys/mman.h>
#endif

namespace ohmset::crossbar::spcg {

class Storage {
 public:
  // `arrays` of `size` doubles each.
  Storage(std::size_t arrays, std::size_t size)
      : stride_((size + line - 1) / line * line + apart), bytes_(arrays * stride_ * sizeof(double)) {
    data_.reset(static_cast<double*>(::operator new (bytes_, std::align_val_t{alignment})));
#if defined(__linux__) && defined(MADV_HUGEPAGE)
    if (bytes_ >= alignment) madvise(data_.get(), bytes_ / alignment * alignment, MADV_HUGEPAGE);
#endif
    for (std::size_t k = 0; k < arrays * stride_; ++k) data_.get()[k] = 0.0;
  }

  [[nodiscard]] double* array(std::size_t which) const { return data_.get() + which * stride_; }

 private:
  static constexpr std::size_t line = 8;     // doubles
  static constexpr std::size_t apart = 136;  // arrays of a power of two would share their places in the caches
  static constexpr std::size_t alignment = std::size_t{2} << 20U;
  struct Free {
    void operator()(double* data) const { ::operator delete (data, std::align_val_t{alignment}); }
  };
  std::size_t stride_;
  std::size_t bytes_;
  std::unique_ptr<double, Free> data_;
};

}  // namespace ohmset::crossbar::spcg
