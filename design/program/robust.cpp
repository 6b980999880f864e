// The relative spread of a bank that is one group is sqrt(V) / S: S the sum of its devices' conductances (in series:
// resistances), V the sum of their variances. V adds up over inserted devices like a cost, and S hardly varies within
// the tolerance: so the cheapest configurations come first, and what costs too much for any S can be left out.
// SPDX-License-Identifier: Apache-2.0
#include "design/program/robust.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <tuple>

#include "design/tolerance/slopes.h"

namespace ohmset::robust {
namespace {

constexpr std::size_t most_ranked = 65'536;
constexpr std::size_t most_compared = 250'000;

double of_device(const std::vector<double>& values, std::size_t k) {
  return values.empty() ? 0.0 : values[values.size() == 1 ? 0 : k];
}

// Equal up to roundings of sums: 40 bits of a number.
double rounded(double value) {
  int exponent = 0;
  const double mantissa = std::frexp(value, &exponent);
  return std::ldexp(std::round(std::ldexp(mantissa, 40)), exponent - 40);
}

// Whether the mask is the smaller number.
bool smaller(const Configuration& a, const Configuration& b) {
  for (std::size_t k = a.size(); k-- > 0;) {
    if (a.inserted(k) != b.inserted(k)) return b.inserted(k);
  }
  return false;
}

struct Ranked {
  double spread = 0.0;
  double error = 0.0;
  std::size_t inserted = 0;
  Configuration configuration{};
  bool operator<(const Ranked& other) const {
    const auto rank = [](const Ranked& each) { return std::tuple(each.spread, each.error, each.inserted); };
    return rank(*this) != rank(other) ? rank(*this) < rank(other) : smaller(configuration, other.configuration);
  }
};

Answer answer_of(const std::vector<Ranked>& ranked, std::size_t wanted) {
  Answer answer;
  for (std::size_t k = 0; k < std::min(wanted, ranked.size()); ++k) {
    answer.configurations.push_back(ranked[k].configuration);
  }
  return answer;
}

Ranked ranked_by_spread(const Bank& bank, const Configuration& configuration, double target,
                        const ProgramOptions& options) {
  const double value = additive::value_of(bank, configuration, options.unit, Seen::measured);
  return {.spread = rounded(predicted_spread(bank, configuration, *options.robust)),
          .error = std::abs(value - target),
          .inserted = configuration.count(),
          .configuration = configuration};
}

// What one device adds to the variance of the sum, inserted and removed.
class Variances {
 public:
  Variances(const Bank& bank, const DeviceSpreads& spreads) {
    const bool series = !bank.topology.is_parallel();
    double total = 0.0;
    for (std::size_t k = 0; k < bank.devices.size(); ++k) {
      const Device& device = bank.devices[k];
      const double closed = of(device, true, series, of_device(spreads.devices, k), of_device(spreads.contacts, k));
      const double open = of(device, false, series, of_device(spreads.devices, k), of_device(spreads.contacts, k));
      const double removed =
          device.stuck == Stuck::free ? (series ? closed : open) : (device.stuck == Stuck::closed ? closed : open);
      const double inserted = device.stuck == Stuck::free ? (series ? open : closed) : removed;
      offset_ += removed;
      total += std::max(removed, inserted);
      costs_.push_back(inserted - removed);
    }
    round(total);
  }

  [[nodiscard]] const std::vector<double>& costs() const { return costs_; }
  // No configuration whose costs are this or more adds up to less variance.
  [[nodiscard]] double least(double costs) const { return std::max(0.0, offset_ + costs - slack_); }

 private:
  static double of(const Device& device, bool closed, bool series, double spread, double contact_spread) {
    const tolerance::Leaf leaf =
        tolerance::leaf_of(device.measured.value, closed ? device.contact.on.value : device.contact.off.value, series);
    if (!(leaf.resistance > 0.0 && leaf.resistance < infinity)) return 0.0;
    const double deviation = std::hypot(leaf.device * spread, closed ? leaf.contact * contact_spread : 0.0) *
                             (series ? leaf.resistance : 1.0 / leaf.resistance);
    return deviation * deviation;
  }

  // To multiples of a power of two, so few that sums of costs are exact and the same in any order.
  void round(double total) {
    if (!(total > 0.0)) return;
    int exponent = 0;
    std::frexp(total, &exponent);
    for (double& cost : costs_) cost = std::ldexp(std::round(std::ldexp(cost, 51 - exponent)), exponent - 51);
    slack_ = std::ldexp(static_cast<double>(costs_.size()), exponent - 51);
  }

  double offset_ = 0.0;
  double slack_ = 0.0;
  std::vector<double> costs_{};
};

}  // namespace

Answer search(const Bank& bank, const additive::Sum& sum, double target, const ProgramOptions& options,
              std::size_t wanted) {
  const Variances variances(bank, *options.robust);
  ProgramOptions by_variance = options;
  by_variance.robust.reset();
  by_variance.cheapest = true;
  by_variance.costs = variances.costs();
  const additive::Scale scale(bank, sum, target, options.unit);
  const double greatest =
      std::min(scale.sums_within(*options.within * target, options.side).high + sum.offset, sum.magnitude);
  for (std::size_t ask = std::max(wanted, wanted + 15);; ask *= 8) {
    const additive::Answer cheapest = additive::search(bank, sum, target, by_variance, ask);
    std::vector<Ranked> ranked;
    double last = 0.0;
    for (const additive::Candidate& candidate : cheapest.candidates) {
      ranked.push_back(ranked_by_spread(bank, additive::configuration(sum, candidate.mask), target, options));
      last = std::max(last, candidate.cost);
    }
    std::sort(ranked.begin(), ranked.end());
    Answer answer = answer_of(ranked, wanted);
    answer.method = cheapest.method;
    answer.exact = cheapest.exact;
    if (ranked.size() < ask) return answer;
    // Nothing that was left out has less.
    const double left_out = std::sqrt(variances.least(last)) / greatest;
    if (wanted <= ranked.size() && ranked[wanted - 1].spread < left_out) return answer;
    if (ask >= most_ranked || !cheapest.exact) {
      answer.exact = false;
      return answer;
    }
  }
}

Answer search(const Bank& bank, tree::Search& tree, double target, const ProgramOptions& options, std::size_t wanted) {
  ProgramOptions nearest = options;
  nearest.robust.reset();
  nearest.best = most_compared + 1;
  nearest.cap = most_compared;
  tree::Answer within = tree.answer(target, nearest);
  std::vector<Ranked> ranked;
  ranked.reserve(within.configurations.size());
  for (const Configuration& configuration : within.configurations) {
    ranked.push_back(ranked_by_spread(bank, configuration, target, options));
  }
  std::sort(ranked.begin(), ranked.end());
  Answer answer = answer_of(ranked, wanted);
  answer.exact = within.exact && !within.capped;
  answer.method = "attainable-values";
  return answer;
}

}  // namespace ohmset::robust
