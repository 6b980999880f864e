// SPDX-License-Identifier: Apache-2.0
#include "tools/cli/precision/ceilings.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "sim/error.h"
#include "tools/cli/conditions.h"

namespace ohmset::cli {
namespace {

// What a bank goes through between the search and its use, each by itself.
struct Cause {
  std::string name{};
  std::function<void(PrecisionQuestion&)> apply{};
};

std::vector<Cause> causes_of(const Fabrication& made, const std::vector<Condition>& conditions) {
  std::vector<Cause> causes;
  if (!made.measurement.exact()) {
    causes.push_back(
        {"measurement", [made](PrecisionQuestion& q) { q.family->fabrication.measurement = made.measurement; }});
  }
  for (const Condition& condition : conditions) {
    if (warms(made.process) && condition.celsius != Condition{}.celsius) {
      causes.push_back({fmt::format("{:g} C", condition.celsius), [made, condition](PrecisionQuestion& q) {
                          q.family->fabrication.process.tc1 = made.process.tc1;
                          q.family->fabrication.process.tc2 = made.process.tc2;
                          q.condition = Condition{.celsius = condition.celsius};
                        }});
    }
  }
  for (const Condition& condition : conditions) {
    if (made.process.drift.model != DriftModel::none && condition.seconds) {
      causes.push_back({"drift, " + time_text(*condition.seconds), [made, condition](PrecisionQuestion& q) {
                          q.family->fabrication.process.drift = made.process.drift;
                          q.condition = Condition{.celsius = Condition{}.celsius, .seconds = condition.seconds};
                        }});
    }
  }
  if (made.process.read_noise > 0.0) {
    causes.push_back({"reading", [made](PrecisionQuestion& q) {
                        q.family->fabrication.process.read_noise = made.process.read_noise;
                        q.condition = Condition{};
                      }});
  }
  if (made.switches.on_sigma > 0.0 && made.switches.nominal.on.value > 0.0) {
    causes.push_back({"contacts", [made](PrecisionQuestion& q) {
                        q.family->fabrication.switches.on_sigma = made.switches.on_sigma;
                        q.contacts_anew = true;
                      }});
  }
  return causes;
}

// As if nothing stood between the search and the use.
PrecisionQuestion ideal(PrecisionQuestion question) {
  Fabrication& made = question.family->fabrication;
  made.measurement = {};
  made.process.tc1 = {};
  made.process.tc2 = {};
  made.process.drift = {};
  made.process.read_noise = 0.0;
  made.switches.on_sigma = 0.0;
  question.condition.reset();
  question.contacts_anew = false;
  return question;
}

}  // namespace

bool warms(const Process& process) {
  return process.tc1.mean != 0.0 || process.tc1.sigma != 0.0 || process.tc2.mean != 0.0 || process.tc2.sigma != 0.0;
}

std::string name_of(const Condition& condition) {
  const std::string celsius = fmt::format("{:g} C", condition.celsius);
  return condition.seconds ? celsius + ", " + time_text(*condition.seconds) : celsius;
}

std::vector<PrecisionCurve> ceilings_of(const PrecisionCurve& whole, const std::vector<Condition>& conditions) {
  const Fabrication& made = whole.question.family->fabrication;
  std::vector<Cause> causes = causes_of(made, conditions);
  if (causes.empty()) {
    throw input_error("--ceilings: nothing stops this precision",
                      "expected measurement noise, --temperature with tc1 or tc2, --time with drift, read_noise, or "
                      "r_on_sigma with r_on");
  }
  std::vector<PrecisionCurve> curves;
  PrecisionCurve exact = whole;
  exact.name = "exact";
  exact.question = ideal(whole.question);
  curves.push_back(exact);
  // The same cause of two conditions stands once.
  std::vector<std::string> seen;
  for (const Cause& cause : causes) {
    if (std::ranges::find(seen, cause.name) != seen.end()) continue;
    seen.push_back(cause.name);
    PrecisionCurve curve = exact;
    curve.name = cause.name;
    cause.apply(curve.question);
    curves.push_back(std::move(curve));
  }
  for (const Condition& condition : conditions) {
    if (causes_of(made, {condition}).size() < 2) continue;
    PrecisionCurve all = whole;
    all.name = "all of it";
    if (conditions.size() > 1) all.name += ", " + name_of(condition);
    all.question.condition = condition;
    all.question.contacts_anew = true;
    curves.push_back(std::move(all));
  }
  return curves;
}

}  // namespace ohmset::cli
