// SPDX-License-Identifier: Apache-2.0
#include "tools/cli/ranks.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <limits>
#include <string>

#include "sim/error.h"
#include "tools/cli/failure.h"

#ifdef OHMSET_MPI
#define OMPI_SKIP_MPICXX
#define MPICH_SKIP_MPICXX
#include <mpi.h>
#endif

namespace ohmset::cli {
namespace {

#ifdef OHMSET_MPI
constexpr std::size_t most_message = std::size_t{1} << 30;  // bytes: MPI counts in int
#endif

// What the launchers of Open MPI and of MPICH and its kin tell their processes.
std::string launched_size() {
  for (const char* const name : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE"}) {
    const char* const value = std::getenv(name);
    if (value != nullptr) return value;
  }
  return {};
}

}  // namespace

std::pair<std::size_t, std::size_t> Ranks::share(std::size_t count, std::size_t rank) const {
  return {count * rank / size_, count * (rank + 1) / size_};
}

#ifdef OHMSET_MPI

Ranks::Ranks() {
  if (launched_size().empty()) return;
  int running = 0;
  MPI_Initialized(&running);
  if (running == 0) {
    MPI_Init(nullptr, nullptr);
    started_ = true;
  }
  int rank = 0;
  int size = 1;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  rank_ = static_cast<std::size_t>(rank);
  size_ = static_cast<std::size_t>(size);
}

Ranks::~Ranks() {
  if (started_) MPI_Finalize();
}

std::optional<int> Ranks::together(const std::function<void()>& work) const {
  std::exception_ptr failure;
  try {
    work();
  } catch (...) {
    failure = std::current_exception();
  }
  if (size_ > 1) {
    constexpr int none = std::numeric_limits<int>::max();
    const int rank = static_cast<int>(rank_);
    const int mine = failure ? rank : none;
    int failed = none;
    MPI_Allreduce(&mine, &failed, 1, MPI_INT, MPI_MIN, MPI_COMM_WORLD);
    if (failed == none) return std::nullopt;
    // The others learn the code when the line is out: mpirun ends all when one ends with a code of its own.
    int code = failed == rank ? report_failure(failure) : 0;
    MPI_Bcast(&code, 1, MPI_INT, failed, MPI_COMM_WORLD);
    return code;
  }
  if (failure) std::rethrow_exception(failure);
  return std::nullopt;
}

void Ranks::collect(std::span<std::byte> whole, std::size_t count) const {
  if (size_ == 1 || whole.empty()) return;
  const std::size_t each = whole.size() / count;
  for (std::size_t rank = 1; rank < size_; ++rank) {
    if (rank_ != 0 && rank_ != rank) continue;
    const auto [begin, end] = share(count, rank);
    for (std::size_t at = begin * each; at < end * each; at += most_message) {
      const int bytes = static_cast<int>(std::min(most_message, end * each - at));
      if (rank_ == 0) {
        MPI_Recv(whole.data() + at, bytes, MPI_BYTE, static_cast<int>(rank), 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
      } else {
        MPI_Send(whole.data() + at, bytes, MPI_BYTE, 0, 0, MPI_COMM_WORLD);
      }
    }
  }
}

std::vector<std::string> Ranks::exchange(const std::string& mine) const {
  std::vector<std::string> all{mine};
  if (size_ == 1) return all;
  all.assign(size_, {});
  for (std::size_t rank = 0; rank < size_; ++rank) {
    std::string& text = all[rank];
    if (rank == rank_) text = mine;
    std::uint64_t length = text.size();
    MPI_Bcast(&length, 1, MPI_UINT64_T, static_cast<int>(rank), MPI_COMM_WORLD);
    text.resize(length);
    for (std::size_t at = 0; at < length; at += most_message) {
      const int bytes = static_cast<int>(std::min(most_message, length - at));
      MPI_Bcast(text.data() + at, bytes, MPI_BYTE, static_cast<int>(rank), MPI_COMM_WORLD);
    }
  }
  return all;
}

#else

Ranks::Ranks() {
  const std::string size = launched_size();
  if (!size.empty() && size != "1") {
    throw input_error(fmt::format("started as {} processes by mpirun, and built without MPI", size),
                      "expected one process, or a build with MPI");
  }
}

Ranks::~Ranks() = default;

std::optional<int> Ranks::together(const std::function<void()>& work) const {
  work();
  return std::nullopt;
}

void Ranks::collect(std::span<std::byte>, std::size_t) const {}

std::vector<std::string> Ranks::exchange(const std::string& mine) const { return {mine}; }

#endif

}  // namespace ohmset::cli
