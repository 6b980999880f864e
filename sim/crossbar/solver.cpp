// Which method answers.
// SPDX-License-Identifier: Apache-2.0
#include <tbb/task_arena.h>

#include <algorithm>
#include <cmath>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <utility>

#include "sim/crossbar.h"
#include "sim/crossbar/currents.h"
#include "sim/crossbar/direct.h"
#include "sim/crossbar/divider.h"
#include "sim/crossbar/pieces.h"
#include "sim/crossbar/spcg.h"

namespace ohmset {

namespace {

using crossbar::Direct;
using crossbar::Spcg;
using Eigen::Index;

// Where iterating is faster than factoring, which more inputs share.
constexpr Index most_iterated_inputs = 16;
constexpr Index least_iterated_cells = 1024;

void require_valid_array(const Crossbar& crossbar) {
  require_valid(crossbar.wires, static_cast<std::size_t>(crossbar.conductances.rows()),
                static_cast<std::size_t>(crossbar.conductances.cols()));
  // Counted, since that is done several at a time.
  std::size_t wrong = 0;
  const double* const conductances = crossbar.conductances.data();
  for (Index k = 0; k < crossbar.conductances.size(); ++k) wrong += conductances[k] >= 0.0 ? 0 : 1;
  if (wrong > 0) {
    throw std::invalid_argument("a crossbar's conductances need to be >= 0");
  }
}

void require_inputs(const Crossbar& crossbar, Index lines, bool finite) {
  if (lines != crossbar.conductances.rows()) {
    throw std::invalid_argument("a crossbar needs one input for every word line");
  }
  if (!finite) throw std::invalid_argument("a crossbar's inputs need to be finite");
}

// Made by the first one that asks. The maker takes on no other work meanwhile: it might ask, too, and wait for itself.
template <class Solver>
class Lazy {
 public:
  const Solver& get(const Crossbar& crossbar) const {
    std::call_once(once_, [&] { tbb::this_task_arena::isolate([&] { solver_.emplace(crossbar); }); });
    return *solver_;
  }

 private:
  mutable std::once_flag once_;
  mutable std::optional<Solver> solver_{};
};

}  // namespace

struct CrossbarSolver::Impl {
  Crossbar crossbar;
  CrossbarOptions options;
  bool divider;
  bool empty;
  bool iterable;
  Lazy<Direct> direct{};
  Lazy<Spcg> spcg{};

  Impl(Crossbar given, const CrossbarOptions& chosen)
      : crossbar(std::move(given)),
        options(chosen),
        divider(crossbar::is_divider(crossbar)),
        empty(crossbar.conductances.size() == 0),
        iterable(Spcg::applies(crossbar)) {}

  [[nodiscard]] bool iterates(Index inputs) const {
    if (empty || inputs == 0 || options.method == CrossbarMethod::direct || !iterable) return false;
    if (options.method == CrossbarMethod::spcg) return true;
    return inputs <= most_iterated_inputs && crossbar.conductances.size() >= least_iterated_cells;
  }
  // Nothing when one of the inputs cannot be answered to the tolerance.
  [[nodiscard]] std::optional<CrossbarOutputs> iterate(const Matrix& inputs) const;
};

std::optional<CrossbarOutputs> CrossbarSolver::Impl::iterate(const Matrix& inputs) const {
  CrossbarOutputs result{.currents = Matrix::Zero(inputs.rows(), crossbar.conductances.cols()), .method = "spcg"};
  for (Index k = 0; k < inputs.rows(); ++k) {
    const auto one = spcg.get(crossbar).outputs(inputs.row(k).transpose(), options.tolerance);
    if (!one) return std::nullopt;
    result.currents.row(k) = one->currents.transpose();
    result.error_bound = std::max(result.error_bound, one->error_bound);
    result.iterations = std::max(result.iterations, one->iterations);
    result.power += one->power / static_cast<double>(inputs.rows());
  }
  return result;
}

CrossbarSolver::CrossbarSolver(Crossbar crossbar, const CrossbarOptions& options) {
  require_valid_array(crossbar);
  if (!(options.tolerance > 0.0)) throw std::invalid_argument("a crossbar's tolerance needs to be > 0");
  impl_ = std::make_unique<Impl>(std::move(crossbar), options);
}
CrossbarSolver::~CrossbarSolver() = default;
CrossbarSolver::CrossbarSolver(CrossbarSolver&&) noexcept = default;
CrossbarSolver& CrossbarSolver::operator=(CrossbarSolver&&) noexcept = default;

const Crossbar& CrossbarSolver::crossbar() const { return impl_->crossbar; }

CrossbarOutputs CrossbarSolver::outputs(const Matrix& inputs) const {
  require_inputs(impl_->crossbar, inputs.cols(), inputs.allFinite());
  if (impl_->divider) return crossbar::divider_outputs(impl_->crossbar, inputs);
  if (impl_->iterates(inputs.rows())) {
    if (auto result = impl_->iterate(inputs)) return *std::move(result);
  }
  return impl_->direct.get(impl_->crossbar).outputs(inputs);
}

CrossbarFields CrossbarSolver::fields(const Eigen::VectorXd& input) const {
  require_inputs(impl_->crossbar, input.size(), input.allFinite());
  if (impl_->divider) return crossbar::divider_fields(impl_->crossbar, input);
  if (impl_->iterates(1)) {
    if (auto fields = impl_->spcg.get(impl_->crossbar).fields(input, impl_->options.tolerance)) {
      crossbar::complete(*fields, impl_->crossbar, input);
      return *std::move(fields);
    }
  }
  return impl_->direct.get(impl_->crossbar).fields(input);
}

Matrix CrossbarSolver::transfer() const {
  if (impl_->divider) return crossbar::divider_transfer(impl_->crossbar);
  return impl_->direct.get(impl_->crossbar).transfer();
}

std::size_t unreachable_nodes(const Crossbar& crossbar) {
  require_valid(crossbar.wires, static_cast<std::size_t>(crossbar.conductances.rows()),
                static_cast<std::size_t>(crossbar.conductances.cols()));
  return crossbar::find_pieces(crossbar).unreachable;
}

CrossbarOutputs crossbar_outputs(const Crossbar& crossbar, const Matrix& inputs, const CrossbarOptions& options) {
  return CrossbarSolver(crossbar, options).outputs(inputs);
}

CrossbarFields crossbar_fields(const Crossbar& crossbar, const Eigen::VectorXd& input, const CrossbarOptions& options) {
  return CrossbarSolver(crossbar, options).fields(input);
}

}  // namespace ohmset
