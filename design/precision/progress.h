// How many banks of a question are done, told to whoever asked.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <mutex>

#include "design/precision.h"

namespace ohmset::precision {

// Counts finished banks and lets one thread at a time report them.
class BanksDone {
 public:
  explicit BanksDone(const PrecisionQuestion& question) : report_(question.progress), total_(question.banks) {}

  void advance(std::size_t banks) {
    const std::size_t done = done_ += banks;
    if (!report_ || stopped_) return;
    const std::unique_lock lock(mutex_, std::try_to_lock);
    if (lock && !report_(done, total_)) stopped_ = true;
  }
  [[nodiscard]] bool stopped() const { return stopped_; }

 private:
  const std::function<bool(std::size_t, std::size_t)>& report_;
  std::size_t total_;
  std::atomic<std::size_t> done_{0};
  std::atomic<bool> stopped_{false};
  std::mutex mutex_{};
};

}  // namespace ohmset::precision
