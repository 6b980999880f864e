// SPDX-License-Identifier: Apache-2.0
#include "tools/cli/tolerance/sampling.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <tbb/parallel_for.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <vector>

#include "sim/error.h"
#include "tools/cli/report.h"
#include "tools/io/file.h"
#include "tools/io/matrix_file.h"
#include "tools/io/npy.h"

namespace ohmset::cli {
namespace {

bool exists(const std::string& path) {
  struct stat status {};
  return stat(path.c_str(), &status) == 0;
}

std::string name_of(const std::string& path, std::size_t rank) {
  return rank == 0 ? path : path + "." + std::to_string(rank);
}

// The files of a checkpoint.
class Checkpoint {
 public:
  Checkpoint(const CheckpointFiles& files, std::size_t rank)
      : path_(files.path), own_(name(rank)), between_(files.seconds) {}

  // Every process takes up what all have saved.
  void take_up(MonteCarlo& run) const {
    if (path_.empty()) return;
    for (std::size_t rank = 0; exists(name(rank)); ++rank) {
      try {
        run.merge(io::read_file(name(rank)));
      } catch (const Error& error) {
        throw input_error(Where{name(rank)}, error.what());
      }
    }
    if (!exists(path_)) io::check_output(path_, false);
  }

  void save(const MonteCarlo& run) {
    if (path_.empty()) return;
    io::write_file(own_, run.state(), true);
    saved_ = Clock::now();
  }
  void save_now_and_then(const MonteCarlo& run) {
    if (Clock::now() - saved_ >= between_) save(run);
  }

 private:
  using Clock = std::chrono::steady_clock;
  [[nodiscard]] std::string name(std::size_t rank) const { return name_of(path_, rank); }

  std::string path_;
  std::string own_;
  std::chrono::duration<double> between_;
  Clock::time_point saved_ = Clock::now();
};

std::vector<double> values_of(const Experiment& experiment, const SamplingPlan& plan, std::uint64_t first,
                              std::size_t count) {
  std::vector<double> points(experiment.dimensions * count);
  std::vector<double> values(experiment.series * count);
  plan.points(first, count, points);
  experiment.evaluate(first, count, points, values);
  return values;
}

}  // namespace

std::optional<int> sample(MonteCarlo& run, const CheckpointFiles& files, const Ranks& ranks, const Common& common) {
  Checkpoint checkpoint(files, ranks.rank());
  if (const auto code = ranks.together([&] { checkpoint.take_up(run); })) return code;
  std::optional<Progress> progress;
  if (ranks.first()) progress.emplace(common, "samples");
  const auto now_and_then = [&] {
    if (progress) progress->show(run.blocks_done(), run.blocks());
    checkpoint.save_now_and_then(run);
    return true;
  };
  while (run.blocks() > 0) {
    const auto [first, last] = ranks.share(run.blocks());
    if (const auto code = ranks.together([&, begin = first, end = last] { run.run(begin, end, now_and_then); })) {
      return code;
    }
    for (const std::string& part : ranks.exchange(run.state())) run.merge(part);
    run.finish_pass();
  }
  return ranks.together([&] {
    if (ranks.first()) checkpoint.save(run);
  });
}

void remove(const CheckpointFiles& files) {
  if (files.path.empty()) return;
  for (std::size_t rank = 0; exists(name_of(files.path, rank)); ++rank) {
    std::remove(name_of(files.path, rank).c_str());
  }
}

void write_samples(const std::string& path, const Experiment& experiment, const SamplingPlan& plan,
                   std::uint64_t samples, const std::vector<std::string>& series, const Common& common) {
  const bool csv = io::is_csv_name(path);
  io::GrowingFile file(path, common.force);
  if (csv) {
    file.append(fmt::format("# {}\n", fmt::join(series, "; ")));
  } else {
    file.append(io::npy_parts({samples, experiment.series}, static_cast<const double*>(nullptr)).header);
  }
  Progress progress(common, "writing samples");
  const std::size_t together = experiment.together;
  constexpr std::size_t at_once = 64;  // blocks that are made before they are written
  std::vector<std::string> texts(at_once);
  for (std::uint64_t begin = 0; begin < samples; begin += at_once * together) {
    tbb::parallel_for(std::size_t{0}, at_once, [&](std::size_t block) {
      texts[block].clear();
      const std::uint64_t first = begin + block * together;
      if (first >= samples) return;
      const std::size_t count = static_cast<std::size_t>(std::min<std::uint64_t>(together, samples - first));
      const std::vector<double> values = values_of(experiment, plan, first, count);
      for (std::size_t s = 0; s < count; ++s) {
        for (std::size_t k = 0; k < experiment.series; ++k) {
          const double value = values[k * count + s];
          if (csv) {
            fmt::format_to(std::back_inserter(texts[block]), "{}{}", k == 0 ? "" : ",", value);
          } else {
            texts[block].append(reinterpret_cast<const char*>(&value), sizeof value);
          }
        }
        if (csv) texts[block] += '\n';
      }
    });
    for (const std::string& text : texts) file.append(text);
    progress.show(static_cast<std::size_t>(std::min(begin + at_once * together, samples)),
                  static_cast<std::size_t>(samples));
  }
  file.finish();
}

}  // namespace ohmset::cli
