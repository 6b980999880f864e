// Large arrays, on large pages where the system has them.
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
  // `arrays` of `size` doubles each, of any value: written before they are read.
  Storage(std::size_t arrays, std::size_t size)
      : stride_((size + line - 1) / line * line + apart), data_(allocate(arrays * stride_ * sizeof(double))) {}

  [[nodiscard]] double* array(std::size_t which) const { return data_.get() + which * stride_; }

 private:
  static constexpr std::size_t line = 8;     // doubles of a cache line
  static constexpr std::size_t apart = 136;  // arrays of a power of two would share their places in the caches
  static constexpr std::size_t large_page = std::size_t{2} << 20U;
  struct Free {
    std::align_val_t alignment{};
    void operator()(double* data) const { ::operator delete(data, alignment); }
  };

  static std::unique_ptr<double, Free> allocate(std::size_t bytes) {
    const auto alignment = static_cast<std::align_val_t>(bytes < 2 * large_page ? line * sizeof(double) : large_page);
    std::unique_ptr<double, Free> data(static_cast<double*>(::operator new(bytes, alignment)), Free{alignment});
#if defined(__linux__) && defined(MADV_HUGEPAGE)
    if (bytes >= 2 * large_page) madvise(data.get(), bytes, MADV_HUGEPAGE);
#endif
    return data;
  }

  std::size_t stride_;
  std::unique_ptr<double, Free> data_;
};

}  // namespace ohmset::crossbar::spcg
