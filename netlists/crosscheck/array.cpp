// An array: recorded differences, the exported text, every bank alone, the array with its wires.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <numeric>
#include <stdexcept>

#include "netlists/crosscheck/bank_decks.h"
#include "netlists/crosscheck/simulate.h"
#include "netlists/crosscheck/text_check.h"
#include "netlists/crosscheck/wired.h"
#include "sim/error.h"

namespace ohmset {
namespace crosscheck {
namespace {

// Banks per deck: enough to pay for a deck's start, few enough for ngspice's elimination to stay fast.
constexpr std::size_t devices_per_deck = 16'000;
// Models inside of instances are what ngspice loads slowly.
constexpr std::size_t modelled_devices_per_deck = 1'600;

class ArrayCheck {
 public:
  ArrayCheck(const BankArray& array, const Wires& wires, const std::vector<double>& inputs,
             const CrosscheckOptions& options)
      : array_(array), wires_(wires), inputs_(inputs), options_(options), conductances_(conductances(array)) {
    if (inputs_.empty()) inputs_.assign(array.word_lines, 1.0);
    if (inputs_.size() != array.word_lines) throw std::invalid_argument("crosscheck_array: one input per word line");
  }

  CrosscheckReport run(const RecordedDifferences& recorded) {
    check_recorded(recorded);
    NetlistOptions written = options_.text ? options_of(*options_.text, options_.text_file) : options_.netlist;
    export_ = write_array(array_, wires_, inputs_, written);
    if (options_.text) check_text(*options_.text, options_.text_file, export_, findings_);
    text_ = options_.text ? &*options_.text : &export_.text;
    if (written.dialect != Dialect::ngspice) {
      written.dialect = Dialect::ngspice;
      export_ = write_array(array_, wires_, inputs_, written);
      text_ = &export_.text;
      findings_.say("ngspice: on the same circuit exported in its own dialect");
    }
    Ngspice ngspice(options_.ngspice);
    findings_.report.ngspice_version = ngspice.version();
    plan_banks(written);
    plan_ = plan_tiles(array_, options_);
    check_banks(ngspice);
    check_wired(ngspice, written);
    return findings_.finish();
  }

 private:
  void check_recorded(const RecordedDifferences& recorded) {
    const Matrix& achieved = recorded.achieved;
    const auto outputs = static_cast<std::size_t>(achieved.rows());
    if (outputs != recorded.plus.size() || outputs != recorded.minus.size() ||
        static_cast<std::size_t>(achieved.cols()) != array_.word_lines) {
      throw std::invalid_argument("crosscheck_array: recorded values do not fit the array");
    }
    const double tolerance = std::min(options_.tolerance, 1e-12);
    for (std::size_t o = 0; o < outputs; ++o) {
      const std::size_t plus = recorded.plus[o];
      const std::size_t minus = recorded.minus[o];
      if (plus >= array_.bit_lines || minus >= array_.bit_lines) {
        throw std::invalid_argument("crosscheck_array: a recorded bit line is outside the array");
      }
      for (std::size_t i = 0; i < array_.word_lines; ++i) {
        const double a = bank_conductance(i, plus);
        const double b = bank_conductance(i, minus);
        const double found = achieved(static_cast<Eigen::Index>(o), static_cast<Eigen::Index>(i));
        const double expected = a - b;
        const bool same = found == expected || (std::isnan(found) && std::isnan(expected));
        const double scale = std::max({std::abs(a), std::abs(b), std::abs(found)});
        double difference = same ? 0.0 : std::abs(found - expected) / scale;
        if (std::isnan(difference)) difference = infinity;
        const auto where = [&] {
          return fmt::format("{} - {} (output {}, input {})", bank_name(i, plus), bank_name(i, minus), o, i);
        };
        findings_.compare(where, "conductance difference recorded / recomputed", expected, found, difference,
                          tolerance);
      }
    }
    findings_.say(
        fmt::format("recorded differences: {}, recomputed from the devices and switches, relative to the larger bank, "
                    "to 1e-12",
                    counted(static_cast<std::size_t>(achieved.size()))));
  }

  [[nodiscard]] double bank_conductance(std::size_t word, std::size_t bit) const {
    return conductances_(static_cast<Eigen::Index>(word), static_cast<Eigen::Index>(bit));
  }

  // Which banks are run alone, and in how many decks.
  void plan_banks(const NetlistOptions& written) {
    const std::size_t total = array_.switches.size();
    const std::size_t asked = std::clamp<std::size_t>(options_.cells.value_or(total), 1, total);
    std::size_t shorted = 0;
    for (std::size_t k = 0; k < asked; ++k) {
      const std::size_t cell = spread(k, asked, total);
      if (std::isfinite(bank_conductance(cell / array_.bit_lines, cell % array_.bit_lines))) {
        chosen_.push_back(cell);
      } else {
        ++shorted;
      }
    }
    const bool modelled = written.switches == SwitchModel::sw && (!array_.switch_on.empty() || written.flat);
    const std::size_t devices = modelled ? modelled_devices_per_deck : devices_per_deck;
    banks_per_deck_ = std::max<std::size_t>(1, devices / std::max<std::size_t>(1, array_.devices()));
    bank_decks_ = (chosen_.size() + banks_per_deck_ - 1) / banks_per_deck_;
    std::string sentence = fmt::format(
        "banks alone: {} of {}, each with 1 V across it in ngspice, from the exported text's own lines, against the "
        "closed form, relative to the bank's conductance",
        counted(chosen_.size()), counted(total));
    if (shorted > 0) sentence += fmt::format("; {} shorted left out", counted(shorted));
    findings_.say(std::move(sentence));
  }

  void check_banks(Ngspice& ngspice) {
    const BankLines lines = bank_lines(*text_, array_.word_lines, array_.bit_lines);
    const auto cells_of = [&](std::size_t deck) {
      const std::size_t first = deck * banks_per_deck_;
      return std::span(chosen_).subspan(first, std::min(banks_per_deck_, chosen_.size() - first));
    };
    ngspice.operating_points(
        bank_decks_, [&](std::size_t deck) { return bank_deck(lines, export_.banks, cells_of(deck)); },
        [&](std::size_t deck, const NgspiceResult& result) {
          compare_banks(cells_of(deck), result);
          advance();
        });
  }

  void compare_banks(std::span<const std::size_t> cells, const NgspiceResult& result) {
    const auto place = [&](std::size_t cell) { return bank_name(cell / array_.bit_lines, cell % array_.bit_lines); };
    if (!result.ok) {
      findings_.fail(fmt::format("{} to {}", place(cells.front()), place(cells.back())), "ngspice: " + result.failure);
      return;
    }
    for (std::size_t k = 0; k < cells.size(); ++k) {
      const std::size_t word = cells[k] / array_.bit_lines;
      const std::size_t bit = cells[k] % array_.bit_lines;
      const std::optional<double> current = value_of(result, fmt::format("vs{}#branch", k));
      if (!current) {
        findings_.fail(place(cells[k]), "ngspice gives no current");
        continue;
      }
      const double ours = bank_conductance(word, bit);
      double difference = relative_difference(ours, *current);
      // Only banks that conduct next to nothing come near to ngspice's rounding.
      if (difference > options_.tolerance) {
        const double floor = rounding_floor * largest_conductance(array_.bank(word, bit));
        difference = difference_above(ours, *current, floor);
      }
      findings_.compare_simulators([&] { return place(cells[k]); }, "conductance closed form / ngspice", ours, *current,
                                   difference, options_.tolerance);
    }
  }

  void check_wired(Ngspice& ngspice, const NetlistOptions& written) {
    std::deque<WiredDeck> pending;
    std::size_t unsolvable = 0;
    const auto make = [&](std::size_t k) {
      const Tile& tile = plan_.tiles[k];
      const auto first = inputs_.begin() + static_cast<std::ptrdiff_t>(tile.word);
      const std::vector<double> inputs(first, first + static_cast<std::ptrdiff_t>(tile.word_lines));
      pending.push_back(plan_.whole ? wired_deck(array_, wires_, inputs, written)
                                    : wired_deck(cut(array_, tile), cut(wires_, tile), inputs, written));
      WiredDeck& deck = pending.back();
      std::string text = plan_.whole && deck.solvable ? *text_ : std::move(deck.text);
      deck.text.clear();
      return text;
    };
    const auto take = [&](std::size_t k, const NgspiceResult& result) {
      const WiredDeck deck = std::move(pending.front());
      pending.pop_front();
      if (deck.solvable) {
        compare_wired(deck, plan_.tiles[k], result, options_.tolerance, findings_);
      } else {
        ++unsolvable;
      }
      advance();
    };
    ngspice.operating_points(plan_.tiles.size(), make, take);
    say_wired(unsolvable);
  }

  void say_wired(std::size_t unsolvable) {
    const Tile& first = plan_.tiles.front();
    const std::string what =
        plan_.whole ? fmt::format("whole, {} x {} banks, the exported text", array_.word_lines, array_.bit_lines)
                    : fmt::format("{} of {} tiles of {} x {} banks, each exported as an array",
                                  counted(plan_.tiles.size()), counted(plan_.of), first.word_lines, first.bit_lines);
    std::string sentence = fmt::format(
        "array with its wires: {}, in ngspice against Kirchhoff's laws: all word and bit voltages, input and output "
        "currents, relative to the largest of each",
        what);
    if (unsolvable > 0) sentence += fmt::format("; {} left out, where shorted banks tie sources together", unsolvable);
    findings_.say(std::move(sentence));
  }

  void advance() {
    ++done_;
    if (options_.progress && !options_.progress(done_, bank_decks_ + plan_.tiles.size())) {
      throw world_error("interrupted");
    }
  }

  const BankArray& array_;
  const Wires& wires_;
  std::vector<double> inputs_;
  const CrosscheckOptions& options_;
  Matrix conductances_;
  Findings findings_{};
  Netlist export_{};
  const std::string* text_ = nullptr;
  std::vector<std::size_t> chosen_{};
  std::size_t banks_per_deck_ = 1;
  std::size_t bank_decks_ = 0;
  TilePlan plan_{};
  std::size_t done_ = 0;
};

}  // namespace
}  // namespace crosscheck

CrosscheckReport crosscheck_array(const BankArray& array, const Wires& wires, const RecordedDifferences& recorded,
                                  const std::vector<double>& inputs, const CrosscheckOptions& options) {
  array.check();
  return crosscheck::ArrayCheck(array, wires, inputs, options).run(recorded);
}

}  // namespace ohmset
