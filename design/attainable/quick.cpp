// SPDX-License-Identifier: Apache-2.0
#include "design/attainable/quick.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>

#include "design/attainable/near_rows.h"

namespace ohmset::attainable {
namespace {

constexpr std::size_t most_wanted = std::size_t{1} << 18;  // wanted sums made at a time
constexpr std::size_t probes = 256;
constexpr std::size_t most_probed = 256;  // inner members beside each
constexpr double slack = 1.0 - 1e-12;     // for the rounding of bounds

// How much work an answer is worth before it is left to the careful search, in values passed by.
constexpr std::size_t evaluation = 16;
enum class Met { near, beyond };
std::size_t patience_for(std::size_t wanted) { return (std::size_t{1} << 18) + 512 * wanted; }

class QuickSearch {
 public:
  QuickSearch(const QuickLists& lists, const Bank& bank, double target, const AttainableOptions& options,
              std::size_t wanted)
      : lists_(lists),
        levels_(lists.levels),
        inner_(lists.inner.data(), lists.inner.size()),
        bank_(bank),
        options_(options),
        target_(target),
        wanted_(wanted),
        at_least_(options.at_least.value_or(0)),
        at_most_(options.at_most.value_or(bank.devices.size())),
        limited_(at_least_ > 0 || at_most_ < bank.devices.size()),
        patience_(patience_for(wanted)) {
    if (options.within) worst_ = *options.within;
    const bool turned = lists.siemens != options.siemens;
    aim_ = turned ? Wanted{.value = 1.0 / target, .slope = target * target} : Wanted{.value = target};
    rising_.push_back(!turned);
    for (const PathLevel& level : levels_) rising_.push_back(rising_.back() != level.turns);
    limit_ = wanted_;
    limits_ = limits(levels_.size());
  }

  std::optional<std::vector<Candidate>> run() {
    if (!std::isfinite(aim_.value) || !(aim_.slope < steepest)) return std::nullopt;
    probe();
    std::size_t rest = 1;
    for (std::size_t k = 1; k < levels_.size(); ++k) rest *= levels_[k].outer.size();
    const std::size_t part = std::max<std::size_t>(1, most_wanted / rest);
    const std::size_t size = levels_.front().outer.size();
    for (std::size_t begin = 0; begin < size && patient(); begin += part) {
      search_part({levels_.front().outer.data() + begin, std::min(part, size - begin)});
    }
    if (!patient()) return std::nullopt;
    shrink();
    std::sort(pool_.begin(), pool_.end(), before);
    return std::move(pool_);
  }

 private:
  [[nodiscard]] bool patient() const { return spent_ <= patience_; }
  void give_up() { spent_ = patience_ + 1; }

  // ---------------------------------------------------------------- how far from the target is near enough
  [[nodiscard]] double reach() const { return worst_ + rounding * (target_ + worst_); }
  // For sums of a level; those of the inner members come after the last one.
  [[nodiscard]] Limits limits(std::size_t level) const {
    const double doubt = rounding * target_;  // only the closed form can tell the side
    const double above = (options_.side == Side::below ? std::min(reach(), doubt) : reach()) / slack;
    const double below = (options_.side == Side::above ? std::min(reach(), doubt) : reach()) / slack;
    return rising_[level] ? Limits{.over = above, .under = below} : Limits{.over = below, .under = above};
  }

  // ---------------------------------------------------------------- the members beside the path
  // A first idea of how near the nearest ones are, from some of their choices.
  void probe() {
    std::size_t all = 1;
    for (const PathLevel& level : levels_) all *= level.outer.size();
    const std::size_t tried = std::min(all, probes);
    const std::size_t stride = std::max<std::size_t>(1, all / tried - 1);  // odd where all are a power of two
    for (std::size_t k = 0; k < tried && patient(); ++k) {
      std::size_t place = stride * k;
      Wanted wanted = aim_;
      Step reached = Step::wanted;
      for (std::size_t level = 0; level < levels_.size() && reached == Step::wanted; ++level) {
        const Column<Value>& outer = levels_[level].outer;
        reached = step(levels_[level], limits(level), outer[place % outer.size()], wanted);
        place /= outer.size();
      }
      if (reached != Step::wanted) continue;
      collect(wanted, static_cast<std::size_t>(first_not_below(wanted.value) - inner_.data()), most_probed);
    }
    forget();
  }
  // Keeps how near the pool's configurations are; all of them are met again.
  void forget() {
    shrink();
    pool_.clear();
    limit_ = wanted_;
  }

  // With some choices at the root.
  void search_part(std::span<const Value> roots) {
    if (levels_.size() == 1) {
      return by_items(roots, [&](std::span<const Value> rows) { scan_directly(rows); });
    }
    Column<Wanted> wanted(1);
    wanted[0] = aim_;
    for (std::size_t k = 0; k < levels_.size(); ++k) {
      const std::span<const Value> outer(levels_[k].outer.data(), levels_[k].outer.size());
      std::optional<Column<Wanted>> next = next_wanted(levels_[k], limits(k), k == 0 ? roots : outer, wanted);
      if (!next) return give_up();
      wanted = std::move(*next);
    }
    by_items(std::span<const Wanted>(wanted.data(), wanted.size()), [&](std::span<const Wanted> some) { scan(some); });
  }

  // Calls scan for all of them; where the number of inserted devices is limited, for those with each number of them in
  // turn, against the inner members that go with it.
  template <class T, class Scan>
  void by_items(std::span<const T> all, const Scan& scan) {
    if (!limited_) {
      if (!all.empty()) scan(all);
      return;
    }
    const auto items_of = [](const auto& entry) { return static_cast<std::size_t>(std::popcount(entry.mask)); };
    for (std::size_t items = 0; items <= std::min(at_most_, bank_.devices.size()) && patient(); ++items) {
      Column<T> some(all.size());
      some.shrink(0);
      for (const T& entry : all) {
        if (items_of(entry) == items) some.push_back(entry);
      }
      if (some.empty()) continue;
      const std::size_t least = at_least_ > items ? at_least_ - items : 0;
      Column<Value> inner(lists_.inner.size());
      inner.shrink(0);
      for (const Value& entry : lists_.inner) {
        if (items_of(entry) >= least && items_of(entry) <= at_most_ - items) inner.push_back(entry);
      }
      if (inner.empty()) continue;
      inner_ = {inner.data(), inner.size()};
      scan(std::span<const T>(some.data(), some.size()));
    }
  }

  // ---------------------------------------------------------------- the inner members
  // Both lists ascend: where a wanted sum stands among the inner ones, the next one does or behind it.
  void scan(std::span<const Wanted> all) {
    start_at(all.front());
    for (const Wanted& wanted : all) {
      static_cast<void>(meet(wanted));
      if (!patient()) return;
    }
  }
  // The same where only one sum is wanted of the root: what it wants of the inner members is the difference.
  void scan_directly(std::span<const Value> rows) {
    // Rows that want more than the inner members can give, or less than they must, beginning with the nearest ones.
    const auto too_low = [&](const Value& row) { return aim_.value - row.value > inner_.back().value; };
    const auto not_high = [&](const Value& row) { return aim_.value - row.value >= inner_.front().value; };
    const auto first = static_cast<std::size_t>(std::partition_point(rows.begin(), rows.end(), too_low) - rows.begin());
    const auto last = static_cast<std::size_t>(std::partition_point(rows.begin(), rows.end(), not_high) - rows.begin());
    if (worst_ == infinity && pool_.empty()) probe_rows(rows.subspan(first, last - first));
    for (std::size_t k = first; k > 0 && meet_row(rows[k - 1]) != Met::beyond;) --k;
    for (std::size_t k = last; k < rows.size() && meet_row(rows[k]) != Met::beyond; ++k) {
    }
    if (!patient() || first >= last) return;
    // Twice as near is near enough for least_change, where what is wanted is not as small as that itself.
    const double near = 2.0 * std::max(limits_.over, limits_.under) / aim_.slope;
    const auto not_small = [&](const Value& row) { return aim_.value - row.value >= near; };
    const auto small =
        static_cast<std::size_t>(std::partition_point(rows.begin() + static_cast<std::ptrdiff_t>(first),
                                                      rows.begin() + static_cast<std::ptrdiff_t>(last), not_small) -
                                 rows.begin());
    if (small < last) start_at(after(rows[last - 1]));
    for (std::size_t k = last; k > small && patient(); --k) static_cast<void>(meet(after(rows[k - 1])));
    const std::vector<Rows> ranges = rows_near(rows.subspan(first, small - first), inner_, aim_.value, near);
    for (std::size_t range = 0; range < ranges.size() && patient(); ++range) {
      const std::size_t next = range + 1 < ranges.size() ? ranges[range + 1].end : 0;
      start_at(after(rows[first + ranges[range].end - 1]));
      for (std::size_t k = ranges[range].end; k > next && patient(); --k) {
        const Met met = meet(after(rows[first + k - 1]));
        if (k <= ranges[range].begin && met == Met::beyond) break;
      }
    }
  }
  void probe_rows(std::span<const Value> rows) {
    const std::size_t stride = std::max<std::size_t>(1, rows.size() / probes);
    for (std::size_t k = 0; k < rows.size() && patient(); k += stride) {
      start_at(after(rows[k]));
      static_cast<void>(meet(after(rows[k])));
    }
    forget();
  }
  [[nodiscard]] Wanted after(const Value& row) const {
    Wanted wanted = aim_;
    static_cast<void>(step(levels_.front(), limits_, row, wanted));
    return wanted;
  }
  Met meet_row(const Value& row) {
    Wanted wanted = aim_;
    const Step kind = step(levels_.front(), limits_, row, wanted);
    if (kind == Step::unclear) give_up();
    if (kind != Step::wanted || !patient()) return Met::beyond;
    start_at(wanted);
    return meet(wanted);
  }
  void start_at(const Wanted& wanted) { at_ = first_not_below(wanted.value); }
  [[nodiscard]] const Value* first_not_below(double value) const {
    return std::lower_bound(inner_.data(), inner_.data() + inner_.size(), value,
                            [](const Value& entry, double wanted) { return entry.value < wanted; });
  }

  Met meet(const Wanted& wanted) {
    const Value* at = at_;
    const Value* const begin = inner_.data();
    const Value* const end = begin + inner_.size();
    while (at != end && at->value < wanted.value) ++at;
    at_ = at;
    const Limits limit = limits_.behind(wanted.least);
    // The bounds of least_change, without its quotient.
    const bool none_over =
        at == end || wanted.slope * (at->value - wanted.value) * wanted.value > (limit.over - wanted.least) * at->value;
    const bool none_under = at == begin || wanted.slope * (wanted.value - (at - 1)->value) > limit.under - wanted.least;
    if (none_over && none_under) return Met::beyond;
    collect(wanted, static_cast<std::size_t>(at - begin), inner_.size());
    return Met::near;
  }

  // Inner members near enough to what is wanted, the first of them not below it at `middle`; at most so many to
  // either side.
  void collect(const Wanted& wanted, std::size_t middle, std::size_t most) {
    const std::size_t end = inner_.size() - middle > most ? middle + most : inner_.size();
    const std::size_t begin = middle > most ? middle - most : 0;
    for (std::size_t k = middle; k < end && take(wanted, inner_[k], true);) ++k;
    for (std::size_t k = middle; k > begin && take(wanted, inner_[k - 1], false);) --k;
  }

  // False when it is too far, as are those beyond it.
  bool take(const Wanted& wanted, const Value& inner, bool over) {
    const Limits allowed = limits_.behind(wanted.least);
    const double limit = over ? allowed.over : allowed.under;
    if (wanted.least + least_change(wanted.slope, wanted.value, inner.value) > limit) return false;
    const std::uint64_t mask = wanted.mask | inner.mask;
    const auto items = static_cast<std::size_t>(std::popcount(mask));
    ++spent_;
    if (items >= at_least_ && items <= at_most_) {
      spent_ += evaluation;
      const double value = value_of(bank_, mask, options_);
      const double error = std::abs(value - target_);
      if (error > limit) return false;
      if (error <= worst_ && on_side(options_.side, value, target_)) push({.error = error, .mask = mask});
    }
    return patient();
  }

  void push(const Candidate& candidate) {
    pool_.push_back(candidate);
    if (pool_.size() >= limit_) shrink();
  }
  void shrink() {
    if (pool_.size() < wanted_) return;
    const auto last = pool_.begin() + static_cast<std::ptrdiff_t>(wanted_ - 1);
    std::nth_element(pool_.begin(), last, pool_.end(), before);
    worst_ = last->error;
    limits_ = limits(levels_.size());
    pool_.resize(wanted_);
    limit_ = wanted_ + std::max<std::size_t>(1, wanted_ / 2);
  }

  const QuickLists& lists_;
  const std::vector<PathLevel>& levels_;
  std::span<const Value> inner_;  // those that go with the others
  const Bank& bank_;
  const AttainableOptions& options_;
  double target_;
  std::size_t wanted_;
  std::size_t at_least_;
  std::size_t at_most_;
  bool limited_;
  std::size_t patience_;
  std::size_t spent_ = 0;
  Wanted aim_{};
  std::vector<bool> rising_{};  // the bank's value with the sums of each level
  std::vector<Candidate> pool_{};
  std::size_t limit_ = 1;
  double worst_ = infinity;    // no wanted configuration errs by more
  Limits limits_{};            // for inner sums
  const Value* at_ = nullptr;  // where the last wanted sum stands among the inner ones
};

}  // namespace

std::optional<std::vector<Candidate>> quick_search(const QuickLists& lists, const Bank& bank, double target,
                                                   const AttainableOptions& options, std::size_t wanted) {
  return QuickSearch(lists, bank, target, options, wanted).run();
}

}  // namespace ohmset::attainable
