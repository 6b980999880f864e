// The processes that share a command's work: this one, or all that mpirun started. The one place that knows MPI.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace ohmset::cli {

class Ranks {
 public:
  // Throws Error{input} when mpirun started several processes and this build knows no MPI.
  Ranks();
  ~Ranks();
  Ranks(const Ranks&) = delete;
  Ranks& operator=(const Ranks&) = delete;

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::size_t rank() const { return rank_; }
  [[nodiscard]] bool first() const { return rank_ == 0; }
  // This process's part of `count` things, from begin to before end.
  [[nodiscard]] std::pair<std::size_t, std::size_t> share(std::size_t count) const { return share(count, rank_); }

  // Does the work in every process, each of which has to call it. Where it fails the first that failed says why on
  // stderr, and all return the exit code to end with. A process alone throws what the work throws.
  [[nodiscard]] std::optional<int> together(const std::function<void()>& work) const;

  // Collects in the first process what each has made of the array of `count` equal things: its own share.
  void collect(std::span<std::byte> whole, std::size_t count) const;

  // What every process has to say, in order, for every process. Each has to call it.
  [[nodiscard]] std::vector<std::string> exchange(const std::string& mine) const;

 private:
  [[nodiscard]] std::pair<std::size_t, std::size_t> share(std::size_t count, std::size_t rank) const;

  std::size_t rank_ = 0;
  std::size_t size_ = 1;
  bool started_ = false;  // MPI by this object
};

}  // namespace ohmset::cli
