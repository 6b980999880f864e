// SPDX-License-Identifier: Apache-2.0
#include "design/monte_carlo/rounds.h"

#include <tbb/parallel_for.h>

#include <algorithm>
#include <utility>

namespace ohmset::mc {
namespace {

constexpr std::uint64_t pilot_samples = 16'384;

std::size_t blocks_of(std::uint64_t samples, std::size_t together) {
  return static_cast<std::size_t>((samples + together - 1) / together);
}

// The first samples once more, per series, sorted.
std::vector<std::vector<double>> pilot(const Run& run, std::uint64_t samples) {
  const Experiment& experiment = run.experiment;
  const auto count = static_cast<std::size_t>(std::min(samples, pilot_samples));
  std::vector<std::vector<double>> series(experiment.series, std::vector<double>(count));
  tbb::parallel_for(std::size_t{0}, blocks_of(count, experiment.together), [&](std::size_t block) {
    const std::size_t first = block * experiment.together;
    const std::size_t part = std::min(experiment.together, count - first);
    std::vector<double> points(experiment.dimensions * part);
    std::vector<double> values(experiment.series * part);
    run.plan.points(first, part, points);
    experiment.evaluate(first, part, points, values);
    for (std::size_t s = 0; s < experiment.series; ++s) {
      std::copy_n(values.data() + s * part, part, series[s].data() + first);
    }
  });
  for (std::vector<double>& values : series) sort_by_key(values);
  return series;
}

bool keeps_all(const Run& run, std::uint64_t samples) { return samples <= run.options.kept / run.experiment.series; }

// Nothing of the pass is done.
void prepare(Standing& standing) {
  const Pass& pass = standing.pass;
  Done& done = standing.done;
  done = {};
  done.blocks.assign(pass.layout.blocks, 0);
  if (pass.moments) done.records.resize(pass.layout.blocks);
  done.segments.push_back({.blocks = done.blocks, .series = empty_counts(pass)});
}

// Ranks of the quantiles and of their intervals' ends, once the number of samples is settled.
void settle(const Run& run, Found& found, std::uint64_t samples) {
  std::vector<std::uint64_t> ranks;
  ranks.reserve(3 * run.options.quantiles.size());
  for (const double p : run.options.quantiles) {
    const RankInterval interval = quantile_ranks(samples, p, run.options.confidence);
    for (const std::uint64_t rank : {quantile_rank(samples, p), interval.low, interval.high}) {
      if (rank >= 1 && rank <= samples) ranks.push_back(rank);
    }
  }
  std::sort(ranks.begin(), ranks.end());
  ranks.erase(std::unique(ranks.begin(), ranks.end()), ranks.end());
  std::vector<Wanted> wanted(ranks.size());
  for (std::size_t k = 0; k < ranks.size(); ++k) wanted[k].rank = ranks[k];
  found.wanted.assign(run.experiment.series, wanted);
}

// Brackets for all ranks and bins for the histograms, by the pilot.
void look_around(const Run& run, Standing& standing, std::uint64_t samples) {
  settle(run, standing.found, samples);
  const std::vector<std::vector<double>> pilots = pilot(run, samples);
  Pass& pass = standing.pass;
  for (std::size_t s = 0; s < pilots.size(); ++s) {
    pass.brackets[s] = brackets_by_pilot(pilots[s], samples, standing.found.wanted[s]);
    pass.histogram_bins.push_back(histogram_for(pilots[s], histogram_ranks(pilots[s]), run.options.bins));
  }
  share_out(pass.brackets, run.options.kept);
}

// The next samples: all values are kept, or the brackets are narrowed along, or neither yet, when the number of samples
// is not settled.
void gather(const Run& run, Standing& standing, std::uint64_t from, std::uint64_t to) {
  Pass& pass = standing.pass;
  const std::size_t series = run.experiment.series;
  pass = {.number = pass.number + (from > 0 ? 1 : 0),
          .layout = layout(from, to, run.replicate, run.experiment.together),
          .moments = true,
          .brackets = std::vector<std::vector<Bracket>>(series)};
  if (keeps_all(run, to)) {
    for (std::vector<Bracket>& brackets : pass.brackets) brackets = {{.expected = to - from, .quota = to - from}};
    standing.found.all.resize(series);
  } else {
    standing.found.all.clear();
    if (!run.options.until_interval) look_around(run, standing, to);
  }
  prepare(standing);
}

void draw_again(const Run& run, Standing& standing, std::vector<std::vector<Bracket>> brackets, std::uint64_t samples) {
  standing.pass = {.number = standing.pass.number + 1,
                   .layout = layout(0, samples, run.replicate, run.experiment.together),
                   .moments = false,
                   .brackets = std::move(brackets)};
}

// Blocks in their order; those of a replicate that takes several give its mean.
void merge_records(const Run& run, Standing& standing) {
  const Layout& layout = standing.pass.layout;
  std::vector<Record>& found = standing.found.series;
  const std::size_t limits = run.options.limits.size();
  const Record empty{.passed = std::vector<std::uint64_t>(limits), .yields = std::vector<Moments>(limits)};
  found.resize(run.experiment.series, empty);
  for (std::size_t s = 0; s < found.size(); ++s) {
    Record replicate = empty;
    for (std::size_t b = 0; b < layout.blocks; ++b) {
      if (layout.per_replicate == 1) {
        merge(found[s], standing.done.records[b][s]);
        continue;
      }
      merge(replicate, standing.done.records[b][s]);
      if ((b + 1) % layout.per_replicate != 0) continue;
      add_replicate(found[s], replicate, layout.replicate);
      merge(found[s], replicate);
      replicate = empty;
    }
  }
}

bool narrow_enough(const Run& run, const Found& found, std::uint64_t samples) {
  if (!run.options.until_interval) return true;
  for (std::size_t k = 0; k < run.options.limits.size(); ++k) {
    const Interval interval = yield_of(run, found.series.back(), k, samples).interval;
    if (!(interval.high - interval.low <= *run.options.until_interval)) return false;
  }
  return true;
}

// Twice as many samples, as far as allowed, in whole replicates.
std::uint64_t more_than(const Run& run, std::uint64_t samples) {
  const std::uint64_t most = std::max(samples, run.options.most_samples);
  const std::uint64_t next = samples > most / 2 ? most : 2 * samples;
  return run.replicate == 0 ? next : next / run.replicate * run.replicate;
}

void answer_from_all(const Run& run, Found& found, std::uint64_t samples) {
  settle(run, found, samples);
  for (std::size_t s = 0; s < found.all.size(); ++s) {
    std::vector<double>& all = found.all[s];
    const std::vector<std::uint64_t> edges = histogram_ranks(all);
    std::vector<std::uint64_t> ranks = edges;
    for (const Wanted& wanted : found.wanted[s]) ranks.push_back(wanted.rank);
    std::sort(ranks.begin(), ranks.end());
    ranks.erase(std::unique(ranks.begin(), ranks.end()), ranks.end());
    select_by_key(all, ranks);
    for (Wanted& wanted : found.wanted[s]) wanted.value = all[static_cast<std::size_t>(wanted.rank - 1)];
    found.histograms.push_back(histogram_for(all, edges, run.options.bins));
    add_to(found.histograms.back(), all);
  }
  found.all.clear();
}

}  // namespace

Standing start(const Run& run) {
  Standing standing;
  gather(run, standing, 0, run.samples);
  return standing;
}

void go_on(const Run& run, Standing& standing) {
  Found& found = standing.found;
  const Pass pass = standing.pass;
  std::vector<Counts> counts = std::move(standing.done.segments.front().series);
  for (std::size_t k = 1; k < standing.done.segments.size(); ++k) merge(pass, counts, standing.done.segments[k].series);
  const std::uint64_t samples = pass.layout.to;
  if (pass.counts_bins()) {
    for (Counts& series : counts) found.histograms.push_back(std::move(series.histogram));
  }
  if (pass.moments) {
    merge_records(run, standing);
    for (std::size_t s = 0; s < found.all.size(); ++s) {
      const std::vector<double>& kept = counts[s].tally.kept[0];
      found.all[s].insert(found.all[s].end(), kept.begin(), kept.end());
    }
    found.narrow_enough = narrow_enough(run, found, samples);
    const std::uint64_t more = found.narrow_enough ? samples : more_than(run, samples);
    if (more > samples) {
      gather(run, standing, samples, more);
      return;
    }
    if (!found.all.empty()) {
      answer_from_all(run, found, samples);
      standing.finished = true;
    } else if (!pass.counts_bins()) {
      draw_again(run, standing, std::vector<std::vector<Bracket>>(run.experiment.series), samples);
      look_around(run, standing, samples);
      prepare(standing);
      return;
    }
  }
  std::vector<std::vector<Bracket>> brackets(run.experiment.series);
  bool wants_more = false;
  for (std::size_t s = 0; s < brackets.size() && !standing.finished; ++s) {
    brackets[s] = narrower(pass.brackets[s], counts[s].tally, found.wanted[s]);
    wants_more = wants_more || !brackets[s].empty();
  }
  if (wants_more) {
    share_out(brackets, run.options.kept);
    draw_again(run, standing, std::move(brackets), samples);
    prepare(standing);
  } else {
    standing.finished = true;
    standing.done = {};
    standing.pass.brackets.clear();
    standing.pass.histogram_bins.clear();
  }
}

}  // namespace ohmset::mc
