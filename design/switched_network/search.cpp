// Depth first, one switch decided a level; bounds by Rayleigh's monotonicity on the conductances that are left.
// SPDX-License-Identifier: Apache-2.0
#include "design/switched_network/search.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <functional>
#include <set>
#include <utility>

#include "design/switched_network/walk.h"

namespace ohmset::switched {
namespace {

// Two values this near, relative, are one value computed twice.
constexpr double equal = 1e-14;
// Influences are computed anew while this many switches are undecided: below, the order that stands is good enough.
constexpr std::size_t ranked_from = 14;
// Above this many, at every eighth level only.
constexpr std::size_t ranked_to = 48;
// More free switches than this: the first hit within rounding ends the search, for there may be very many.
constexpr std::size_t enumerable = 22;
// What cannot be enumerated is also looked for by walks: between these parts of the time limit, a short one for the
// bounds' sake and a long one when no proof is in sight. Without a limit: one, after so many partial configurations and
// for so many steps.
struct Span {
  double from = 0.0;
  double to = 0.0;
};
constexpr std::array<Span, 2> walks{{{0.05, 0.1}, {0.5, 0.85}}};
constexpr std::uint64_t walks_after = 200'000;
constexpr std::uint64_t most_steps = 4'000;

enum class State : std::uint8_t { undecided, open, closed };

// What is left when some switches are decided.
struct Level {
  Mesh mesh{};
  std::vector<Contact> contacts{};  // undecided
  double at_high = 0.0;             // the value with all of them at their high conductance
  double at_low = 0.0;
};

class Search {
 public:
  Search(const Terminals& terminals, const Question& question, Solve solve)
      : terminals_(terminals),
        question_(question),
        pool_(question.target, question.wanted, question.within, std::move(solve)),
        states_(question.switches, State::undecided),
        enumerates_(terminals.contacts.size() <= enumerable),
        levels_(2 * terminals.contacts.size() + 2) {
    Level& root = levels_[0];
    if (!terminals.shorted) root.mesh.assign(terminals.mesh);
    root.contacts = terminals.contacts;
    closing_raises_ = std::all_of(root.contacts.begin(), root.contacts.end(),
                                  [](const Contact& contact) { return contact.high_is_closed; });
    root.at_high = terminals.shorted ? value_of(infinity) : value(root, true);
    root.at_low = terminals.shorted ? value_of(infinity) : value(root, false);
  }

  [[nodiscard]] Answer run() && {
    const auto [lowest, highest] = std::minmax(levels_[0].at_high, levels_[0].at_low);
    Answer answer{.lowest = lowest, .highest = highest};
    visit(0, levels_[0]);
    answer.candidates = std::move(pool_).ranked();
    answer.finished = !stopped_;
    answer.unvisited = unvisited_;
    answer.visited = visited_;
    answer.walked = walks_ > 0;
    return answer;
  }

 private:
  using Clock = std::chrono::steady_clock;

  [[nodiscard]] double value_of(double conductance) const {
    if (question_.siemens) return conductance;
    return conductance == 0.0 ? infinity : 1.0 / conductance;
  }
  [[nodiscard]] double value(const Level& level, bool high) {
    return value_of(level.mesh.between_ports(level.contacts, high, scratch_));
  }
  [[nodiscard]] double error(double value) const { return std::abs(value - question_.target); }

  // No configuration of this level is nearer to the target.
  [[nodiscard]] double distance(const Level& level) const {
    const auto [low, high] = std::minmax(level.at_high, level.at_low);
    if (question_.target < low) return low - question_.target;
    return question_.target > high ? question_.target - high : 0.0;
  }

  // Whether the switches left change nothing.
  [[nodiscard]] static bool is_flat(const Level& level) {
    if (level.at_high == level.at_low) return true;
    const auto [low, high] = std::minmax(level.at_high, level.at_low);
    return high != infinity && high - low <= equal * high;
  }

  [[nodiscard]] bool out_of_time() {
    if (!question_.time_limit) return false;
    // Reading the clock costs as much as a small level.
    if (levels_[0].contacts.size() < 32 && (visited_ & 63U) != 0) return false;
    return elapsed() > *question_.time_limit;
  }

  [[nodiscard]] double elapsed() const { return std::chrono::duration<double>(Clock::now() - begin_).count(); }

  void walk_when_due() {
    if (!question_.time_limit) {
      if (walks_ > 0 || visited_ < walks_after) return;
      std::uint64_t steps = 0;
      walk_while([&] { return steps++ < most_steps; });
    } else if (walks_ < walks.size() && elapsed() >= walks[walks_].from * *question_.time_limit) {
      walk_while([&, end = walks[walks_].to * *question_.time_limit] { return elapsed() < end; });
    }
  }

  void walk_while(const std::function<bool()>& goes_on) {
    const std::uint64_t seed = ++walks_;
    const auto [lowest, highest] = std::minmax(levels_[0].at_high, levels_[0].at_low);
    const double target = question_.siemens ? 1.0 / question_.target : question_.target;
    if (!(lowest <= question_.target && question_.target <= highest && target > 0.0 && target < infinity)) return;
    Configuration start(question_.switches);
    double least = infinity;
    for (const Candidate& candidate : pool_.candidates()) {
      known_.insert(candidate.closed);
      if (candidate.error >= least) continue;
      least = candidate.error;
      start = candidate.closed;
    }
    Highs highs;
    for (const Contact& contact : terminals_.contacts) {
      highs.push_back(start.inserted(contact.index) == contact.high_is_closed);
    }
    walk(terminals_, std::move(highs),
         {.resistance = target,
          .at_most = question_.at_most,
          .seed = seed,
          .goes_on = [&] { return !pool_.perfect() && goes_on(); },
          .reach = [&] { return question_.siemens ? pool_.reach() * target * target : pool_.reach(); },
          .offer = [&](const Highs& found, double conductance) { take_walked(found, value_of(conductance)); }});
  }

  void take_walked(const Highs& highs, double value) {
    if (error(value) > pool_.reach()) return;
    Configuration closed(question_.switches);
    for (std::size_t k = 0; k < highs.size(); ++k) {
      const Contact& contact = terminals_.contacts[k];
      closed.set(contact.index, highs[k] == contact.high_is_closed);
    }
    if (known_.insert(closed).second) pool_.push(error(value), std::move(closed));
  }

  void visit(std::size_t depth, Level& here) {
    if (distance(here) > pool_.reach() || closed_ > question_.at_most) return;
    if (!enumerates_ && (visited_ & 15U) == 0) walk_when_due();
    stopped_ = stopped_ || out_of_time() || (!enumerates_ && pool_.perfect());
    if (stopped_) {
      unvisited_ = std::min(unvisited_, distance(here));
      return;
    }
    ++visited_;
    if (is_flat(here)) {
      take(here.at_high);
    } else if (closing_raises_ && closed_ == question_.at_most) {
      for (const Contact& contact : here.contacts) states_[contact.index] = State::open;
      take(here.at_low);
      for (const Contact& contact : here.contacts) states_[contact.index] = State::undecided;
    } else if (here.contacts.size() == 1) {
      for (const bool high : {false, true}) {
        set(here.contacts[0], high);
        if (closed_ <= question_.at_most) take(high ? here.at_high : here.at_low);
        unset(here.contacts[0]);
      }
    } else {
      branch(depth, here);
    }
  }

  void branch(std::size_t depth, Level& here) {
    const std::size_t left = here.contacts.size();
    if (depth == 0 || (left >= ranked_from && (left <= ranked_to || depth % 8 == 0))) rank(here);
    const Contact contact = here.contacts[0];
    Level& low = levels_[2 * depth + 1];
    Level& high = levels_[2 * depth + 2];
    decide(here, contact.low, low);
    low.at_low = here.at_low;
    low.at_high = value(low, true);
    decide(here, contact.high, high);
    high.at_high = here.at_high;
    high.at_low = value(high, false);
    // The half in whose middle the target lies is the likelier one.
    const bool low_first = eccentricity(low) <= eccentricity(high);
    for (const bool is_high : {!low_first, low_first}) {
      set(contact, is_high);
      visit(depth + 1, is_high ? high : low);
      unset(contact);
    }
  }

  // The first contact decided: a terminal that no other contact touches is eliminated.
  static void decide(const Level& here, double conductance, Level& next) {
    next.mesh.assign(here.mesh);
    next.contacts.assign(here.contacts.begin() + 1, here.contacts.end());
    auto [p, q] = std::minmax({here.contacts[0].p, here.contacts[0].q});
    if (conductance == infinity) {
      if (q == 1) {  // the port is shorted, and nothing else matters
        next.mesh = Mesh(2);
        next.mesh.add(0, 1, infinity);
        next.contacts.clear();
        return;
      }
      next.mesh.merge(p, q);
      rename(next, q, p);
      rename(next, next.mesh.size(), q);
      std::erase_if(next.contacts, [](const Contact& contact) { return contact.p == contact.q; });
    } else {
      next.mesh.add(p, q, conductance);
      eliminate_if_free(next, q);
    }
    eliminate_if_free(next, p);
  }

  static void rename(Level& level, std::size_t from, std::size_t to) {
    if (from == to) return;
    for (Contact& contact : level.contacts) {
      if (contact.p == from) contact.p = to;
      if (contact.q == from) contact.q = to;
    }
  }

  static void eliminate_if_free(Level& level, std::size_t terminal) {
    if (terminal < 2) return;
    for (const Contact& contact : level.contacts) {
      if (contact.p == terminal || contact.q == terminal) return;
    }
    level.mesh.eliminate(terminal);
    rename(level, level.mesh.size(), terminal);
  }

  // 0 .. 1: values as far apart as a search for the target sees them.
  [[nodiscard]] double scaled(double value) const {
    if (value == infinity) return 1.0;
    const double middle = question_.target > 0.0 ? question_.target : scale_;
    return value / (value + middle);
  }
  [[nodiscard]] double width(double a, double b) const { return std::abs(scaled(a) - scaled(b)); }
  [[nodiscard]] double eccentricity(const Level& level) const {
    return std::abs(0.5 * (scaled(level.at_high) + scaled(level.at_low)) - scaled(question_.target));
  }

  // Contacts in the order of what deciding them takes off the bounds, the most first.
  void rank(Level& here) {
    if (here.at_low < infinity && here.at_low > 0.0) scale_ = here.at_low;
    std::vector<std::pair<double, Contact>> ranked;
    ranked.reserve(here.contacts.size());
    std::vector<Contact>& contacts = here.contacts;
    for (Contact& contact : contacts) {
      const Contact kept = contact;
      contact.low = kept.high;
      const double raised = value(here, false);
      contact.low = contact.high = kept.low;
      const double lowered = value(here, true);
      contact = kept;
      ranked.emplace_back(width(raised, here.at_low) + width(lowered, here.at_high), kept);
    }
    std::stable_sort(ranked.begin(), ranked.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    std::transform(ranked.begin(), ranked.end(), contacts.begin(), [](const auto& pair) { return pair.second; });
  }

  void set(const Contact& contact, bool high) {
    const bool closed = high == contact.high_is_closed;
    states_[contact.index] = closed ? State::closed : State::open;
    closed_ += closed ? 1 : 0;
  }
  void unset(const Contact& contact) {
    closed_ -= states_[contact.index] == State::closed ? 1 : 0;
    states_[contact.index] = State::undecided;
  }

  // The decided switches as they are; the others change nothing: the simplest of their states, as many as are wanted.
  void take(double value) {
    const double e = error(value);
    if (e > pool_.reach()) return;
    Configuration closed(question_.switches);
    std::vector<std::size_t> others;
    for (std::size_t k = 0; k < question_.switches; ++k) {
      if (states_[k] == State::closed) closed.set(k, true);
      if (states_[k] == State::undecided) others.push_back(k);
    }
    std::size_t taken = 0;
    for (std::size_t count = 0; count <= others.size() && closed_ + count <= question_.at_most; ++count) {
      std::vector<std::size_t> chosen(count);
      for (std::size_t k = 0; k < count; ++k) chosen[k] = k;
      do {
        Configuration one = closed;
        for (const std::size_t k : chosen) one.set(others[k], true);
        if (!known_.contains(one)) pool_.push(e, std::move(one));
        if (++taken == question_.wanted) return;
      } while (next_choice(chosen, others.size()));
    }
  }

  // The next choice of that many of `total` in the order of masks; false when there is none.
  static bool next_choice(std::vector<std::size_t>& chosen, std::size_t total) {
    for (std::size_t k = 0; k < chosen.size(); ++k) {
      const std::size_t limit = k + 1 < chosen.size() ? chosen[k + 1] : total;
      if (chosen[k] + 1 < limit) {
        ++chosen[k];
        for (std::size_t j = 0; j < k; ++j) chosen[j] = j;
        return true;
      }
    }
    return false;
  }

  const Terminals& terminals_;
  Question question_;
  Pool pool_;
  std::vector<State> states_;
  bool enumerates_;
  bool closing_raises_ = true;  // for every switch: closing it raises the conductance
  std::vector<Level> levels_;   // the root, then two a depth
  Mesh scratch_{};
  std::size_t closed_ = 0;
  double scale_ = 1.0;
  bool stopped_ = false;
  std::size_t walks_ = 0;                                        // made
  std::set<Configuration, decltype(&simpler)> known_{&simpler};  // once a walk begins
  double unvisited_ = infinity;
  std::uint64_t visited_ = 0;
  Clock::time_point begin_ = Clock::now();
};

}  // namespace

Answer search(const Terminals& terminals, const Question& question, Solve solve) {
  return Search(terminals, question, std::move(solve)).run();
}

}  // namespace ohmset::switched
