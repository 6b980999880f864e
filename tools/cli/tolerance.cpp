// ohmset tolerance: how a design, or dies of a specification, stand up to manufacturing and to life.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "sim/error.h"
#include "tools/cli/lists.h"
#include "tools/cli/questions.h"
#include "tools/cli/report.h"
#include "tools/cli/tolerance/report.h"
#include "tools/cli/tolerance/sampling.h"
#include "tools/cli/tolerance/subject.h"
#include "tools/io/file.h"
#include "tools/io/matrix_file.h"
#include "tools/plot/gnuplot.h"
#include "tools/plot/tolerance_plot.h"

namespace ohmset::cli {
namespace {

constexpr std::size_t shown_sensitivities = 24;
constexpr std::size_t mapped_samples = 32;

struct Arguments {
  SubjectArguments subject{};
  std::uint64_t samples = 10'000;
  std::string method = "mc";
  std::uint64_t replicates = 16;
  std::vector<std::string> limits{};
  std::string require_yield{};
  std::string until_interval{};
  std::string confidence = "95%";
  std::string quantiles{};
  std::optional<std::size_t> replay{};
  std::string checkpoint{};
  std::optional<double> checkpoint_every{};
  bool corners = false;
  std::string sigmas = "3";
  bool sensitivity = false;
  std::string plot{};
};

std::vector<double> quantiles_of(const std::string& text) {
  std::vector<double> quantiles;
  for (const std::string_view part : parts_of(text, ',')) quantiles.push_back(probability_of("--quantiles", part));
  std::ranges::sort(quantiles);
  return quantiles;
}

MonteCarloOptions options_of(const Arguments& arguments, const Subject& subject, const Common& common) {
  MonteCarloOptions options{.method = sampling_method_named(arguments.method).value(),
                            .seed = common.seed,
                            .samples = arguments.samples,
                            .replicates = arguments.replicates,
                            .confidence = probability_of("--confidence", arguments.confidence),
                            .fingerprint = subject.fingerprint};
  for (const std::string& limit : arguments.limits) options.limits.push_back(relative_of("--limit", limit));
  if (!arguments.quantiles.empty()) options.quantiles = quantiles_of(arguments.quantiles);
  if (!arguments.until_interval.empty()) {
    options.until_interval = probability_of("--until-interval", arguments.until_interval);
  }
  if (options.method == SamplingMethod::sobol) options.ranking = subject.ranking();
  return options;
}

// Where nothing is random all samples are the same one.
void make_once(Experiment& experiment) {
  if (experiment.dimensions > 0) return;
  const auto values = std::make_shared<std::vector<double>>(experiment.series);
  experiment.evaluate(0, 1, {}, *values);
  experiment.evaluate = [values](std::uint64_t, std::size_t count, std::span<const double>, std::span<double> out) {
    for (std::size_t k = 0; k < values->size(); ++k) std::ranges::fill(out.subspan(k * count, count), values->at(k));
  };
}

void check(const Arguments& arguments, const Common& common) {
  if (!arguments.plot.empty()) {
    plot::check_picture(arguments.plot);
    io::check_output(arguments.plot, common.force);
  }
  if (!common.output.empty()) io::check_matrix_output(common.output, common.force);
  io::check_apart("-o", common.output, "--plot", arguments.plot);
  for (const auto& [given, name] : {std::pair(!arguments.require_yield.empty(), "--require-yield"),
                                    std::pair(!arguments.until_interval.empty(), "--until-interval")}) {
    if (given && arguments.limits.empty()) throw input_error(std::string(name) + " alone", "expected --limit too");
  }
  if (arguments.replay && (!arguments.plot.empty() || !arguments.checkpoint.empty() || !common.output.empty())) {
    throw input_error("--replay shows one sample", "leave out --plot, --checkpoint and -o");
  }
}

double sigmas_of(const Arguments& arguments) {
  const double sigmas = quantity_of("--sigmas", arguments.sigmas, "");
  if (!(sigmas > 0.0 && sigmas <= 37.0)) {
    throw input_error("--sigmas " + arguments.sigmas, "expected standard deviations above 0, at most 37");
  }
  return sigmas;
}

// Tables one after another: an empty row lies between them.
std::string tables(const std::vector<std::vector<std::string>>& rows) {
  std::string text;
  auto begin = rows.begin();
  for (;;) {
    const auto end = std::find(begin, rows.end(), std::vector<std::string>{});
    text += table({begin, end});
    if (end == rows.end()) return text;
    text += '\n';
    begin = end + 1;
  }
}

void show_replay(const Subject& subject, const SamplingPlan& plan, std::uint64_t number, const Common& common) {
  std::vector<double> point(subject.experiment.dimensions);
  plan.points(number, 1, point);
  Answer answer = subject.replay(point);
  if (common.json) {
    io::Json json = subject.about;
    json["sample"] = number;
    json["method"] = name_of(plan.options().method);
    json["seed"] = plan.options().seed;
    json.update(answer.json);
    print(io::json_text(json));
  } else if (!common.quiet) {
    print(fmt::format("{}\nsample {} of {}\n{}", subject.title, number, subject.population, tables(answer.rows)));
  }
}

void draw(const Arguments& arguments, const Subject& subject, const Sampling& sampling, const SamplingPlan& plan,
          const Common& common) {
  constexpr std::size_t most_outlines = 7;
  const MonteCarloResult& result = sampling.result;
  plot::TolerancePicture picture{.title = subject.title, .error = subject.error, .limits = sampling.options.limits};
  picture.subtitle = fmt::format("{}, {} samples", subject.population, result.samples);
  for (const YieldEstimate& yield : result.series.back().yields) {
    picture.subtitle += fmt::format("; {:.4g} % within {:.4g} %", yield.yield * 100.0, yield.limit * 100.0);
  }
  const bool all = result.series.size() <= most_outlines;
  for (std::size_t k = all ? 0 : result.series.size() - 1; k < result.series.size(); ++k) {
    picture.names.push_back(subject.series[k]);
    picture.series.push_back(&result.series[k]);
  }
  if (subject.error_map) {
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(mapped_samples, result.samples));
    picture.map = subject.error_map(plan, count);
    picture.map_title =
        fmt::format("where the errors come from: currents of weights, {} samples, {}", count, subject.series.front());
  }
  io::write_file(arguments.plot, plot::tolerance_picture(arguments.plot, picture), common.force);
}

bool yields_enough(const Arguments& arguments, const MonteCarloResult& result) {
  if (arguments.require_yield.empty()) return true;
  const double required = relative_of("--require-yield", arguments.require_yield);
  return std::ranges::all_of(result.series.back().yields,
                             [&](const YieldEstimate& yield) { return yield.interval.low >= required; });
}

void report(const Arguments& arguments, const Common& common, const Subject& subject, const Sampling& sampling,
            const SamplingPlan& plan) {
  std::string text = people_report(subject, sampling);
  io::Json json = common.json ? json_report(subject, sampling) : io::Json();
  if (arguments.corners) {
    const double sigmas = sigmas_of(arguments);
    Answer answer = subject.corners(sigmas);
    text += fmt::format("\nevery spread at {:g} sigma, all to the same side:\n{}", sigmas, table(answer.rows));
    json["corners"] = std::move(answer.json);
  }
  if (arguments.sensitivity) {
    Answer answer = subject.sensitivities(shown_sensitivities);
    text += "\n" + table(answer.rows, {0, 1});
    json["sensitivities"] = std::move(answer.json);
  }
  if (common.json) {
    json["seconds"] = sampling.seconds;
    print(io::json_text(json));
  } else if (!common.quiet) {
    print(text);
  }
  // After the figures: a full disk must not cost what took hours.
  if (!common.output.empty()) {
    write_samples(common.output, subject.experiment, plan, sampling.result.samples, subject.series, common);
  }
  if (!arguments.plot.empty()) draw(arguments, subject, sampling, plan, common);
}

int run(const Arguments& arguments, const Common& common) {
  const Ranks ranks;
  Subject subject;
  Sampling sampling;
  std::optional<MonteCarlo> run;
  const auto prepare_all = [&] {
    if (ranks.first()) check(arguments, common);
    if (!arguments.require_yield.empty()) {
      static_cast<void>(probability_of("--require-yield", arguments.require_yield));
    }
    static_cast<void>(sigmas_of(arguments));
    subject = read_subject(arguments.subject, common);
    make_once(subject.experiment);
    sampling.options = options_of(arguments, subject, common);
    run.emplace(subject.experiment, sampling.options);
  };
  if (const std::optional<int> code = ranks.together(prepare_all)) return *code;
  if (ranks.first() && subject.experiment.dimensions == 0) {
    note(common, "ohmset: nothing is random in this question: all samples are the same");
  }
  if (arguments.replay) {
    const auto show = [&] {
      if (ranks.first()) show_replay(subject, run->plan(), *arguments.replay, common);
    };
    return ranks.together(show).value_or(done);
  }

  const Stopwatch watch;
  const CheckpointFiles files{.path = arguments.checkpoint, .seconds = arguments.checkpoint_every.value_or(2.0)};
  if (const std::optional<int> code = sample(*run, files, ranks, common)) return *code;
  sampling.seconds = watch.seconds();
  sampling.result = run->result();
  const auto finish = [&] {
    if (!ranks.first()) return;
    report(arguments, common, subject, sampling, run->plan());
    remove(files);
  };
  if (const std::optional<int> code = ranks.together(finish)) return *code;
  if (yields_enough(arguments, sampling.result)) return done;
  if (ranks.first()) note(common, "ohmset: the yield's lower bound is under --require-yield");
  return check_failed;
}

void add_options(Command& command, Arguments& arguments) {
  SubjectArguments& subject = arguments.subject;
  command.positional("DESIGN|SPEC", subject.path,
                     "a bank's design (JSON), a crossbar's design (folder), or a bank specification (TOML)");
  command.texts("--target", "R", subject.targets, "of a specification: what the bank was meant to be; repeatable");
  command.flag("--conductance", subject.conductance, "targets are in siemens");
  command.whole("--result", subject.result, "of a bank's design: this result alone, counted from 0");
  command.text("--spec", "FILE", subject.spec, "spreads from this specification instead of the design's own");
  command.flag("--redesign", subject.redesign, "every sample is a new die with the configuration that suits it");
  command.flag("--blind", subject.blind, "every sample is a new die with the design's configuration");
  command.flag("--around-measured", subject.around_measured,
               "the design's devices are drawn around their measured values, as its designer knows them; a crossbar's "
               "new dies spread, as the process says, around its own resistances");
  command.text("--temperature", "LIST", subject.temperatures, "degrees Celsius: -40,25,125 or -40:125:15 [27]");
  command.text("--time", "LIST", subject.times,
               "since the devices were written, s, or min, h, d, y: 20,1h,10y [as made, without drift]");
  command.text("--inputs", "FILE", subject.inputs, "of a crossbar: batch x inputs, volt, .npy or .csv");
  command.whole("--random-inputs", subject.random_inputs, "of a crossbar: this many, within 0.2 V [16]", 1);
  command.choice("--error", {"largest", "rms"}, subject.error, "of a crossbar: over its outputs and inputs [largest]");
  command.text("--at", "INPUT,OUTPUT", subject.at, "of a crossbar: for --corners and --sensitivity [0,0]");
  command.whole("--samples", arguments.samples, "how many [10000]", 1);
  command.choice("--method", {"mc", "lhs", "sobol"}, arguments.method,
                 "pseudo-random, Latin hypercube or scrambled Sobol points [mc]");
  command.whole("--replicates", arguments.replicates, "independent parts of lhs and sobol samples [16]", 2);
  command.texts("--limit", "E", arguments.limits, "yield: relative errors up to this, e.g. 0.1%; repeatable");
  command.text("--require-yield", "Y", arguments.require_yield,
               "exit code 1 when the lower bound of a yield's interval is under this, e.g. 99%");
  command.text("--until-interval", "W", arguments.until_interval,
               "go on until the yield's interval is no wider than this, e.g. 0.5%");
  command.text("--confidence", "P", arguments.confidence, "of every interval [95%]");
  command.text("--quantiles", "LIST", arguments.quantiles, "probabilities [0.001,0.01,0.05,0.25,0.5,0.75,...,0.999]");
  command.whole("--replay", arguments.replay, "print the devices and the result of this sample alone");
  command.text("--checkpoint", "FILE", arguments.checkpoint,
               "save progress there now and then; a run that was killed goes on from it");
  command.quantity("--checkpoint-every", "s", arguments.checkpoint_every, "seconds between [2]");
  command.flag("--corners", arguments.corners, "worst cases, every spread at --sigmas: exact for banks");
  command.text("--sigmas", "K", arguments.sigmas, "of the corners [3]");
  command.flag("--sensitivity", arguments.sensitivity, "what moves the result, with its share of the variance");
  command.text("--plot", "FILE", arguments.plot, "a picture, .svg or .png (needs gnuplot)");
}

}  // namespace

void add_tolerance(CommandLine& line) {
  const auto arguments = std::make_shared<Arguments>();
  Command command = line.add("tolerance", "Monte Carlo, corners, sensitivities and yield of a design or of dies",
                             "the values of all samples: .npy or .csv",
                             "ohmset tolerance bank.toml --target 3.3k --redesign --limit 0.1% --samples 100000",
                             [arguments](const Common& common) { return run(*arguments, common); });
  add_options(command, *arguments);
}

}  // namespace ohmset::cli
