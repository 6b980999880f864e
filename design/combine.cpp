// SPDX-License-Identifier: Apache-2.0
#include "design/combine.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <numeric>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "design/combine/circuit.h"
#include "design/combine/lists.h"
#include "design/combine/ranking.h"
#include "design/combine/search.h"

namespace ohmset {
namespace {

using drawer::Lists;
using drawer::Ranked;
using drawer::Ranking;
using drawer::Shelf;

// Different values that are all tried in circuits of so many parts (index): the lists' memory and the search's time,
// which grow like their square or, for five parts, their cube.
constexpr std::array<std::size_t, 6> most_values = {0, any_number, any_number, 8000, 3500, 1400};

// The stock in ascending order, equal values together.
struct Sorted {
  Shelf shelf{};
  std::vector<std::vector<std::size_t>> origins{};  // indices into the stock
};

Sorted sorted_stock(std::span<const StockValue> stock) {
  std::vector<std::size_t> order(stock.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return stock[a].resistance < stock[b].resistance; });
  Sorted sorted;
  for (const std::size_t k : order) {
    const auto [resistance, quantity] = stock[k];
    if (quantity == 0) continue;
    Shelf& shelf = sorted.shelf;
    if (shelf.ohms.empty() || shelf.ohms.back() != resistance.value) {
      shelf.ohms.push_back(resistance.value);
      shelf.quantities.push_back(0);
      sorted.origins.emplace_back();
    }
    std::size_t& have = shelf.quantities.back();
    have = quantity > any_number - have ? any_number : have + quantity;
    sorted.origins.back().push_back(k);
  }
  return sorted;
}

// `parts` parts in series or parallel, the largest or smallest there are: the ends of what is attainable.
double extreme(const Shelf& shelf, std::size_t parts, bool most) {
  double sum = 0.0;
  std::size_t left = parts;
  for (std::size_t k = 0; k < shelf.ohms.size() && left > 0; ++k) {
    const std::size_t at = most ? shelf.ohms.size() - 1 - k : k;
    const std::size_t taken = std::min(left, shelf.quantities[at]);
    sum += static_cast<double>(taken) * (most ? shelf.ohms[at] : 1.0 / shelf.ohms[at]);
    left -= taken;
  }
  return most ? sum : 1.0 / sum;
}

// The values nearest to the target as a ratio, ascending.
std::vector<std::size_t> nearest_values(const Shelf& shelf, double target, std::size_t most) {
  const auto distance = [&](std::size_t k) { return std::abs(std::log(shelf.ohms[k] / target)); };
  std::size_t begin = 0;
  std::size_t end = shelf.ohms.size();
  while (end - begin > most) {
    if (distance(begin) > distance(end - 1)) {
      ++begin;
    } else {
      --end;
    }
  }
  std::vector<std::size_t> values(end - begin);
  std::iota(values.begin(), values.end(), begin);
  return values;
}

// The values that can matter. A target beyond everything attainable is approached by growing (or shrinking) the
// circuit, which every growing part does: a circuit with a part outside the best + parts - 1 largest values has at
// least `best` better ones, with that part replaced by one of those that it does not use.
std::vector<std::size_t> values_of_use(const Shelf& shelf, double target, const CombineOptions& options,
                                       const CombineResult& range) {
  std::vector<std::size_t> values(shelf.ohms.size());
  std::iota(values.begin(), values.end(), std::size_t{0});
  const std::size_t enough = options.best + options.parts - 1;
  if (values.size() <= enough) return values;
  const auto count = static_cast<std::ptrdiff_t>(enough);
  if (target > range.most * (1.0 + 1e-12)) values.erase(values.begin(), values.end() - count);
  if (target < range.least * (1.0 - 1e-12)) values.erase(values.begin() + count, values.end());
  return values;
}

void fill(Ranking& ranking, const Shelf& shelf, double target, const CombineOptions& options, CombineResult& result) {
  const std::vector<std::size_t> useful = values_of_use(shelf, target, options, result);
  for (std::size_t parts = 1; parts <= options.parts && !ranking.settled(); ++parts) {
    const bool all = useful.size() <= most_values[parts];
    result.exact = result.exact && all;
    Lists lists(shelf, all ? useful : nearest_values(shelf, target, most_values[parts]));
    if (parts > 3) lists.add_pairs();
    search(lists, target, parts, ranking);
  }
}

// "4.7k": the shortest digits that read back to the same value, with a suffix.
std::string part_text(double ohm) {
  static constexpr std::array<std::string_view, 9> suffixes = {"p", "n", "u", "m", "", "k", "meg", "g", "t"};
  std::array<char, 32> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), ohm, std::chars_format::scientific).ptr;
  std::string digits(buffer.data(), end);
  const std::size_t at = digits.find('e');
  const int exponent = std::stoi(digits.substr(at + 1));
  digits.erase(at);
  std::erase(digits, '.');
  const int prefix = std::clamp((exponent + 12) / 3, 0, 8);
  const auto whole = static_cast<std::size_t>(exponent + 12 - 3 * prefix + 1);
  if (digits.size() < whole) digits.append(whole - digits.size(), '0');
  if (digits.size() > whole) digits.insert(digits.begin() + static_cast<std::ptrdiff_t>(whole), '.');
  return digits.append(suffixes[static_cast<std::size_t>(prefix)]);
}

std::string expression_of(const Wiring& circuit, std::span<const StockValue> stock) {
  if (circuit.join == Join::part) return part_text(stock[circuit.part].resistance.value);
  std::string text;
  for (const Wiring& member : circuit.members) {
    if (!text.empty()) text += circuit.join == Join::series ? " + " : " || ";
    const std::string inner = expression_of(member, stock);
    text += member.join == Join::part ? inner : "(" + inner + ")";
  }
  return text;
}

// The physical part behind every part: of equal ones each is taken as often as there are.
void name_parts(Wiring& circuit, const Sorted& sorted, std::span<const StockValue> stock,
                std::vector<std::size_t>& taken) {
  for (Wiring& member : circuit.members) name_parts(member, sorted, stock, taken);
  if (circuit.join != Join::part) return;
  std::size_t before = static_cast<std::size_t>(std::count(taken.begin(), taken.end(), circuit.part));
  taken.push_back(circuit.part);
  for (const std::size_t origin : sorted.origins[circuit.part]) {
    if (before < stock[origin].quantity) {
      circuit.part = origin;
      return;
    }
    before -= stock[origin].quantity;
  }
}

Combination combination_of(const Ranked& ranked, const Ranking& ranking, const Sorted& sorted,
                           std::span<const StockValue> stock) {
  const drawer::Fraction value = ranking.decimals().value(ranked.circuit);
  Combination result{.circuit = ranked.circuit,
                     .value = ranking.decimals().ohms(value),
                     .relative_error = ranking.decimals().relative(ranking.decimals().difference(value))};
  std::vector<std::size_t> taken;
  name_parts(result.circuit, sorted, stock, taken);
  result.expression = expression_of(result.circuit, stock);
  result.parts = drawer::parts_of(result.circuit);
  return result;
}

void check(std::span<const StockValue> stock, Ohm target, const CombineOptions& options) {
  const auto fits = [](Ohm r) { return r.value >= least_stock_ohm && r.value <= most_stock_ohm; };
  if (!fits(target)) throw std::invalid_argument("combine: the target is out of range");
  if (!std::all_of(stock.begin(), stock.end(), [&](const StockValue& s) { return fits(s.resistance); })) {
    throw std::invalid_argument("combine: a stock value is out of range");
  }
  if (std::all_of(stock.begin(), stock.end(), [](const StockValue& s) { return s.quantity == 0; })) {
    throw std::invalid_argument("combine: the stock is empty");
  }
  if (options.parts < 1 || options.parts > most_combined_parts) {
    throw std::invalid_argument("combine: expected 1 to 5 parts");
  }
  if (options.best < 1 || options.best > most_combinations) {
    throw std::invalid_argument("combine: expected 1 to 100 combinations");
  }
}

void append_shares(const Wiring& circuit, std::span<const double> ohms, double share, std::vector<double>& shares) {
  if (circuit.join == Join::part) {
    shares.push_back(share);
    return;
  }
  std::vector<double> weights;
  for (const Wiring& member : circuit.members) {
    const double value = drawer::value_of(member, ohms);
    weights.push_back(circuit.join == Join::series ? value : 1.0 / value);
  }
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  for (std::size_t k = 0; k < weights.size(); ++k) {
    append_shares(circuit.members[k], ohms, share * (weights[k] / sum), shares);
  }
}

}  // namespace

CombineResult combine(std::span<const StockValue> stock, Ohm target, const CombineOptions& options) {
  check(stock, target, options);
  const Sorted sorted = sorted_stock(stock);
  CombineResult result{.least = extreme(sorted.shelf, options.parts, false),
                       .most = extreme(sorted.shelf, options.parts, true)};
  Ranking ranking(sorted.shelf, target.value, options.best);
  fill(ranking, sorted.shelf, target.value, options, result);
  for (const Ranked& ranked : ranking.ranked()) {
    result.combinations.push_back(combination_of(ranked, ranking, sorted, stock));
  }
  return result;
}

std::vector<double> power_shares(const Wiring& circuit, std::span<const StockValue> stock) {
  std::vector<double> ohms;
  for (const StockValue& value : stock) ohms.push_back(value.resistance.value);
  std::vector<double> shares;
  append_shares(circuit, ohms, 1.0, shares);
  return shares;
}

Deviation deviation(std::span<const double> shares, double tolerance) {
  double squares = 0.0;
  for (const double share : shares) squares += share * share;
  return {.worst_case = tolerance, .root_sum_square = tolerance * std::sqrt(squares)};
}

}  // namespace ohmset
