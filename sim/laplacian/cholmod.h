// CHOLMOD's workspace and sparse patterns, freed when they go out of scope.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cholmod.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <new>
#include <span>

#include "sim/laplacian/analysis.h"

namespace ohmset::laplacian {

class Cholmod {
 public:
  Cholmod() {
    cholmod_l_start(&common_);
    common_.print = 0;
  }
  ~Cholmod() { cholmod_l_finish(&common_); }
  Cholmod(const Cholmod&) = delete;
  Cholmod& operator=(const Cholmod&) = delete;
  [[nodiscard]] cholmod_common* get() { return &common_; }

  template <class T, int (*free_one)(T**, cholmod_common*)>
  class Owned {
   public:
    Owned(T* made, cholmod_common* common) : made_(made), common_(common) {
      if (made == nullptr) throw std::bad_alloc();
    }
    ~Owned() { free_one(&made_, common_); }
    Owned(const Owned&) = delete;
    Owned& operator=(const Owned&) = delete;
    [[nodiscard]] T* get() const { return made_; }
    T* operator->() const { return made_; }

   private:
    T* made_;
    cholmod_common* common_;
  };
  using Sparse = Owned<cholmod_sparse, cholmod_l_free_sparse>;
  using Triplet = Owned<cholmod_triplet, cholmod_l_free_triplet>;
  using Factor = Owned<cholmod_factor, cholmod_l_free_factor>;

  // The upper triangle of a symmetric pattern.
  [[nodiscard]] Sparse pattern(std::size_t nodes, std::span<const Edge> edges, bool diagonal) {
    constexpr int upper = 1;
    const Triplet triplet(
        cholmod_l_allocate_triplet(nodes, nodes, edges.size() + (diagonal ? nodes : 0), upper, CHOLMOD_PATTERN, get()),
        get());
    auto* rows = static_cast<SuiteSparse_long*>(triplet->i);
    auto* columns = static_cast<SuiteSparse_long*>(triplet->j);
    std::size_t used = 0;
    for (const Edge& edge : edges) {
      rows[used] = static_cast<SuiteSparse_long>(std::min(edge.a, edge.b));
      columns[used++] = static_cast<SuiteSparse_long>(std::max(edge.a, edge.b));
    }
    for (std::size_t node = 0; diagonal && node < nodes; ++node) {
      rows[used] = static_cast<SuiteSparse_long>(node);
      columns[used++] = static_cast<SuiteSparse_long>(node);
    }
    triplet->nnz = used;
    return Sparse(cholmod_l_triplet_to_sparse(triplet.get(), used, get()), get());
  }

 private:
  cholmod_common common_{};
};

}  // namespace ohmset::laplacian
