// SPDX-License-Identifier: Apache-2.0
#include "design/monte_carlo/pass.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

namespace ohmset::mc {
namespace {

bool has_nan(std::span<const double> values) {
  std::size_t count = 0;
  for (const double value : values) count += std::isnan(value) ? 1U : 0U;
  return count > 0;
}

std::uint64_t within(std::span<const double> values, double limit) {
  std::uint64_t count = 0;
  for (const double value : values) count += std::abs(value) <= limit ? 1U : 0U;
  return count;
}

Record empty_record(std::size_t limits) {
  return {.passed = std::vector<std::uint64_t>(limits), .yields = std::vector<Moments>(limits)};
}

bool overlap(const std::vector<char>& a, const std::vector<char>& b) {
  for (std::size_t k = 0; k < a.size(); ++k) {
    if (a[k] != 0 && b[k] != 0) return true;
  }
  return false;
}

bool includes(const std::vector<char>& all, const std::vector<char>& some) {
  for (std::size_t k = 0; k < all.size(); ++k) {
    if (some[k] != 0 && all[k] == 0) return false;
  }
  return true;
}

}  // namespace

void add_replicate(Record& record, const Record& replicate, std::uint64_t size) {
  if (replicate.values.count > 0) record.means.add({&replicate.values.mean, 1});
  for (std::size_t k = 0; k < replicate.passed.size(); ++k) {
    const double yield = static_cast<double>(replicate.passed[k]) / static_cast<double>(size);
    record.yields[k].add({&yield, 1});
  }
}

void merge(Record& record, const Record& later) {
  record.values.merge(later.values);
  record.means.merge(later.means);
  for (std::size_t k = 0; k < record.passed.size(); ++k) {
    record.passed[k] += later.passed[k];
    record.yields[k].merge(later.yields[k]);
  }
}

std::vector<Counts> empty_counts(const Pass& pass) {
  std::vector<Counts> counts(pass.brackets.size());
  for (std::size_t s = 0; s < counts.size(); ++s) {
    counts[s].tally = Tally(pass.brackets[s]);
    if (pass.counts_bins()) counts[s].histogram = pass.histogram_bins[s];
  }
  return counts;
}

void merge(const Pass& pass, std::vector<Counts>& into, std::span<const Counts> from) {
  for (std::size_t s = 0; s < into.size(); ++s) {
    into[s].tally.merge(pass.brackets[s], from[s].tally);
    if (!pass.counts_bins()) continue;
    Histogram& histogram = into[s].histogram;
    for (std::size_t k = 0; k < histogram.counts.size(); ++k) histogram.counts[k] += from[s].histogram.counts[k];
    histogram.below += from[s].histogram.below;
    histogram.above += from[s].histogram.above;
  }
}

Block make_block(const Experiment& experiment, const SamplingPlan& plan, std::span<const double> limits,
                 const Pass& pass, std::size_t block) {
  const std::size_t series = experiment.series;
  const Layout& layout = pass.layout;
  Block made;
  made.counts = empty_counts(pass);
  if (pass.moments) made.records.assign(series, empty_record(limits.size()));
  // What has been made of a replicate, where the block holds several.
  std::vector<Record> parts(layout.whole_replicates() ? made.records : std::vector<Record>());
  const std::uint64_t last = layout.last_of(block);
  std::vector<double> points;
  std::vector<double> values;
  for (std::uint64_t first = layout.first_of(block); first < last;) {
    std::uint64_t end = std::min<std::uint64_t>(last, first + experiment.together);
    if (layout.whole_replicates()) {
      end = std::min(end, (first / layout.replicate + 1) * layout.replicate);
    }
    const auto count = static_cast<std::size_t>(end - first);
    points.resize(experiment.dimensions * count);
    values.resize(series * count);
    plan.points(first, count, points);
    experiment.evaluate(first, count, points, values);
    if (has_nan(values)) throw std::invalid_argument("an experiment's values are numbers");
    for (std::size_t s = 0; s < series; ++s) {
      const std::span<const double> row = std::span(values).subspan(s * count, count);
      made.counts[s].tally.add(pass.brackets[s], row);
      if (pass.counts_bins()) add_to(made.counts[s].histogram, row);
      if (!pass.moments) continue;
      Record& part = parts.empty() ? made.records[s] : parts[s];
      part.values.add(row);
      for (std::size_t k = 0; k < limits.size(); ++k) part.passed[k] += within(row, limits[k]);
      if (parts.empty() || end % layout.replicate != 0) continue;
      add_replicate(made.records[s], part, layout.replicate);
      merge(made.records[s], part);
      part = empty_record(limits.size());
    }
    first = end;
  }
  return made;
}

void take(const Pass& pass, Done& done, std::size_t block, Block&& made) {
  if (done.blocks[block] != 0) return;
  done.blocks[block] = 1;
  if (pass.moments) done.records[block] = std::move(made.records);
  Segment& own = done.segments.front();
  own.blocks[block] = 1;
  merge(pass, own.series, made.counts);
}

void merge(const Pass& pass, Done& done, Done&& other) {
  for (Segment& theirs : other.segments) {
    if (std::none_of(theirs.blocks.begin(), theirs.blocks.end(), [](char is_in) { return is_in != 0; })) continue;
    if (includes(done.blocks, theirs.blocks)) continue;
    const bool takes_place = std::all_of(done.segments.begin(), done.segments.end(), [&](const Segment& mine) {
      return !overlap(mine.blocks, theirs.blocks) || includes(theirs.blocks, mine.blocks);
    });
    if (!takes_place) continue;
    for (std::size_t k = 0; k < done.segments.size();) {
      Segment& mine = done.segments[k];
      if (!overlap(mine.blocks, theirs.blocks)) {
        ++k;
      } else if (k == 0) {
        mine = {.blocks = std::vector<char>(mine.blocks.size()), .series = empty_counts(pass)};
        ++k;
      } else {
        done.segments.erase(done.segments.begin() + static_cast<std::ptrdiff_t>(k));
      }
    }
    for (std::size_t b = 0; b < theirs.blocks.size(); ++b) {
      if (theirs.blocks[b] == 0 || done.blocks[b] != 0) continue;
      done.blocks[b] = 1;
      if (pass.moments) done.records[b] = std::move(other.records[b]);
    }
    done.segments.push_back(std::move(theirs));
  }
}

}  // namespace ohmset::mc
