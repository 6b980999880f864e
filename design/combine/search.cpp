// SPDX-License-Identifier: Apache-2.0
#include "design/combine/search.h"

#include <tbb/parallel_for.h>
#include <tbb/parallel_sort.h>

#include <cmath>
#include <stdexcept>
#include <utility>

namespace ohmset::drawer {
namespace {

constexpr std::size_t block = 64;  // choices of a part between two looks at whether the bound has fallen much

// Circuits whose outermost group adds up in one unit. Those of the other kind are the same in the other unit, so every
// method below is written once: `own` is the unit of the outermost group, `other` that of the groups within.
class Sums {
 public:
  Sums(const Lists& lists, double target, Ranking& ranking, int own)
      : lists_(lists),
        ranking_(ranking),
        target_(target),
        own_(own),
        other_(1 - own),
        outer_(lists.unit(own_)),
        inner_(lists.unit(other_)) {}

  void two() const;
  void three() const;
  void four() const;
  void five() const;

 private:
  [[nodiscard]] Join sum() const { return own_ == 0 ? Join::series : Join::parallel; }
  [[nodiscard]] Join inner_sum() const { return own_ == 0 ? Join::parallel : Join::series; }
  [[nodiscard]] Wiring part(std::size_t k) const { return lists_.part(own_, k); }
  [[nodiscard]] Wiring pair(std::size_t k) const { return lists_.pair(own_, k); }
  [[nodiscard]] Wiring inner_part(std::size_t k) const { return lists_.part(other_, k); }
  [[nodiscard]] Wiring inner_pair(std::size_t k) const { return lists_.pair(other_, k); }

  // The whole circuit, in its own unit, that is of use now.
  [[nodiscard]] Window wanted() const {
    const double reach = ranking_.bound();
    const double slack = std::isfinite(reach) ? rounding * (target_ + reach) : 0.0;
    const Window ohms{target_ - reach - slack, target_, target_ + reach + slack};
    return own_ == 0 ? ohms : inverted(ohms);
  }
  // Whether a circuit of this value, in its own unit, is of use now.
  [[nodiscard]] bool useful(double value) const {
    return std::abs((own_ == 0 ? value : 1.0 / value) - target_) <= ranking_.bound();
  }

  // How many of the pairs can be the smaller of two that add up to what the window wants.
  [[nodiscard]] static std::size_t smaller_pairs(const Unit& unit, const Window& window) {
    const auto half = std::upper_bound(unit.pairs.begin(), unit.pairs.end(), 0.5 * window.high);
    return static_cast<std::size_t>(half - unit.pairs.begin());
  }
  // choose(k) for every k < count, in parallel, with windows that are made anew when the bound has fallen to half.
  template <class Make, class Choose>
  void in_blocks(std::size_t count, const Make& make, const Choose& choose) const {
    double made_for = -1.0;
    for (std::size_t begin = 0; begin < count; begin += block) {
      const double bound = ranking_.bound();
      if (begin == 0 || bound < 0.5 * made_for) {
        make();
        made_for = bound;
      }
      tbb::parallel_for(begin, std::min(begin + block, count), choose);
    }
  }

  void pair_part_pair() const;
  void pair_and_inner_three() const;
  void part_and_inner_pairs() const;
  void part_and_inner_part_and_three() const;

  const Lists& lists_;
  Ranking& ranking_;
  double target_;
  int own_;
  int other_;
  const Unit& outer_;
  const Unit& inner_;
};

Windows points_of(std::span<const double> values) { return {values, values, values, values}; }

Window minus(double value) { return {-value, -value, -value}; }

// Windows that stay while a part is chosen, ascending, each with what it stands beside.
class WindowList {
 public:
  void reserve(std::size_t count) {
    for (auto* values : {&low_, &mid_, &high_, &reach_}) values->reserve(count);
  }
  void add(const Window& window) {
    low_.push_back(window.low);
    mid_.push_back(window.mid);
    high_.push_back(window.high);
    reach_.push_back(reach_.empty() ? window.high : std::max(reach_.back(), window.high));
  }
  [[nodiscard]] Windows windows() const { return {low_, mid_, high_, reach_}; }

 private:
  std::vector<double> low_{};
  std::vector<double> mid_{};
  std::vector<double> high_{};
  std::vector<double> reach_{};
};

// a + b
void Sums::two() const {
  const std::size_t count = outer_.parts.size();
  tbb::parallel_for(std::size_t{0}, count, [&](std::size_t a) {
    scan(outer_.parts, beside(wanted(), outer_.parts[a]), [&](std::size_t b) {
      if (!useful(outer_.parts[a] + outer_.parts[b])) return false;
      if (a <= b) ranking_.offer(joined(sum(), {part(a), part(b)}));
      return true;
    });
  });
}

// a + b + c, and a + (b || c)
void Sums::three() const {
  const std::size_t count = outer_.parts.size();
  tbb::parallel_for(std::size_t{0}, count, [&](std::size_t a) {
    const double first = outer_.parts[a];
    sweep(points_of(outer_.no_parts), beside(wanted(), first), outer_.parts, [&](std::size_t k, std::size_t c) {
      const std::size_t b = count - 1 - k;
      if (!useful(first + outer_.parts[b] + outer_.parts[c])) return false;
      if (a <= b && b <= c) ranking_.offer(joined(sum(), {part(a), part(b), part(c)}));
      return true;
    });
    const Window rest = inverted(beside(wanted(), first));
    sweep(points_of(inner_.no_parts), rest, inner_.parts, [&](std::size_t k, std::size_t c) {
      const std::size_t b = count - 1 - k;
      if (!useful(first + 1.0 / (inner_.parts[b] + inner_.parts[c]))) return false;
      if (b <= c) ranking_.offer(joined(sum(), {part(a), joined(inner_sum(), {inner_part(b), inner_part(c)})}));
      return true;
    });
  });
}

// Outermost groups of four parts are two pairs (of either kind), or a part beside a group of three.
void Sums::four() const {
  const std::size_t pairs = outer_.pairs.size();
  sweep(points_of(outer_.no_pairs), wanted(), outer_.pairs, [&](std::size_t k, std::size_t d) {
    const std::size_t c = pairs - 1 - k;
    if (!useful(outer_.pairs[c] + outer_.pairs[d])) return false;
    if (c <= d) ranking_.offer(joined(sum(), {pair(c), pair(d)}));
    return true;
  });
  tbb::parallel_for(std::size_t{0}, outer_.parts.size(), [&](std::size_t a) {
    for (std::size_t b = 0; b < inner_.parts.size(); ++b) {
      const Window rest = inverted(beside(wanted(), outer_.parts[a]));
      scan(inner_.pairs, beside(rest, inner_.parts[b]), [&](std::size_t c) {
        if (!useful(outer_.parts[a] + 1.0 / (inner_.parts[b] + inner_.pairs[c]))) return false;
        ranking_.offer(joined(sum(), {part(a), joined(inner_sum(), {inner_part(b), inner_pair(c)})}));
        return true;
      });
    }
  });
}

// Outermost groups of five parts have members of 1+1+1+1+1, 1+1+1+2, 1+2+2 (a part and two pairs of either kind),
// 1+1+3, 2+3 (a pair of either kind and a group of three) or 1+4 parts; that group of four is two pairs or 1+3.
void Sums::five() const {
  pair_part_pair();
  pair_and_inner_three();
  part_and_inner_pairs();
  part_and_inner_part_and_three();
}

// (a a) + b + (c c)
void Sums::pair_part_pair() const {
  tbb::parallel_for(std::size_t{0}, outer_.parts.size(), [&](std::size_t b) {
    const double middle = outer_.parts[b];
    const Window rest = beside(wanted(), middle);
    const std::size_t smaller = smaller_pairs(outer_, rest);
    sweep(points_of(std::span(outer_.no_pairs).last(smaller)), rest, outer_.pairs, [&](std::size_t k, std::size_t c) {
      const std::size_t a = smaller - 1 - k;
      if (!useful(outer_.pairs[a] + middle + outer_.pairs[c])) return false;
      if (a <= c) ranking_.offer(joined(sum(), {pair(a), part(b), pair(c)}));
      return true;
    });
  });
}

// (a a) + (b || (c c))
void Sums::pair_and_inner_three() const {
  WindowList list;
  in_blocks(
      inner_.parts.size(),
      [&] {
        list = {};
        list.reserve(outer_.pairs.size());
        const Window whole = wanted();
        for (const double pair : outer_.pairs) {
          if (pair >= whole.high) break;
          list.add(inverted(beside(whole, pair)));
        }
      },
      [&](std::size_t b) {
        const double middle = inner_.parts[b];
        sweep(list.windows(), minus(middle), inner_.pairs, [&](std::size_t a, std::size_t c) {
          if (!useful(outer_.pairs[a] + 1.0 / (middle + inner_.pairs[c]))) return false;
          ranking_.offer(joined(sum(), {pair(a), joined(inner_sum(), {inner_part(b), inner_pair(c)})}));
          return true;
        });
      });
}

// a + ((b b) || (c c))
void Sums::part_and_inner_pairs() const {
  tbb::parallel_for(std::size_t{0}, outer_.parts.size(), [&](std::size_t a) {
    const double first = outer_.parts[a];
    const Window left = beside(wanted(), first);
    if (left.high <= 0.0) return;
    const Window rest = inverted(left);
    const std::size_t smaller = smaller_pairs(inner_, rest);
    sweep(points_of(std::span(inner_.no_pairs).last(smaller)), rest, inner_.pairs, [&](std::size_t k, std::size_t c) {
      const std::size_t b = smaller - 1 - k;
      if (!useful(first + 1.0 / (inner_.pairs[b] + inner_.pairs[c]))) return false;
      if (b <= c) ranking_.offer(joined(sum(), {part(a), joined(inner_sum(), {inner_pair(b), inner_pair(c)})}));
      return true;
    });
  });
}

// a + (b || (c + (d d)))
void Sums::part_and_inner_part_and_three() const {
  struct Beginning {
    Window window;
    std::uint32_t a;
    std::uint32_t b;
  };
  std::vector<Beginning> beginnings;
  WindowList list;
  in_blocks(
      outer_.parts.size(),
      [&] {
        beginnings.clear();
        const Window whole = wanted();
        for (std::size_t a = 0; a < outer_.parts.size() && outer_.parts[a] < whole.high; ++a) {
          const Window beside_first = inverted(beside(whole, outer_.parts[a]));
          for (std::size_t b = 0; b < inner_.parts.size() && inner_.parts[b] < beside_first.high; ++b) {
            const Window window = inverted(beside(beside_first, inner_.parts[b]));
            beginnings.push_back({window, static_cast<std::uint32_t>(a), static_cast<std::uint32_t>(b)});
          }
        }
        tbb::parallel_sort(beginnings.begin(), beginnings.end(),
                           [](const Beginning& x, const Beginning& y) { return x.window.low < y.window.low; });
        list = {};
        list.reserve(beginnings.size());
        for (const Beginning& beginning : beginnings) list.add(beginning.window);
      },
      [&](std::size_t c) {
        const double third = outer_.parts[c];
        sweep(list.windows(), minus(third), outer_.pairs, [&](std::size_t k, std::size_t d) {
          const auto [window, a, b] = beginnings[k];
          const double group = 1.0 / (inner_.parts[b] + 1.0 / (third + outer_.pairs[d]));
          if (!useful(outer_.parts[a] + group)) return false;
          const Wiring three = joined(sum(), {part(c), pair(d)});
          ranking_.offer(joined(sum(), {part(a), joined(inner_sum(), {inner_part(b), three})}));
          return true;
        });
      });
}

}  // namespace

void search(const Lists& lists, double target, std::size_t parts, Ranking& ranking) {
  if (parts < 1 || parts > most_combined_parts) throw std::invalid_argument("search: expected 1 to 5 parts");
  if (parts == 1) {
    const Unit& ohms = lists.unit(0);
    scan(ohms.parts, {0.0, target, std::numeric_limits<double>::infinity()}, [&](std::size_t k) {
      if (std::abs(ohms.parts[k] - target) > ranking.bound()) return false;
      ranking.offer(lists.part(0, k));
      return true;
    });
    return;
  }
  for (const int unit : {0, 1}) {
    const Sums sums(lists, target, ranking, unit);
    if (parts == 2) sums.two();
    if (parts == 3) sums.three();
    if (parts == 4) sums.four();
    if (parts == 5) sums.five();
  }
}

}  // namespace ohmset::drawer
