// Instances expanded: every element under the path of the instances it is in.
// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <optional>

#include "netlists/spice_reader.h"
#include "netlists/spice_reader/definitions.h"
#include "netlists/spice_reader/expression.h"
#include "sim/error.h"

namespace ohmset {
namespace {

using spice::Definition;
using spice::Definitions;
using spice::Statement;
using spice::Value;

constexpr std::size_t most_elements = 20'000'000;
constexpr std::size_t deepest = 100;

// What names mean inside one instance.
struct Scope {
  const Definition* definition = nullptr;
  std::vector<double> parameters{};  // those known so far, in the definition's order
  std::string path{};                // "xa.xb." or ""
  std::vector<std::string> pins{};   // nodes outside, in the order of the definition's pins
  std::size_t depth = 0;
};

class Flattener {
 public:
  Flattener(const Definitions& definitions, const std::string& file) : definitions_(definitions), file_(file) {}

  void flatten(SpiceDeck& deck) {
    deck_ = &deck;
    Scope top{.definition = &definitions_.deck};
    enter(top, nullptr, nullptr);
    top_ = &top;
    deck.elements.reserve(definitions_.deck.lines.size());
    for (const spice::Line& line : definitions_.deck.lines) {
      line_ = line.number;
      try {
        place(top, spice::element_of(line.text, line.number, line.note));
      } catch (const Error&) {
        spice::rethrow_at(file_, line_);
      }
    }
  }

 private:
  [[nodiscard]] std::optional<double> look_up(const Scope& scope, std::string_view name) const {
    const auto own = scope.definition->parameter_of.find(name);
    if (own != scope.definition->parameter_of.end() && own->second < scope.parameters.size()) {
      return scope.parameters[own->second];
    }
    if (top_ == nullptr || top_ == &scope) return std::nullopt;
    return look_up(*top_, name);
  }

  [[nodiscard]] double resolve(const Scope& scope, const Value& value) const {
    if (value.expression.empty()) return value.number;
    if (const std::optional<double> known = look_up(scope, value.expression)) return *known;
    return spice::evaluate(value.expression, [&](std::string_view name) { return look_up(scope, name); });
  }

  // Parameters and models of a scope that has just been opened by `instance` of `caller` (none: the deck itself).
  void enter(Scope& scope, const Statement* instance, const Scope* caller) {
    const Definition& definition = *scope.definition;
    std::vector<std::optional<double>> set(definition.settable);
    for (std::size_t i = 0; instance != nullptr && i < instance->parameters.size(); ++i) {
      const auto& [name, value] = instance->parameters[i];
      // Parameters mostly stand in the order of the definition.
      std::size_t slot = i;
      if (i >= definition.settable || definition.parameters[i].first != name) {
        const auto found = definition.parameter_of.find(name);
        slot = found == definition.parameter_of.end() ? definition.settable : found->second;
      }
      if (slot >= definition.settable) {
        throw input_error("subcircuit \"" + std::string(definition.name) + "\" has no parameter \"" +
                          std::string(name) + "\"");
      }
      set[slot] = resolve(*caller, value);
    }
    scope.parameters.reserve(definition.parameters.size());
    for (std::size_t i = 0; i < definition.parameters.size(); ++i) {
      const bool given = i < set.size() && set[i];
      scope.parameters.push_back(given ? *set[i] : resolve(scope, definition.parameters[i].second));
    }
    for (const auto& [name, model] : definition.models) {
      SpiceModel made{.name = scope.path + std::string(name), .type = std::string(model.type)};
      for (const auto& [parameter, value] : model.parameters) {
        made.parameters[std::string(parameter)] = resolve(scope, value);
      }
      deck_->models.emplace(made.name, std::move(made));
    }
  }

  [[nodiscard]] std::string node_of(const Scope& scope, std::string_view name) const {
    if (name == "0") return "0";
    if (const auto pin = scope.definition->pin_of.find(name); pin != scope.definition->pin_of.end()) {
      return scope.pins[static_cast<std::size_t>(pin->second)];
    }
    return scope.path.empty() ? std::string(name) : scope.path + std::string(name);
  }

  // The model of that name, of this scope or the deck.
  [[nodiscard]] const SpiceModel& model_of(const Scope& scope, const Statement& statement) const {
    const std::string name(statement.reference);
    auto found = deck_->models.find(scope.path + name);
    if (found == deck_->models.end()) found = deck_->models.find(name);
    const std::string wanted = statement.kind == 's' ? "sw" : "r";
    if (found == deck_->models.end() || found->second.type != wanted) {
      throw input_error("model \"" + name.substr(0, 60) + "\" is not defined", "expected a .model of type " + wanted);
    }
    return found->second;
  }

  void place(const Scope& scope, const Statement& statement) {
    if (++placed_ > most_elements) throw input_error("the deck has more than 20,000,000 elements");
    if (statement.kind == 'x') {
      expand(scope, statement);
      return;
    }
    SpiceElement element{.kind = statement.kind, .line = line_};
    element.name.reserve(scope.path.size() + statement.name.size());
    element.name += scope.path;
    element.name += statement.name;
    element.nodes.reserve(statement.nodes.size());
    for (const std::string_view node : statement.nodes) element.nodes.push_back(node_of(scope, node));
    if (statement.kind == 's') {
      element.model = model_of(scope, statement).name;
    } else {
      element.value = resolve(scope, statement.value);
      if (!std::isfinite(element.value)) throw input_error(element.name + " has no finite value");
    }
    if (statement.kind == 'r') {
      if (!(element.value > 0.0)) {
        throw input_error(element.name + " is not above 0 ohm", "leave out an open, join the nodes of a short");
      }
      if (!statement.reference.empty()) element.parameters = model_of(scope, statement).parameters;
      element.switched = statement.switched;
      if (statement.off.present) element.off = resolve(scope, statement.off);
      if (!(element.off > 0.0)) throw input_error(element.name + " is not above 0 ohm when open");
    }
    for (const auto& [name, value] : statement.parameters)
      element.parameters[std::string(name)] = resolve(scope, value);
    deck_->elements.push_back(std::move(element));
  }

  void expand(const Scope& scope, const Statement& statement) {
    const auto found = definitions_.subcircuits.find(statement.reference);
    const std::string name(statement.reference.substr(0, 60));
    if (found == definitions_.subcircuits.end()) throw input_error("subcircuit \"" + name + "\" is not defined");
    const Definition& definition = found->second;
    if (definition.pins.size() != statement.nodes.size()) {
      throw input_error(std::string(statement.name) + " has " + std::to_string(statement.nodes.size()) + " nodes",
                        "subcircuit \"" + name + "\" has " + std::to_string(definition.pins.size()) + " pins");
    }
    if (scope.depth >= deepest) {
      throw input_error("subcircuit \"" + name + "\" contains itself or is nested too deeply", "at most 100 levels");
    }
    Scope inner{
        .definition = &definition, .path = scope.path + std::string(statement.name) + ".", .depth = scope.depth + 1};
    inner.pins.reserve(statement.nodes.size());
    for (const std::string_view node : statement.nodes) inner.pins.push_back(node_of(scope, node));
    enter(inner, &statement, &scope);
    for (const Statement& element : definition.elements) place(inner, element);
  }

  const Definitions& definitions_;
  const std::string& file_;
  SpiceDeck* deck_ = nullptr;
  const Scope* top_ = nullptr;
  std::size_t line_ = 0;
  std::size_t placed_ = 0;
};

}  // namespace

SpiceDeck read_spice(std::string_view text, const std::string& file) {
  spice::Lines lines = spice::split_lines(text, file);
  const Definitions definitions = spice::definitions_in(lines, file);
  SpiceDeck deck;
  deck.title = lines.title;
  deck.comments = lines.comments;
  Flattener(definitions, file).flatten(deck);
  return deck;
}

}  // namespace ohmset
