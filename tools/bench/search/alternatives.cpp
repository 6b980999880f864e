// SPDX-License-Identifier: Apache-2.0
#include "tools/bench/search/alternatives.h"

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
  for (std::uint32_t i = 0; i < high.low.size(); ++i) {
    falling.push({high.low[i].value + high.high[last].value, i, last});
  }
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

namespace {

// What a ladder is from the first of these resistances on, given what follows the last: even ones across, odd ones in
// line, with a bypass each.
double ladder(std::span<const double> resistances, std::uint64_t mask, double inside) {
  for (std::size_t k = resistances.size(); k-- > 0;) {
    const bool inserted = ((mask >> k) & 1U) != 0;
    if (k % 2 == 1) {
      inside += inserted ? resistances[k] : 0.0;
    } else if (inserted) {
      inside = 1.0 / (1.0 / inside + 1.0 / resistances[k]);
    }
  }
  return inside;
}

// What has to follow the last for the ladder to be this.
double wanted_inside(std::span<const double> resistances, std::uint64_t mask, double value) {
  for (std::size_t k = 0; k < resistances.size(); ++k) {
    if (((mask >> k) & 1U) == 0) continue;
    const double r = resistances[k];
    value = k % 2 == 1 ? std::max(0.0, value - r) : 1.0 / std::max(0.0, 1.0 / value - 1.0 / r);
  }
  return value;
}

}  // namespace

std::uint64_t ladder_by_sorting(std::span<const double> resistances, double target) {
  const std::size_t split = resistances.size() / 2 / 2 * 2;  // pairs of one across and one in line
  const std::span<const double> outer = resistances.first(split);
  const std::span<const double> rest = resistances.subspan(split);
  std::vector<Sum> inner;
  for (std::uint32_t mask = 0; mask >> rest.size() == 0; ++mask) inner.push_back({ladder(rest, mask, 0.0), mask});
  sort(inner);
  double least = infinite;
  std::uint64_t best = 0;
  for (std::uint64_t mask = 0; mask >> split == 0; ++mask) {
    const auto above = std::lower_bound(inner.begin(), inner.end(), wanted_inside(outer, mask, target),
                                        [](const Sum& sum, double bound) { return sum.value < bound; });
    for (auto near = above == inner.begin() ? above : above - 1; near != inner.end() && near <= above; ++near) {
      const double error = std::abs(ladder(outer, mask, near->value) - target);
      if (!(error < least)) continue;
      least = error;
      best = mask | std::uint64_t{near->mask} << split;
    }
  }
  return best;
}

namespace {

// A subset whose items may be put in and taken out.
class Tried {
 public:
  Tried(const Question& question, std::mt19937_64& random)
      : items_(question.items), in_(items_.size()), error_(-question.target) {
    for (std::size_t k = 0; k < items_.size(); ++k) {
      in_[k] = random() % 2 == 0;
      error_ += in_[k] ? items_[k] : 0.0;
    }
  }
  [[nodiscard]] double error() const { return error_; }

  // The best move of one item or two; false when none helps.
  bool improve() {
    const std::size_t none = items_.size();
    std::size_t first = none;
    std::size_t second = none;
    double least = std::abs(error_);
    for (std::size_t a = 0; a < none; ++a) {
      const double one = error_ + moved(a);
      if (std::abs(one) < least) {
        least = std::abs(one);
        first = a;
        second = none;
      }
      for (std::size_t b = a + 1; b < none; ++b) {
        if (std::abs(one + moved(b)) >= least) continue;
        least = std::abs(one + moved(b));
        first = a;
        second = b;
      }
    }
    move(first);
    move(second);
    return first != none;
  }

 private:
  [[nodiscard]] double moved(std::size_t k) const { return in_[k] ? -items_[k] : items_[k]; }
  void move(std::size_t k) {
    if (k == items_.size()) return;
    error_ += moved(k);
    in_[k] = !in_[k];
  }

  std::span<const double> items_;
  std::vector<bool> in_;
  double error_;
};

}  // namespace

double by_restarts(const Question& question, double eps) {
  std::mt19937_64 random(1);
  while (true) {
    Tried tried(question, random);
    while (tried.improve()) {
    }
    if (std::abs(tried.error()) <= eps) return tried.error();
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
