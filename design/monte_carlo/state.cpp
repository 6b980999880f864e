// SPDX-License-Identifier: Apache-2.0
#include "design/monte_carlo/state.h"

#include "design/monte_carlo/bytes.h"

namespace ohmset::mc {
namespace {

constexpr std::string_view magic = "ohmset samples 1\n";

// One list of fields serves to write and to read.
constexpr auto plain = [](auto& bytes, auto& value) { bytes(value); };
constexpr auto plain_list = [](auto& bytes, auto& values) { bytes.list(values, plain); };

constexpr auto moments_fields = [](auto& bytes, Moments& moments) {
  bytes(moments.count);
  bytes(moments.infinite);
  for (double* const value :
       {&moments.mean, &moments.m2, &moments.m3, &moments.m4, &moments.least, &moments.greatest}) {
    bytes(*value);
  }
};

constexpr auto record_fields = [](auto& bytes, Record& record) {
  moments_fields(bytes, record.values);
  plain_list(bytes, record.passed);
  moments_fields(bytes, record.means);
  bytes.list(record.yields, moments_fields);
};

constexpr auto histogram_fields = [](auto& bytes, Histogram& histogram) {
  bytes(histogram.low);
  bytes(histogram.high);
  plain_list(bytes, histogram.counts);
  bytes(histogram.below);
  bytes(histogram.above);
};

constexpr auto counts_fields = [](auto& bytes, Counts& counts) {
  plain_list(bytes, counts.tally.gaps);
  plain_list(bytes, counts.tally.inside);
  plain_list(bytes, counts.tally.cells);
  bytes.list(counts.tally.kept, plain_list);
  histogram_fields(bytes, counts.histogram);
};

constexpr auto wanted_fields = [](auto& bytes, Wanted& wanted) {
  bytes(wanted.rank);
  bool known = wanted.value.has_value();
  bytes(known);
  double value = wanted.value.value_or(0.0);
  bytes(value);
  if (known) wanted.value = value;
};

constexpr auto bracket_fields = [](auto& bytes, Bracket& bracket) {
  bytes(bracket.low);
  bytes(bracket.high);
  bytes(bracket.expected);
  bytes(bracket.quota);
  bytes(bracket.shift);
};

constexpr auto layout_fields = [](auto& bytes, Layout& layout) {
  std::uint64_t blocks = layout.blocks;
  std::uint64_t per_replicate = layout.per_replicate;
  for (std::uint64_t* const word :
       {&layout.from, &layout.to, &layout.replicate, &layout.block, &blocks, &per_replicate}) {
    bytes(*word);
  }
  layout.blocks = static_cast<std::size_t>(blocks);
  layout.per_replicate = static_cast<std::size_t>(per_replicate);
};

constexpr auto segment_fields = [](auto& bytes, Segment& segment) {
  plain_list(bytes, segment.blocks);
  bytes.list(segment.series, counts_fields);
};

constexpr auto standing_fields = [](auto& bytes, Standing& standing) {
  Found& found = standing.found;
  bytes.list(found.series, record_fields);
  bytes.list(found.wanted, [](auto& to, auto& ranks) { to.list(ranks, wanted_fields); });
  bytes.list(found.all, plain_list);
  bytes.list(found.histograms, histogram_fields);
  bytes(found.narrow_enough);
  Pass& pass = standing.pass;
  bytes(pass.number);
  layout_fields(bytes, pass.layout);
  bytes(pass.moments);
  bytes.list(pass.brackets, [](auto& to, auto& brackets) { to.list(brackets, bracket_fields); });
  bytes.list(pass.histogram_bins, histogram_fields);
  bytes(standing.finished);
  plain_list(bytes, standing.done.blocks);
  bytes.list(standing.done.records, [](auto& to, auto& records) { to.list(records, record_fields); });
  bytes.list(standing.done.segments, segment_fields);
};

}  // namespace

std::string bytes_of(const Standing& standing, std::uint64_t identity) {
  Writer writer;
  writer.bytes = magic;
  writer(identity);
  Standing copy = standing;  // the fields are listed as those of something that may be read into
  standing_fields(writer, copy);
  writer(digest(writer.bytes));
  return std::move(writer.bytes);
}

Standing standing_of(std::string_view bytes, std::uint64_t identity) {
  if (bytes.substr(0, magic.size()) != magic.substr(0, bytes.size())) {
    throw input_error("not a saved state of a Monte Carlo run");
  }
  if (bytes.size() < magic.size() + 16) Reader::damaged();
  const std::string_view content = bytes.substr(0, bytes.size() - 8);
  std::uint64_t word = 0;
  Reader(bytes.substr(bytes.size() - 8))(word);
  if (word != digest(content)) Reader::damaged();
  Reader reader(content.substr(magic.size()));
  reader(word);
  if (word != identity) {
    throw input_error("the saved state belongs to another experiment or to other options");
  }
  Standing standing;
  standing_fields(reader, standing);
  if (!reader.at_end()) Reader::damaged();
  return standing;
}

std::uint64_t identity_of(const Experiment& experiment, const MonteCarloOptions& options) {
  Writer writer;
  for (const std::uint64_t word :
       {std::uint64_t{experiment.dimensions}, std::uint64_t{experiment.series}, std::uint64_t{experiment.together},
        static_cast<std::uint64_t>(options.method), options.seed, options.samples, options.replicates,
        std::uint64_t{options.until_interval.has_value()}, options.most_samples, std::uint64_t{options.bins},
        std::uint64_t{options.kept}, std::uint64_t{options.ranking.size()}, std::uint64_t{options.limits.size()},
        std::uint64_t{options.quantiles.size()}}) {
    writer(word);
  }
  for (const std::uint32_t dimension : options.ranking) writer(std::uint64_t{dimension});
  for (const double limit : options.limits) writer(limit);
  for (const double quantile : options.quantiles) writer(quantile);
  writer(options.confidence);
  writer(options.until_interval.value_or(0.0));
  writer.bytes += options.fingerprint;
  return digest(writer.bytes);
}

}  // namespace ohmset::mc
