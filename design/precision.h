// Bits of precision against the number of devices: the experiment, the law it should follow, and what stops it.
//
// A bank of n imprecise devices is drawn, a target is set, the best configuration is chosen, exactly: how many bits of
// the target are hit? bits = -log2 of the relative error for resistances and conductances, of the error over the full
// scale for differential pairs, of the absolute error for signed items, the case of the theory [Lueker98,
// DaCunhaEtAl23].
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "design/program.h"
#include "design/statistics.h"
#include "sim/life.h"

namespace ohmset {

// === What is drawn ===

// Banks of any number of devices.
struct BankFamily {
  // Nominals: one for all, times the ladder's steps, or one for each device: banks take the first ones.
  Fabrication fabrication{};
  // "parallel", "series", "differential" (two parallel banks of n/2 devices each, plus minus minus; n even), or an
  // expression in which "n" stands for the number of devices and "n/2", "n/3", ... for equal parts of them:
  // "parallel(series(n/2), series(n/2))".
  std::string topology = "parallel";
  double ladder = 1.0;  // device k of a bank is made for nominal * ladder^k ohm: 1 equal, 2 binary; > 0
};
inline constexpr std::string_view differential_topology = "differential";

// The specification of one of `devices` devices (of a differential pair: of each of its banks, devices / 2). Throws
// Error{input} for numbers that the topology or the nominals cannot have, and what `check` refuses.
[[nodiscard]] BankSpec bank_spec_of(const BankFamily& family, std::size_t devices);

// How a configuration comes about.
enum class Choosing : unsigned char {
  search,  // the nearest configuration, by the measured values
  // Contrast: the devices are taken for what they were made for, and the configuration that would be nearest then is
  // read as a plain code. (With a binary ladder: the ordinary digital-to-analogue converter.)
  code,
  // Contrast: all devices inserted, nothing chosen; the one target is what they make on average. Parallel and series
  // banks alone; targets, evenly spaced ones and an interval cannot be asked for.
  everything
};

// === What is asked ===

struct PrecisionQuestion {
  std::optional<BankFamily> family{};    // none: signed items, independent and uniform on [-1, 1]
  Choosing choosing = Choosing::search;  // signed items: search alone
  std::optional<TargetUnit> unit{};      // none: the one in which all reachable values are finite, siemens if both are
                                         // and the bank is parallel. Differential pairs: siemens. Signed: not used
  // Where drawn and evenly spaced targets lie. Signed items: numbers, [-1, 1] when none. Banks: fractions of the way
  // from the least to the greatest value within reach of the bank at hand, [1/4, 3/4] when none. Differential pairs:
  // multiples of the full scale, [-1, 1] when none.
  std::optional<Interval> interval{};
  std::size_t banks = 1000;              // fresh ones, independent; a bank's number is its die
  std::size_t even = 0;                  // this many evenly spaced targets on each bank, the ends included; >= 2
  std::vector<double> targets{};         // these, instead; in the unit, finite, of banks > 0
  bool of_full_scale = false;            // differential pairs: `targets` are multiples of the full scale, not siemens
  bool each_its_own = false;             // target k on bank k alone, `banks` being their number; else all on each
  std::optional<Condition> condition{};  // what is judged is the bank as it reads then; none: as it was made
  // Every closing of a switch is another contact: the search knows the nominal r_on alone, and what is judged has
  // contacts drawn by the process's on_sigma. Else the search knows the contacts that are judged.
  bool contacts_anew = false;
  double confidence = 0.95;
  std::uint64_t seed = 1;
  int threads = 0;  // 0: all
  // Called now and then from one thread at a time; returns false to stop (then Error{world} "interrupted").
  std::function<bool(std::size_t done, std::size_t total)> progress{};
};
// Neither `even` nor `targets`: one random target for each bank, uniform in the interval. Averages have one each.
//
// Bank k is a function of the seed and k alone: with more devices it has those that it had before and more of them.

// The unit of targets and errors: that which is asked for, or what none stands for. Signed items: siemens, unused.
[[nodiscard]] TargetUnit target_unit_of(const PrecisionQuestion& question, std::size_t devices);

// Its interval, or what none stands for; coverage has one of its own for signed items.
[[nodiscard]] Interval asked_interval(const PrecisionQuestion& question, bool coverage = false);

// Throws Error{input} for a question that makes no sense: no banks, an interval that is none or of infinite values,
// targets of 0 where errors are relative, contrasts of signed items, ...
void check(const PrecisionQuestion& question, std::size_t devices);

// === What is seen ===

// banks x targets values; errors are those of the values judged, with a sign, in the target's unit. A bank with nothing
// to choose from is dead: where targets are drawn or evenly spaced it has none, its target and error are NaN and its
// bits 0.
struct PrecisionSample {
  std::size_t devices = 0;
  std::size_t banks = 0;
  std::size_t targets = 1;  // on each bank
  std::vector<double> target{};
  std::vector<double> error{};  // achieved - target
  std::vector<double> bits{};   // inf for an error of 0, -inf for an infinite one
  // E[bits] of each bank and target by the law, given its items; NaN of dead banks. Empty where no law is known: of
  // trees, of what is not searched for, where the search does not see what is judged (measurement, contacts,
  // temperature, drift, readings), and where devices do not differ by chance, or only a few different ones are drawn.
  std::vector<double> law{};
  // Differential pairs: the full scale, siemens: half the square root of n E[g^2], the expectation over the process.
  double full_scale = 0.0;
};

// The same for any number of threads. Exact. All targets of one bank share its lists of half sums.
[[nodiscard]] PrecisionSample sample_precision(const PrecisionQuestion& question, std::size_t devices);

// One bank's largest distance from any point of the interval to the nearest attainable value: certifies *any* target.
// bits are -log2 of it: relative to the interval's length for banks and pairs, absolute for signed items. One value for
// each bank: `target` is the point farthest from any value and `error` its distance; dead banks, which have no
// interval, are as above. Exact: every attainable value of the bank as it is used is looked at, whatever a measurement
// shows; at most most_covered devices that are free to choose, else throws Error{input}. See coverage.h. The interval
// is the question's; of signed items [-1/2, 1/2] when none: what is proven to be covered [DaCunhaEtAl23]. Targets are
// not used.
[[nodiscard]] PrecisionSample sample_coverage(const PrecisionQuestion& question, std::size_t devices);

// What a sample says. Intervals hold with question.confidence, for fresh banks: values of one bank are not independent.
// Quantiles are order statistics of rank ceil(p count). Of a single bank nothing is known of others: ends are infinite,
// those of the mean NaN.
struct PrecisionRow {
  std::size_t devices = 0;
  std::size_t banks = 0;
  std::size_t targets = 1;
  std::size_t dead = 0;  // banks with nothing to choose from, whose bits count as 0
  double bits_worst = 0.0;
  double bits_p01 = 0.0;  // first percentile
  double bits_median = 0.0;
  double bits_mean = 0.0;  // infinite where one is
  // One value a bank: order statistics. Else those of so many independent values as tell as much as these of the share
  // below the quantile, by how that differs from bank to bank [Woodruff52, KornGraubard98]; infinite where the banks
  // are too few to tell.
  Interval p01{};
  Interval median{};                 // likewise
  Interval mean{};                   // Student's t over the banks' means; NaN where one is infinite
  std::vector<double> bank_means{};  // of each bank's bits
  Interval band{};                   // from the 5 % to the 95 % quantile of the values: the band over banks
  double error_median = 0.0;         // of |error|, dead banks left out; NaN when all are dead
  // The mean, of signed items the closed form: see law_of_signed_items. None where there is no law, and none below 0:
  // targets lie farther out than it reaches.
  std::optional<double> bits_law{};
};
[[nodiscard]] PrecisionRow summarize(const PrecisionQuestion& question, const PrecisionSample& sample);

// === The law ===

// P(nearest error > e) is about exp(-2 e 2^n rho(z)) with rho the density at z of a normal variable with mean sum(x)/2
// and variance sum(x^2)/4: subset sums are spread like independent draws from it. So -log2 of the error is about
// n + 1 + log2 rho(z) + gamma / ln 2 on average, gamma = 0.5772... Euler's constant.
[[nodiscard]] double law(std::span<const double> items, double target);  // E[-log2 |error|]
// The same averaged over items and targets uniform on [-1, 1]:
//   n + 1 - log2(pi n / 6) / 2 - (1/2 + 6 E[z^2] / n) / ln 2 + gamma / ln 2, E[z^2] = 1/3
// and over other targets with their mean square.
[[nodiscard]] double law_of_signed_items(std::size_t devices, double mean_square_target = 1.0 / 3.0);

// Bits per device: the least squares line through the rows' means, as far as they are finite. NaN below two of them.
struct Slope {
  double bits_per_device = 0.0;
  double at_zero = 0.0;  // the line's value for no device
  // Student's t over the lines of the banks: a bank that grows keeps its devices, so that rows are not independent. NaN
  // below two banks, and for rows that do not share theirs.
  Interval interval{};
};
[[nodiscard]] Slope slope_of(std::span<const PrecisionRow> rows, double confidence);

// The number of devices, among the rows', beyond which none of the others brings half a bit for each device more, by
// the means: the one with the most bits less half a bit for each device, the fewest of equals. The law promises a bit
// for each. A step up or down by chance does not mislead it: what counts is where all later rows lie. None when it pays
// up to the last.
[[nodiscard]] std::optional<std::size_t> stops_paying(std::span<const PrecisionRow> rows);

// What open-loop measurement with a relative noise eta of each device leaves, where it is all that stands between the
// search and the use. Of a bank in the unit that adds up, m alike devices of which are inserted, an error as large as
// its root mean square has log2(1 / eta) + log2(m) / 2 bits; less log2(E[g^2] / E[g]^2) / 2 where they differ. Of a
// differential pair, whose error counts relative to the full scale, log2(1 / eta) - 1/2 bits, however many devices.
struct MeasurementCeiling {
  double rms = 0.0;   // bits of an error as large as its root mean square
  double mean = 0.0;  // (gamma + ln 2) / (2 ln 2) = 0.92 more: mean bits of normal errors, which are often near 0
};
// From the process and the targets, to first order in eta: over the interval, evenly spaced targets or those given.
// None where it does not apply: signed items, trees, a unit in which nothing adds up, no search, exact measurement or
// one by a converter, a use that changes the bank, targets that the nominal bank does not reach.
[[nodiscard]] std::optional<MeasurementCeiling> measurement_ceiling(const PrecisionQuestion& question,
                                                                    std::size_t devices);

// === How many devices does it take? ===

struct NeededDevices {
  // The least number tried of which at least a share `probability` has at least that many bits, proven by the lower end
  // of Clopper's and Pearson's interval (one-sided, at the question's confidence, for each number tried by itself);
  // none: not within those tried.
  std::optional<std::size_t> devices{};
  struct Tried {
    std::size_t devices = 0;
    std::uint64_t passed = 0;
    std::uint64_t trials = 0;
    double share = 0.0;
    double lower = 0.0;  // end of the interval
  };
  std::vector<Tried> tried{};  // in ascending order of devices
};
// Tries the numbers in `devices` (ascending) until one suffices. One target a bank: throws Error{input} when the
// question has several, or fewer banks than it takes to prove the probability at all.
[[nodiscard]] NeededDevices needed_devices(const PrecisionQuestion& question, std::span<const std::size_t> devices,
                                           double bits, double probability);

}  // namespace ohmset
