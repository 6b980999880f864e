// The passes of an experiment, made by all threads.
// SPDX-License-Identifier: Apache-2.0
#include "design/monte_carlo.h"

#include <tbb/parallel_for.h>
#include <tbb/partitioner.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <stdexcept>
#include <utility>

#include "design/monte_carlo/rounds.h"

namespace ohmset {

struct MonteCarlo::Impl {
  mc::Run run;
  std::uint64_t identity;
  mc::Standing standing;
  mutable std::mutex mutex{};  // of the standing's parts that are done

  Impl(Experiment experiment, MonteCarloOptions options)
      : run(mc::run_of(std::move(experiment), std::move(options))),
        identity(mc::identity_of(run.experiment, run.options)),
        standing(mc::start(run)) {}
};

MonteCarlo::MonteCarlo(Experiment experiment, MonteCarloOptions options)
    : impl_(std::make_unique<Impl>(std::move(experiment), std::move(options))) {}
MonteCarlo::~MonteCarlo() = default;

const SamplingPlan& MonteCarlo::plan() const { return impl_->run.plan; }

std::uint64_t MonteCarlo::samples() const {
  const std::scoped_lock lock(impl_->mutex);
  return impl_->standing.pass.layout.to;
}

std::size_t MonteCarlo::blocks() const {
  const std::scoped_lock lock(impl_->mutex);
  return impl_->standing.finished ? 0 : impl_->standing.pass.layout.blocks;
}

std::size_t MonteCarlo::blocks_done() const {
  const std::scoped_lock lock(impl_->mutex);
  const std::vector<char>& blocks = impl_->standing.done.blocks;
  return static_cast<std::size_t>(std::count(blocks.begin(), blocks.end(), 1));
}

void MonteCarlo::run(std::size_t first, std::size_t last, const std::function<bool()>& now_and_then) {
  Impl& impl = *impl_;
  std::vector<std::size_t> missing;
  mc::Pass pass;
  {
    const std::scoped_lock lock(impl.mutex);
    if (impl.standing.finished) return;
    pass = impl.standing.pass;
    for (std::size_t block = first; block < std::min(last, pass.layout.blocks); ++block) {
      if (impl.standing.done.blocks[block] == 0) missing.push_back(block);
    }
  }
  std::atomic<bool> stopped = false;
  std::mutex one_at_a_time;
  const auto make = [&](std::size_t k) {
    if (stopped) return;
    // Whoever waits within the experiment or the caller's function must not start another block meanwhile.
    mc::Block made = tbb::this_task_arena::isolate(
        [&] { return mc::make_block(impl.run.experiment, impl.run.plan, impl.run.options.limits, pass, missing[k]); });
    {
      const std::scoped_lock lock(impl.mutex);
      // A merged state may have gone on to another pass.
      if (impl.standing.finished || impl.standing.pass.number != pass.number) {
        stopped = true;
        return;
      }
      mc::take(pass, impl.standing.done, missing[k], std::move(made));
    }
    if (!now_and_then) return;
    const std::scoped_lock lock(one_at_a_time);
    if (!stopped && !tbb::this_task_arena::isolate([&] { return now_and_then(); })) stopped = true;
  };
  tbb::parallel_for(std::size_t{0}, missing.size(), make, tbb::simple_partitioner{});
}

std::string MonteCarlo::state() const {
  const std::scoped_lock lock(impl_->mutex);
  return mc::bytes_of(impl_->standing, impl_->identity);
}

void MonteCarlo::merge(std::string_view state) {
  mc::Standing other = mc::standing_of(state, impl_->identity);
  const std::scoped_lock lock(impl_->mutex);
  mc::Standing& standing = impl_->standing;
  const auto progress = [](const mc::Standing& of) { return std::pair(of.pass.number, of.finished); };
  if (progress(other) < progress(standing)) return;
  if (progress(other) > progress(standing)) {
    standing = std::move(other);
  } else if (!standing.finished) {
    mc::merge(standing.pass, standing.done, std::move(other.done));
  }
}

void MonteCarlo::finish_pass() {
  const std::scoped_lock lock(impl_->mutex);
  mc::Standing& standing = impl_->standing;
  if (standing.finished) return;
  if (std::count(standing.done.blocks.begin(), standing.done.blocks.end(), 0) > 0) {
    throw std::invalid_argument("MonteCarlo::finish_pass: blocks are missing");
  }
  tbb::this_task_arena::isolate([&] { mc::go_on(impl_->run, standing); });
}

MonteCarloResult MonteCarlo::result() const {
  const std::scoped_lock lock(impl_->mutex);
  if (!impl_->standing.finished) throw std::invalid_argument("MonteCarlo::result: passes are missing");
  return mc::result_of(impl_->run, impl_->standing);
}

MonteCarloResult monte_carlo(Experiment experiment, MonteCarloOptions options) {
  MonteCarlo all(std::move(experiment), std::move(options));
  while (all.blocks() > 0) {
    all.run(0, all.blocks());
    all.finish_pass();
  }
  return all.result();
}

}  // namespace ohmset
