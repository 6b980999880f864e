// SPDX-License-Identifier: Apache-2.0
#include "tools/bench/alternatives.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <queue>
#include <random>

namespace ohmset::bench {
namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();

struct Sum {
  double value = 0.0;
  std::uint32_t mask = 0;
};

std::vector<Sum> sums_of(std::span<const double> items) {
  std::vector<Sum> sums{{0.0, 0}};
  sums.reserve(std::size_t{1} << items.size());
  for (std::size_t k = 0; k < items.size(); ++k) {
    const std::size_t size = sums.size();
    for (std::size_t s = 0; s < size; ++s) {
      sums.push_back({sums[s].value + items[k], sums[s].mask | std::uint32_t{1} << k});
    }
  }
  return sums;
}

void sort(std::vector<Sum>& sums) {
  std::sort(sums.begin(), sums.end(), [](const Sum& a, const Sum& b) { return a.value < b.value; });
}

std::vector<Sum> sorted_sums(std::span<const double> items) {
  std::vector<Sum> sums = sums_of(items);
  sort(sums);
  return sums;
}

struct Halves {
  std::size_t split = 0;
  std::vector<Sum> low{};
  std::vector<Sum> high{};
};

Halves halves_of(std::span<const double> items) {
  const std::size_t split = items.size() / 2;
  return {.split = split, .low = sorted_sums(items.first(split)), .high = sorted_sums(items.subspan(split))};
}

// Two pointers: the pair whose sum is nearest to the target.
Near nearest_pair(const std::vector<Sum>& low, const std::vector<Sum>& high, double target, std::size_t split) {
  Near best{.error = infinite};
  for (std::size_t i = 0, j = high.size(); i < low.size() && j > 0;) {
    const double error = low[i].value + high[j - 1].value - target;
    if (std::abs(error) < best.error) {
      best = {.error = std::abs(error), .mask = low[i].mask | std::uint64_t{high[j - 1].mask} << split};
    }
    if (error < 0.0) {
      ++i;
    } else {
      --j;
    }
  }
  return best;
}

bool nearer(const Near& a, const Near& b) { return a.error < b.error; }

}  // namespace

std::uint64_t by_gray_code(const Question& question) {
  double sum = -question.target;
  double least = std::abs(sum);
  std::uint64_t code = 0;
  std::uint64_t best = 0;
  for (std::uint64_t step = 1; step >> question.items.size() == 0; ++step) {
    const auto item = static_cast<std::size_t>(std::countr_zero(step));
    code ^= std::uint64_t{1} << item;
    sum += ((code >> item) & 1U) != 0 ? question.items[item] : -question.items[item];
    if (std::abs(sum) < least) {
      least = std::abs(sum);
      best = code;
    }
  }
  return best;
}

std::uint64_t by_sorting(const Question& question) {
  const Halves halves = halves_of(question.items);
  return nearest_pair(halves.low, halves.high, question.target, halves.split).mask;
}

std::uint64_t by_heaps(const Question& question) {
  const std::span<const double> items = question.items;
  const std::size_t split = items.size() / 2;
  const Halves low = halves_of(items.first(split));
  const Halves high = halves_of(items.subspan(split));
  struct Entry {
    double value = 0.0;
    std::uint32_t first = 0;
    std::uint32_t second = 0;
  };
  const auto later = [](const Entry& a, const Entry& b) { return a.value > b.value; };
  const auto earlier = [](const Entry& a, const Entry& b) { return a.value < b.value; };
  std::priority_queue<Entry, std::vector<Entry>, decltype(later)> rising(later);
  std::priority_queue<Entry, std::vector<Entry>, decltype(earlier)> falling(earlier);
  for (std::uint32_t i = 0; i < low.low.size(); ++i) rising.push({low.low[i].value + low.high[0].value, i, 0});
  const auto last = static_cast<std::uint32_t>(high.high.size() - 1);
  for (std::uint32_t i = 0; i < high.low.size(); ++i)
    falling.push({high.low[i].value + high.high[last].value, i, last});
  double least = infinite;
  std::uint64_t best = 0;
  while (!rising.empty() && !falling.empty()) {
    const Entry a = rising.top();
    const Entry b = falling.top();
    const double error = a.value + b.value - question.target;
    if (std::abs(error) < least) {
      least = std::abs(error);
      best = low.low[a.first].mask | std::uint64_t{low.high[a.second].mask} << low.split |
             std::uint64_t{high.low[b.first].mask} << split |
             std::uint64_t{high.high[b.second].mask} << (split + high.split);
    }
    if (error < 0.0) {
      rising.pop();
      if (a.second + 1 < low.high.size()) {
        rising.push({low.low[a.first].value + low.high[a.second + 1].value, a.first, a.second + 1});
      }
    } else {
      falling.pop();
      if (b.second > 0) {
        falling.push({high.low[b.first].value + high.high[b.second - 1].value, b.first, b.second - 1});
      }
    }
  }
  return best;
}

std::vector<Near> nearest_by_sorting(const Question& question, std::size_t count) {
  const auto [split, low, high] = halves_of(question.items);
  std::priority_queue<Near, std::vector<Near>, decltype(&nearer)> heap(&nearer);
  const auto take = [&](const Sum& a, const Sum& b) {
    const double error = std::abs(a.value + b.value - question.target);
    if (heap.size() == count && error >= heap.top().error) return false;
    if (heap.size() == count) heap.pop();
    heap.push({.error = error, .mask = a.mask | std::uint64_t{b.mask} << split});
    return true;
  };
  std::size_t j = high.size();  // the first that is too large
  for (const Sum& a : low) {
    while (j > 0 && a.value + high[j - 1].value >= question.target) --j;
    for (std::size_t up = j; up < high.size() && take(a, high[up]);) ++up;
    for (std::size_t down = j; down > 0 && take(a, high[down - 1]);) --down;
  }
  std::vector<Near> found(heap.size());
  for (std::size_t k = found.size(); k-- > 0; heap.pop()) found[k] = heap.top();
  return found;
}

std::vector<Near> within_by_sorting(const Question& question, double eps) {
  const auto [split, low, high] = halves_of(question.items);
  std::vector<Near> found;
  std::size_t j = high.size();
  for (const Sum& a : low) {
    while (j > 0 && a.value + high[j - 1].value >= question.target - eps) --j;
    for (std::size_t k = j; k < high.size() && a.value + high[k].value <= question.target + eps; ++k) {
      found.push_back({.error = std::abs(a.value + high[k].value - question.target),
                       .mask = a.mask | std::uint64_t{high[k].mask} << split});
    }
  }
  std::sort(found.begin(), found.end(), nearer);
  return found;
}

Near exactly_by_sorting(const Question& question, std::size_t chosen) {
  const std::size_t split = question.items.size() / 2;
  const auto by_count = [](std::span<const double> items) {
    std::vector<std::vector<Sum>> lists(items.size() + 1);
    for (const Sum& sum : sums_of(items)) lists[static_cast<std::size_t>(std::popcount(sum.mask))].push_back(sum);
    for (std::vector<Sum>& list : lists) sort(list);
    return lists;
  };
  const auto low = by_count(std::span(question.items).first(split));
  const auto high = by_count(std::span(question.items).subspan(split));
  Near best{.error = infinite};
  for (std::size_t in_low = 0; in_low < low.size() && in_low <= chosen; ++in_low) {
    if (chosen - in_low >= high.size()) continue;
    best = std::min(best, nearest_pair(low[in_low], high[chosen - in_low], question.target, split), nearer);
  }
  return best;
}

std::uint64_t two_chains_by_sorting(std::span<const double> resistances, double target) {
  auto [split, low, high] = halves_of(resistances);
  for (std::vector<Sum>* chain : {&low, &high}) {
    for (Sum& sum : *chain) sum.value = 1.0 / sum.value;
    std::reverse(chain->begin(), chain->end());
  }
  double least = infinite;
  std::uint64_t best = 0;
  for (std::size_t i = 0, j = high.size(); i < low.size() && j > 0;) {
    const double value = 1.0 / (low[i].value + high[j - 1].value);
    if (std::abs(value - target) < least) {
      least = std::abs(value - target);
      best = low[i].mask | std::uint64_t{high[j - 1].mask} << split;
    }
    if (value > target) {
      ++i;
    } else {
      --j;
    }
  }
  return best;
}

std::uint64_t ladder_by_sorting(std::span<const double> resistances, double target) {
  const std::size_t n = resistances.size();
  const std::size_t split = n / 2 / 2 * 2;  // the outer part: pairs of a rung and a rail
  // What the ladder from `first` on is, given what is inside of `last`: even ones across, odd ones in line, with a
  // bypass each; nothing at all inside is a wire.
  const auto value = [&](std::size_t first, std::size_t last, std::uint64_t mask, double inside) {
    for (std::size_t k = last; k-- > first;) {
      const bool inserted = ((mask >> (k - first)) & 1U) != 0;
      if (k % 2 == 1) {
        inside += inserted ? resistances[k] : 0.0;
      } else if (inserted) {
        inside = 1.0 / (1.0 / inside + 1.0 / resistances[k]);
      }
    }
    return inside;
  };
  std::vector<Sum> inner;
  for (std::uint32_t mask = 0; mask >> (n - split) == 0; ++mask) inner.push_back({value(split, n, mask, 0.0), mask});
  sort(inner);
  double least = infinite;
  std::uint64_t best = 0;
  for (std::uint64_t mask = 0; mask >> split == 0; ++mask) {
    double wanted = target;  // of the inside
    for (std::size_t k = 0; k < split; ++k) {
      if (((mask >> k) & 1U) == 0) continue;
      wanted = k % 2 == 1 ? std::max(0.0, wanted - resistances[k])
                          : 1.0 / std::max(0.0, 1.0 / wanted - 1.0 / resistances[k]);
    }
    const auto above = std::lower_bound(inner.begin(), inner.end(), wanted,
                                        [](const Sum& sum, double bound) { return sum.value < bound; });
    for (auto near = above == inner.begin() ? above : above - 1; near != inner.end() && near <= above; ++near) {
      const double error = std::abs(value(0, split, mask, near->value) - target);
      if (!(error < least)) continue;
      least = error;
      best = mask | std::uint64_t{near->mask} << split;
    }
  }
  return best;
}

double by_restarts(const Question& question, double eps) {
  std::mt19937_64 random(1);
  const std::size_t n = question.items.size();
  std::vector<bool> in(n);
  while (true) {
    double error = -question.target;
    for (std::size_t k = 0; k < n; ++k) {
      in[k] = random() % 2 == 0;
      error += in[k] ? question.items[k] : 0.0;
    }
    const auto moved = [&](std::size_t k) { return in[k] ? -question.items[k] : question.items[k]; };
    for (bool better = true; better;) {
      double least = std::abs(error);
      std::size_t first = n;
      std::size_t second = n;
      for (std::size_t a = 0; a < n; ++a) {
        const double one = error + moved(a);
        if (std::abs(one) < least) {
          least = std::abs(one);
          first = a;
          second = n;
        }
        for (std::size_t b = a + 1; b < n; ++b) {
          const double two = one + moved(b);
          if (std::abs(two) >= least) continue;
          least = std::abs(two);
          first = a;
          second = b;
        }
      }
      better = first < n;
      for (const std::size_t k : {first, second}) {
        if (k == n) continue;
        error += moved(k);
        in[k] = !in[k];
      }
    }
    if (std::abs(error) <= eps) return error;
  }
}

double combine_by_brute_force(std::span<const double> resistances, double target) {
  double least = infinite;
  for (const double r : resistances) least = std::min(least, std::abs(r - target));
  for (std::size_t a = 0; a < resistances.size(); ++a) {
    for (std::size_t b = a; b < resistances.size(); ++b) {
      const double series = resistances[a] + resistances[b];
      const double parallel = resistances[a] * resistances[b] / series;
      least = std::min({least, std::abs(series - target), std::abs(parallel - target)});
      for (const double c : resistances) {
        least =
            std::min({least, std::abs(series + c - target), std::abs(parallel + c - target),
                      std::abs(series * c / (series + c) - target), std::abs(parallel * c / (parallel + c) - target)});
      }
    }
  }
  return least;
}

}  // namespace ohmset::bench
