// What a person may ask of precision, and which banks that means.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "design/large_search.h"
#include "design/precision/banks.h"
#include "sim/error.h"

namespace ohmset {
namespace {

constexpr std::size_t most_sampled = 100'000'000;  // banks times targets

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The expression with numbers where "n" and "n/2" stand for them.
std::string with_numbers(std::string_view text, std::size_t devices) {
  std::string result;
  const auto blanks = [&](std::size_t at) {
    while (at < text.size() && text[at] == ' ') ++at;
    return at;
  };
  for (std::size_t at = 0; at < text.size();) {
    const bool alone = text[at] == 'n' && (at == 0 || (!is_letter(text[at - 1]) && !is_digit(text[at - 1]))) &&
                       (at + 1 == text.size() || (!is_letter(text[at + 1]) && !is_digit(text[at + 1])));
    if (!alone) {
      result += text[at++];
      continue;
    }
    std::size_t parts = 1;
    if (const std::size_t slash = blanks(at + 1); slash < text.size() && text[slash] == '/') {
      const std::size_t number = blanks(slash + 1);
      const auto [end, failed] = std::from_chars(text.data() + number, text.data() + text.size(), parts);
      if (failed != std::errc{} || parts == 0) {
        throw input_error(fmt::format("topology {}: n is divided by no number", text), "n/2, n/3, ...");
      }
      at = static_cast<std::size_t>(end - text.data());
    } else {
      ++at;
    }
    if (devices % parts != 0) {
      throw input_error(fmt::format("topology {}: {} devices do not divide into {}", text, devices, parts),
                        fmt::format("a multiple of {}", parts));
    }
    result += std::to_string(devices / parts);
  }
  return result;
}

Topology topology_of(const std::string& text, std::size_t devices) {
  const std::string numbers = with_numbers(text, devices);
  if (numbers == text) return Topology::parse(text, devices);
  Topology topology = Topology::parse(numbers);
  if (topology.device_count() != devices) {
    throw input_error(fmt::format("topology {} has {} devices where n is {}", text, topology.device_count(), devices),
                      "as many as n");
  }
  return topology;
}

// The first ones of a list that may be longer.
void take_first(std::vector<double>& list, std::size_t devices, std::string_view key) {
  if (list.size() < devices) {
    throw input_error(fmt::format("{} has {} numbers and a bank {} devices", key, list.size(), devices),
                      "one per device");
  }
  list.resize(devices);
}

void give_nominals(Process& process, double ladder, std::size_t devices) {
  if (!(ladder > 0.0 && std::isfinite(ladder))) {
    throw input_error(fmt::format("a ladder of steps by {}", ladder), "a factor above 0");
  }
  if (!process.values.empty()) take_first(process.values, devices, "process.values");
  if (process.nominals.size() > 1) take_first(process.nominals, devices, "process.nominals");
  if (ladder == 1.0) return;
  if (!process.values.empty() || process.nominals.size() > 1) {
    throw input_error(fmt::format("a ladder of steps by {} from a list of resistances", ladder), "one nominal for all");
  }
  if (process.nominals.empty()) return;
  double nominal = process.nominals.front();
  process.nominals.clear();
  for (std::size_t k = 0; k < devices; ++k, nominal *= ladder) process.nominals.push_back(nominal);
}

void refuse_unless(bool fine, std::string_view wrong, std::string_view expected) {
  if (!fine) throw input_error(wrong, expected);
}

void check_targets(const PrecisionQuestion& question) {
  const bool bank = question.family && question.family->topology != differential_topology;
  refuse_unless(question.even == 0 || question.targets.empty(), "evenly spaced targets and given ones", "one of them");
  refuse_unless(!question.of_full_scale || (question.family && !bank), "targets as multiples of a full scale",
                "a differential pair, which has one");
  refuse_unless(question.even != 1, "1 evenly spaced target", "2 or more: the ends of the interval are included");
  for (const double target : question.targets) {
    refuse_unless(std::isfinite(target), fmt::format("a target of {}", target), "a finite number");
    if (!bank) continue;
    refuse_unless(target != 0.0, "a target of 0", "more: errors are relative to it");
    refuse_unless(target > 0.0, fmt::format("a target of {}", target), "more than 0");
  }
  if (question.each_its_own && question.targets.size() != question.banks) {
    throw input_error(fmt::format("{} targets for {} banks of their own", question.targets.size(), question.banks),
                      "as many");
  }
  if (!question.interval) return;
  const auto [low, high] = *question.interval;
  const std::string shown = fmt::format("targets in the interval from {} to {}", low, high);
  refuse_unless(std::isfinite(low) && std::isfinite(high) && low < high, shown, "finite numbers in ascending order");
  if (!bank) return;
  refuse_unless(low >= 0.0 && high <= 1.0, shown, "fractions of what is within reach, from 0 to 1");
  refuse_unless(low > 0.0 || question.even == 0, shown, "more than 0: evenly spaced targets include it");
}

void check_signed(const PrecisionQuestion& question) {
  refuse_unless(question.choosing == Choosing::search, "signed items read as a code, or all inserted",
                "the search: they are made for nothing");
  refuse_unless(!question.condition && !question.contacts_anew, "signed items at a condition, or with contacts",
                "banks: numbers have neither");
}

void check_family(const PrecisionQuestion& question, std::size_t devices) {
  const BankSpec spec = bank_spec_of(*question.family, devices);
  const bool pair = question.family->topology == differential_topology;
  refuse_unless(!pair || question.unit != TargetUnit::ohm, "a differential pair in ohm", "siemens");
  if (question.condition) check(spec.fabrication.process, *question.condition);
  if (question.choosing == Choosing::everything) {
    refuse_unless(question.even == 0 && question.targets.empty() && !question.interval,
                  "targets or an interval for the average of all devices", "neither: what they make is its one target");
  }
  const bool flat = !pair && (spec.topology.is_parallel() || spec.topology.is_series());
  refuse_unless(question.choosing != Choosing::everything || flat,
                fmt::format("the average of a {} bank", question.family->topology), "parallel or series");
}

}  // namespace

BankSpec bank_spec_of(const BankFamily& family, std::size_t devices) {
  const bool pair = family.topology == differential_topology;
  if (devices == 0) throw input_error("a bank of 0 devices", "1 or more");
  if (pair && devices % 2 != 0) {
    throw input_error(fmt::format("a differential pair of {} devices", devices), "an even number, half in each bank");
  }
  const std::size_t own = pair ? devices / 2 : devices;
  BankSpec spec{.fabrication = family.fabrication,
                .topology = pair ? Topology::parallel(own) : topology_of(family.topology, own)};
  give_nominals(spec.fabrication.process, family.ladder, own);
  check(spec.fabrication, own);
  return spec;
}

TargetUnit target_unit_of(const PrecisionQuestion& question, std::size_t devices) {
  if (!question.family || question.family->topology == differential_topology) return TargetUnit::siemens;
  if (question.unit) return *question.unit;
  const BankSpec spec = bank_spec_of(*question.family, devices);
  if (spec.topology.is_parallel()) return TargetUnit::siemens;
  return precision::opens(precision::nominal_bank(spec)) ? TargetUnit::siemens : TargetUnit::ohm;
}

Interval asked_interval(const PrecisionQuestion& question, bool coverage) {
  if (question.interval) return *question.interval;
  if (!question.family) return coverage ? Interval{.low = -0.5, .high = 0.5} : Interval{.low = -1.0, .high = 1.0};
  const bool pair = question.family->topology == differential_topology;
  return pair ? Interval{.low = -1.0, .high = 1.0} : Interval{.low = 0.25, .high = 0.75};
}

void check(const PrecisionQuestion& question, std::size_t devices) {
  refuse_unless(devices > 0, "a bank of 0 devices", "1 or more");
  refuse_unless(question.banks > 0, "no banks", "1 or more");
  refuse_unless(question.confidence > 0.0 && question.confidence < 1.0,
                fmt::format("a confidence of {}", question.confidence), "more than 0 and less than 1");
  refuse_unless(question.threads >= 0, fmt::format("{} threads", question.threads), "0 for all, or more");
  check_targets(question);
  question.family ? check_family(question, devices) : check_signed(question);
  const std::size_t each =
      question.each_its_own ? 1 : std::max({question.even, question.targets.size(), std::size_t{1}});
  if (each > most_sampled / question.banks) {
    throw input_error(fmt::format("{} targets on each of {} banks", each, question.banks),
                      fmt::format("at most {} in all", most_sampled));
  }
  if (question.choosing != Choosing::everything && devices > most_large_items) {
    throw input_error(fmt::format("{} devices to choose from", devices), fmt::format("at most {}", most_large_items));
  }
}

}  // namespace ohmset
