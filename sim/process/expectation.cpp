// Expectations over a process, by quadrature.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <boost/math/quadrature/gauss.hpp>
#include <cmath>
#include <functional>

#include "sim/process.h"
#include "sim/process/ratio.h"

namespace ohmset {
namespace {

// A value that a random variable takes, and how often: weights sum to 1.
struct Atom {
  double value = 1.0;
  double weight = 1.0;
};

void normalise(std::vector<Atom>& atoms) {
  double total = 0.0;
  for (const Atom& atom : atoms) total += atom.weight;
  for (Atom& atom : atoms) atom.weight /= total;
  // So that a product of two weights is never 0, which an infinite conductance would turn into NaN.
  constexpr double least = 1e-150;
  std::erase_if(atoms, [](const Atom& atom) { return atom.weight < least; });
}

// exp(sigma N(0,1)). The trapezoidal rule converges exponentially for what is smooth and decays like a normal
// density; the range covers the peaks of 1/R and 1/R^2, which lie sigma and 2 sigma away from the density's.
std::vector<Atom> lognormal_atoms(double sigma) {
  if (sigma == 0.0) return {Atom{}};
  constexpr double tail = 9.0;
  constexpr double most_steps = 20'000.0;
  constexpr double farthest = 27.0;  // where the density falls below what normalise keeps
  const double reach = std::min(tail + 2.0 * sigma, farthest);
  const double step = std::max(0.25 / std::max(1.0, sigma), 2.0 * reach / most_steps);
  std::vector<Atom> atoms;
  const auto steps = static_cast<int>(2.0 * reach / step);
  for (int k = 0; k <= steps; ++k) {
    const double z = k * step - reach;
    atoms.push_back({positive_exp(sigma * z), std::exp(-0.5 * z * z)});
  }
  normalise(atoms);
  return atoms;
}

// A density on [low, high], low > 0, by composite Gauss-Legendre in ln R: resolves 1/R^2 however near 0 `low` is.
void add_density(std::vector<Atom>& atoms, const std::function<double(double)>& density, double low, double high) {
  using Rule = boost::math::quadrature::gauss<double, 20>;
  constexpr int panels = 128;
  const double start = std::log(low);
  const double half = (std::log(high) - start) / (2.0 * panels);
  for (int panel = 0; panel < panels; ++panel) {
    const double middle = start + (2.0 * panel + 1.0) * half;
    for (std::size_t k = 0; k < Rule::abscissa().size(); ++k) {
      for (const double side : {-1.0, 1.0}) {
        const double ratio = std::exp(middle + side * half * Rule::abscissa()[k]);
        atoms.push_back({ratio, half * Rule::weights()[k] * ratio * density(ratio)});
      }
    }
  }
}

std::vector<Atom> ratio_atoms(const Process& process) {
  const double sigma = process.sigma;
  std::vector<Atom> atoms;
  if (process.distribution == Distribution::empirical) {
    for (const double ratio : process.ratios) atoms.push_back({ratio, 1.0});
    normalise(atoms);
    return atoms;
  }
  // A narrower spread changes the expectations by less than a rounding, and has no room for points of its own.
  constexpr double narrowest = 1e-9;
  if (process.distribution == Distribution::none || sigma < narrowest) return {Atom{}};
  switch (process.distribution) {
    case Distribution::lognormal:
      return lognormal_atoms(sigma);
    case Distribution::normal: {
      constexpr double cut = 1e-9;
      const PositiveNormal normal(sigma);
      const auto density = [sigma](double ratio) {
        const double z = (ratio - 1.0) / sigma;
        return std::exp(-0.5 * z * z);
      };
      add_density(atoms, density, normal.quantile(cut), normal.quantile(1.0 - cut));
      break;
    }
    case Distribution::uniform:
      add_density(
          atoms, [](double) { return 1.0; }, 1.0 - sigma, 1.0 + sigma);
      break;
    case Distribution::triangular: {
      const auto density = [sigma](double ratio) { return sigma - std::abs(ratio - 1.0); };
      add_density(atoms, density, 1.0 - sigma, 1.0);
      add_density(atoms, density, 1.0, 1.0 + sigma);
      break;
    }
    default:
      return {Atom{}};
  }
  normalise(atoms);
  return atoms;
}

// E[f(R)], or the mean over the measured values that conduct.
template <class Function>
double expectation(const Process& process, const Function& f) {
  double sum = 0.0;
  if (!process.values.empty()) {
    std::size_t count = 0;
    for (const double value : process.values) {
      if (!(value > 0.0 && value < infinity)) continue;
      sum += f(value);
      ++count;
    }
    return count == 0 ? 0.0 : sum / static_cast<double>(count);
  }
  // The product of two lognormal factors is one.
  Process merged = process;
  if (process.distribution == Distribution::lognormal) {
    merged.sigma = std::hypot(process.sigma, process.lot_sigma);
    merged.lot_sigma = 0.0;
  }
  const std::vector<Atom> ratios = ratio_atoms(merged);
  const std::vector<Atom> lots = lognormal_atoms(merged.lot_sigma);
  std::vector<double> nominals = process.nominals;
  std::sort(nominals.begin(), nominals.end());
  for (std::size_t first = 0, next = 0; first < nominals.size(); first = next) {
    while (next < nominals.size() && nominals[next] == nominals[first]) ++next;
    double one = 0.0;
    for (const Atom& lot : lots) {
      for (const Atom& ratio : ratios) {
        one += lot.weight * ratio.weight * f(nominals[first] * (lot.value * ratio.value));
      }
    }
    sum += static_cast<double>(next - first) * one;
  }
  return nominals.empty() ? 0.0 : sum / static_cast<double>(nominals.size());
}

double switched_conductance(const Switch& contact, double resistance) {
  return 1.0 / (resistance + contact.on.value) - 1.0 / (resistance + contact.off.value);
}

}  // namespace

double mean_square_conductance(const Fabrication& fabrication) {
  const Switch contact = fabrication.switches.nominal;
  return expectation(fabrication.process, [contact](double resistance) {
    const double g = switched_conductance(contact, resistance);
    return g * g;
  });
}

double mean_conductance(const Fabrication& fabrication) {
  const Switch contact = fabrication.switches.nominal;
  return expectation(fabrication.process,
                     [contact](double resistance) { return switched_conductance(contact, resistance); });
}

double mean_resistance(const Fabrication& fabrication) {
  const double off = fabrication.switches.nominal.off.value;
  return expectation(fabrication.process, [off](double resistance) { return 1.0 / (1.0 / resistance + 1.0 / off); });
}

}  // namespace ohmset
