// SPDX-License-Identifier: Apache-2.0
#include "tools/cli/tolerance/report.h"

#include <fmt/format.h>

#include <algorithm>

#include "tools/cli/report.h"

namespace ohmset::cli {
namespace {

std::string percent(double share) { return fmt::format("{:.6g} %", share * 100.0); }

std::string method_text(const Sampling& sampling) {
  const MonteCarloResult& result = sampling.result;
  const SamplingMethod method = sampling.options.method;
  std::string text = fmt::format("{} samples", result.samples);
  if (method == SamplingMethod::latin_hypercube) text += ", Latin hypercube";
  if (method == SamplingMethod::sobol) text += ", scrambled Sobol points";
  if (method != SamplingMethod::plain) {
    text += fmt::format(", {} replicates of {}", result.replicates, result.replicate_size);
  }
  if (result.pseudo_random > 0) {
    text += fmt::format("; the {} least important dimensions pseudo-random", result.pseudo_random);
  }
  return text;
}

std::string quantile_name(double probability) { return fmt::format("{:g} %", probability * 100.0); }

bool in_table(double probability) { return probability == 0.01 || probability == 0.5 || probability == 0.99; }

std::string moments_table(const Subject& subject, const MonteCarloResult& result) {
  std::vector<std::string> header = {subject.error, "mean", "std dev", "skewness", "kurtosis", "least"};
  for (const QuantileEstimate& quantile : result.series[0].quantiles) {
    if (in_table(quantile.probability)) header.push_back(quantile_name(quantile.probability));
  }
  header.emplace_back("greatest");
  std::vector<std::vector<std::string>> rows = {header};
  for (std::size_t k = 0; k < result.series.size(); ++k) {
    const SeriesResult& series = result.series[k];
    const Moments& moments = series.moments;
    std::vector<std::string> row = {subject.series[k],
                                    error_text(moments.mean),
                                    magnitude_text(moments.stddev()),
                                    fmt::format("{:.3f}", moments.skewness()),
                                    fmt::format("{:.3f}", moments.kurtosis()),
                                    error_text(moments.least)};
    for (const QuantileEstimate& quantile : series.quantiles) {
      if (in_table(quantile.probability)) row.push_back(error_text(quantile.value));
    }
    row.push_back(error_text(moments.greatest));
    rows.push_back(std::move(row));
  }
  return table(rows);
}

std::string yield_table(const Subject& subject, const Sampling& sampling) {
  const MonteCarloResult& result = sampling.result;
  const bool plain = sampling.options.method == SamplingMethod::plain;
  const std::string confidence = fmt::format("{:g} %", sampling.options.confidence * 100.0);
  std::vector<std::vector<std::string>> rows = {
      {"yield", "within", "passed", "of all",
       fmt::format("{} interval ({})", confidence, plain ? "Clopper-Pearson" : "replicates"), "Wilson"}};
  for (std::size_t k = 0; k < result.series.size(); ++k) {
    for (const YieldEstimate& yield : result.series[k].yields) {
      const auto interval = [](const Interval& i) { return percent(i.low) + " to " + percent(i.high); };
      rows.push_back({subject.series[k], percent(yield.limit), fmt::format("{}", yield.passed), percent(yield.yield),
                      interval(yield.interval), interval(yield.wilson)});
    }
  }
  return table(rows);
}

io::Json json_of(const Interval& interval) {
  return io::Json::array({io::json_number(interval.low), io::json_number(interval.high)});
}

io::Json json_of(const YieldEstimate& yield) {
  return {{"limit", yield.limit},
          {"passed", yield.passed},
          {"yield", yield.yield},
          {"interval", json_of(yield.interval)},
          {"clopper_pearson", json_of(yield.clopper_pearson)},
          {"wilson", json_of(yield.wilson)}};
}

void add_figures(io::Json& json, const SeriesResult& series) {
  const Moments& moments = series.moments;
  json["mean"] = io::json_number(moments.mean);
  json["mean_interval"] = json_of(series.mean);
  json["stddev"] = io::json_number(moments.stddev());
  json["skewness"] = io::json_number(moments.skewness());
  json["kurtosis"] = io::json_number(moments.kurtosis());
  json["least"] = io::json_number(moments.least);
  json["greatest"] = io::json_number(moments.greatest);
  json["infinite"] = moments.infinite;
  json["quantiles"] = io::Json::object();
  json["quantile_intervals"] = io::Json::object();
  for (const QuantileEstimate& quantile : series.quantiles) {
    const std::string name = fmt::format("{}", quantile.probability);
    json["quantiles"][name] = io::json_number(quantile.value);
    json["quantile_intervals"][name] = json_of(quantile.interval);
  }
  if (series.yields.empty()) return;
  json["yield"] = series.yields[0].yield;
  json["yield_interval"] = json_of(series.yields[0].interval);
  json["yields"] = io::Json::array();
  for (const YieldEstimate& yield : series.yields) json["yields"].push_back(json_of(yield));
}

}  // namespace

std::string people_report(const Subject& subject, const Sampling& sampling) {
  const MonteCarloResult& result = sampling.result;
  std::string text = subject.title + "\n";
  text += subject.population + "; " + method_text(sampling) + ", " + seconds_text(sampling.seconds) + "\n";
  if (!subject.drawn.empty()) text += fmt::format("drawn: {}\n", fmt::join(subject.drawn, ", "));
  text += moments_table(subject, result);
  std::uint64_t infinite = 0;
  for (const SeriesResult& series : result.series) infinite = std::max(infinite, series.moments.infinite);
  if (infinite > 0) {
    text += fmt::format("up to {} infinite values: mean and std dev are of the finite ones\n", infinite);
  }
  if (!sampling.options.limits.empty()) text += yield_table(subject, sampling);
  if (!result.narrow_enough) text += "the interval is still wider than --until-interval asked for\n";
  return text;
}

io::Json json_report(const Subject& subject, const Sampling& sampling) {
  const MonteCarloResult& result = sampling.result;
  io::Json json = subject.about;
  json["method"] = name_of(sampling.options.method);
  json["seed"] = sampling.options.seed;
  json["samples"] = result.samples;
  json["replicates"] = result.replicates;
  json["replicate_size"] = result.replicate_size;
  json["pseudo_random_dimensions"] = result.pseudo_random;
  json["passes"] = result.passes;
  json["confidence"] = sampling.options.confidence;
  if (sampling.options.until_interval) json["narrow_enough"] = result.narrow_enough;
  add_figures(json, result.series.back());
  json["series"] = io::Json::array();
  for (std::size_t k = 0; k < result.series.size(); ++k) {
    io::Json series = subject.series_about[k];
    add_figures(series, result.series[k]);
    json["series"].push_back(std::move(series));
  }
  return json;
}

}  // namespace ohmset::cli
