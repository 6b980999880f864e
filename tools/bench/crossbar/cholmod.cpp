// The same crossbars by CHOLMOD's supernodal factorisation of the nodal equations, METIS ordering, its analysis
// included [ChenDavisHagerRajamanickam08].
// SPDX-License-Identifier: Apache-2.0
#include <benchmark/benchmark.h>
#include <cholmod.h>

#include <cmath>
#include <stdexcept>
#include <vector>

#include "tools/bench/crossbar/arrays.h"

namespace ohmset::bench {
namespace {

// Nodal equations of all word and bit nodes; upper triangle.
class Cholmod {
 public:
  explicit Cholmod(const Crossbar& array) : array_(array), lines_(static_cast<int>(array.conductances.rows())) {
    cholmod_start(&common_);
    common_.supernodal = CHOLMOD_SUPERNODAL;
    common_.nmethods = 1;
    common_.method[0].ordering = CHOLMOD_METIS;
    assemble();
    cholmod_sparse* matrix = cholmod_triplet_to_sparse(triplets_, 0, &common_);
    factor_ = cholmod_analyze(matrix, &common_);
    cholmod_factorize(matrix, factor_, &common_);
    cholmod_free_sparse(&matrix, &common_);
    cholmod_free_triplet(&triplets_, &common_);
    if (common_.status != CHOLMOD_OK) throw std::runtime_error("CHOLMOD failed");
  }
  ~Cholmod() {
    cholmod_free_factor(&factor_, &common_);
    cholmod_finish(&common_);
  }
  Cholmod(const Cholmod&) = delete;
  Cholmod& operator=(const Cholmod&) = delete;

  // inputs: batch x lines. Returns batch x lines, ampere.
  Matrix outputs(const Matrix& inputs) {
    const auto batch = static_cast<std::size_t>(inputs.rows());
    const auto lines = static_cast<std::size_t>(lines_);
    const std::size_t nodes = 2 * lines * lines;
    cholmod_dense* right = cholmod_zeros(nodes, batch, CHOLMOD_REAL, &common_);
    auto* const into = static_cast<double*>(right->x);
    for (std::size_t k = 0; k < batch; ++k) {
      for (std::size_t i = 0; i < lines; ++i) {
        into[k * nodes + i * lines] = entry() * inputs(static_cast<Eigen::Index>(k), static_cast<Eigen::Index>(i));
      }
    }
    cholmod_dense* solution = cholmod_solve(CHOLMOD_A, factor_, right, &common_);
    const auto* const potentials = static_cast<const double*>(solution->x);
    Matrix currents(inputs.rows(), lines_);
    for (std::size_t k = 0; k < batch; ++k) {
      for (std::size_t j = 0; j < lines; ++j) {
        currents(static_cast<Eigen::Index>(k), static_cast<Eigen::Index>(j)) =
            exit() * potentials[k * nodes + nodes - lines + j];
      }
    }
    cholmod_free_dense(&right, &common_);
    cholmod_free_dense(&solution, &common_);
    return currents;
  }

 private:
  [[nodiscard]] double entry() const { return 1.0 / (array_.wires.driver.value + array_.wires.word.value); }
  [[nodiscard]] double exit() const { return 1.0 / (array_.wires.sense.value + array_.wires.bit.value); }

  void assemble() {
    const int cells = lines_ * lines_;
    const auto entries = static_cast<std::size_t>(10 * cells);
    triplets_ = cholmod_allocate_triplet(static_cast<std::size_t>(2 * cells), static_cast<std::size_t>(2 * cells),
                                         entries, 1, CHOLMOD_REAL, &common_);
    const double word = 1.0 / array_.wires.word.value;
    const double bit = 1.0 / array_.wires.bit.value;
    for (int i = 0; i < lines_; ++i) {
      for (int j = 0; j < lines_; ++j) {
        const int here = i * lines_ + j;
        join(here, cells + here, array_.conductances(i, j));
        if (j == 0) {
          add(here, here, entry());
        } else {
          join(here - 1, here, word);
        }
        if (i + 1 == lines_) {
          add(cells + here, cells + here, exit());
        } else {
          join(cells + here, cells + here + lines_, bit);
        }
      }
    }
  }
  void join(int a, int b, double g) {
    add(a, a, g);
    add(b, b, g);
    add(a, b, -g);
  }
  void add(int row, int column, double value) {
    const std::size_t k = triplets_->nnz++;
    static_cast<int*>(triplets_->i)[k] = row;
    static_cast<int*>(triplets_->j)[k] = column;
    static_cast<double*>(triplets_->x)[k] = value;
  }

  const Crossbar& array_;
  int lines_;
  cholmod_common common_{};
  cholmod_triplet* triplets_ = nullptr;
  cholmod_factor* factor_ = nullptr;
};

// difference: to what ohmset says, relative to the largest.
void tell(benchmark::State& state, const Crossbar& array, const Matrix& volts, const Matrix& currents) {
  const CrossbarOutputs ours = crossbar_outputs(array, volts);
  state.counters["difference"] = (ours.currents - currents).cwiseAbs().maxCoeff() / ours.currents.cwiseAbs().maxCoeff();
}

void one_input_cholmod(benchmark::State& state, Regime regime) {
  const Crossbar array = crossbar(regime, state.range(0));
  const Matrix volts = inputs(1, state.range(0));
  Matrix currents;
  for (auto _ : state) currents = Cholmod(array).outputs(volts);
  tell(state, array, volts, currents);
}

// Columns 64 at a time.
void transfer_cholmod(benchmark::State& state, Regime regime) {
  const Crossbar array = crossbar(regime, state.range(0));
  const Eigen::Index lines = state.range(0);
  Matrix all(lines, lines);
  for (auto _ : state) {
    Cholmod solver(array);
    constexpr Eigen::Index block = 64;
    for (Eigen::Index first = 0; first < lines; first += block) {
      const Eigen::Index count = std::min(block, lines - first);
      all.middleRows(first, count) = solver.outputs(Matrix::Identity(lines, lines).middleRows(first, count));
    }
  }
  const Matrix volts = inputs(1, lines);
  tell(state, array, volts, volts * all);
}

void sizes(benchmark::internal::Benchmark* benchmark, std::int64_t largest) {
  benchmark->Unit(benchmark::kMillisecond)->ArgName("lines")->RangeMultiplier(2)->Range(32, largest);
}

BENCHMARK_CAPTURE(one_input_cholmod, E, Regime::E)->Apply([](auto* b) { sizes(b, 1024); });
BENCHMARK_CAPTURE(one_input_cholmod, H, Regime::H)->Apply([](auto* b) { sizes(b, 1024); });
BENCHMARK_CAPTURE(transfer_cholmod, E, Regime::E)->Apply([](auto* b) { sizes(b, 256); });

}  // namespace
}  // namespace ohmset::bench
