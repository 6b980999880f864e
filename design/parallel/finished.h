// How much of some work is finished, told to whoever asked, from many threads.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <mutex>

namespace ohmset::parallel {

// Counts, and lets one thread at a time report. The report returns false when the work is to stop.
class Finished {
 public:
  using Report = std::function<bool(std::size_t done, std::size_t total)>;
  // Refers to the report, which may be empty.
  Finished(const Report& report, std::size_t total) : report_(report), total_(total) {}

  // False when the work is to stop.
  bool advance(std::size_t things) {
    const std::size_t done = done_ += things;
    if (report_ && !stopped_) {
      const std::unique_lock lock(mutex_, std::try_to_lock);
      if (lock && !stopped_ && !report_(done, total_)) stopped_ = true;
    }
    return !stopped_;
  }
  [[nodiscard]] bool stopped() const { return stopped_; }

 private:
  const Report& report_;
  std::size_t total_;
  std::atomic<std::size_t> done_{0};
  std::atomic<bool> stopped_{false};
  std::mutex mutex_{};
};

}  // namespace ohmset::parallel
