// The subcircuits, models and parameters of a deck.
// SPDX-License-Identifier: Apache-2.0
#include "netlists/spice_reader/definitions.h"

#include <algorithm>
#include <array>
#include <functional>
#include <stdexcept>

#include "netlists/spice_reader/expression.h"
#include "sim/error.h"

namespace ohmset::spice {
namespace {

// Lines of this and other simulators that ask for an analysis or a print-out and change no circuit.
constexpr std::array<std::string_view, 14> skipped{".op",   ".dc",      ".ac",   ".tran",  ".noise", ".print", ".plot",
                                                   ".save", ".measure", ".meas", ".probe", ".width", ".tf",    ".sens"};

// Names seen so far, millions of them: an open table, since a node for each would take longer than the rest of reading.
class Names {
 public:
  // False when the name was there before.
  bool insert(std::string_view name) {
    if (name.empty()) return true;
    if (2 * (count_ + 1) > table_.size()) grow();
    std::string_view& place = table_[place_of(name)];
    if (!place.empty()) return false;
    place = name;
    ++count_;
    return true;
  }
  void swap(Names& other) noexcept {
    table_.swap(other.table_);
    std::swap(count_, other.count_);
  }
  void clear() {
    table_.clear();
    count_ = 0;
  }

 private:
  // Where the name is, or the empty place for it. requires a name
  [[nodiscard]] std::size_t place_of(std::string_view name) const {
    const std::size_t mask = table_.size() - 1;
    std::size_t place = std::hash<std::string_view>{}(name)&mask;
    while (!table_[place].empty() && table_[place] != name) place = (place + 1) & mask;
    return place;
  }
  void grow() {
    std::vector<std::string_view> old(std::max<std::size_t>(64, 4 * table_.size()));
    old.swap(table_);
    for (const std::string_view name : old) {
      if (!name.empty()) table_[place_of(name)] = name;
    }
  }

  std::vector<std::string_view> table_{};  // a power of two of places, at most half of them taken
  std::size_t count_ = 0;
};

class Collector {
 public:
  Collector(const Lines& lines, const std::string& file) : lines_(lines), file_(file) {}

  Definitions collect() {
    for (const Line& line : lines_.statements) {
      line_ = line.number;
      try {
        if (ended_) throw input_error("there is text after .end", "expected nothing more");
        take(line);
      } catch (const Error&) {
        rethrow_at(file_, line_);
      }
    }
    if (inside_ != nullptr) {
      throw input_error(Where{file_, inside_->line}, "subcircuit \"" + std::string(inside_->name) + "\" has no .ends");
    }
    if (!ended_) throw input_error(Where{file_, line_}, ".end is missing", "expected it as the last line");
    return std::move(found_);
  }

 private:
  Definition& here() { return inside_ == nullptr ? found_.deck : *inside_; }

  void take(const Line& line) {
    if (line.text.front() != '.') {
      take_element(line);
      return;
    }
    const std::string_view word = line.text.substr(0, line.text.find_first_of(" \t("));
    const std::string_view rest = line.text.substr(word.size());
    if (word == ".subckt") {
      open(rest);
    } else if (word == ".ends") {
      close(rest);
    } else if (word == ".param") {
      for (const auto& [name, text] : definitions_of(rest)) {
        define(name, {.expression = text, .present = true});
      }
    } else if (word == ".model") {
      add_model(rest);
    } else if (word == ".end") {
      ended_ = true;
    } else if (std::find(skipped.begin(), skipped.end(), word) == skipped.end()) {
      throw input_error("\"" + std::string(word.substr(0, 40)) + "\" is not supported",
                        "expected elements, .subckt, .ends, .param, .model, .op or .end");
    }
  }

  void take_element(const Line& line) {
    const std::string_view name = line.text.substr(0, line.text.find_first_of(" \t,()={'"));
    if (!names_.insert(name)) throw input_error("\"" + std::string(name.substr(0, 60)) + "\" is defined twice");
    if (inside_ == nullptr) {
      found_.deck.lines.push_back(line);
    } else {
      inside_->elements.push_back(element_of(line.text, line.number, line.note));
    }
  }

  void open(std::string_view rest) {
    if (inside_ != nullptr) throw input_error("a .subckt inside a .subckt is not supported", "expected .ends first");
    std::vector<std::string_view> tokens = tokens_or_error(rest);
    auto positional = static_cast<std::size_t>(std::find(tokens.begin(), tokens.end(), "=") - tokens.begin());
    if (positional < tokens.size() && positional > 0) --positional;
    const std::size_t assignments = positional;
    if (positional > 1 && tokens[positional - 1] == "params:") --positional;
    if (positional == 0) throw input_error(".subckt has no name", "expected .subckt NAME nodes");
    const std::string_view name = tokens.front();
    if (found_.subcircuits.contains(name)) {
      throw input_error("subcircuit \"" + std::string(name) + "\" is defined twice");
    }
    inside_ = &found_.subcircuits[name];
    inside_->name = name;
    inside_->line = line_;
    for (std::size_t i = 1; i < positional; ++i) {
      if (tokens[i] == "0" || tokens[i] == "gnd") throw input_error("ground is a pin", "ground is known everywhere");
      if (!inside_->pin_of.emplace(tokens[i], static_cast<int>(i) - 1).second) {
        throw input_error("pin \"" + std::string(tokens[i]) + "\" stands twice");
      }
      inside_->pins.push_back(tokens[i]);
    }
    for (const auto& [parameter, value] : assignments_of(tokens, assignments)) define(parameter, value);
    inside_->settable = inside_->parameters.size();
    outside_names_.swap(names_);
    names_.clear();
  }

  void close(std::string_view rest) {
    if (inside_ == nullptr) throw input_error(".ends without .subckt");
    const std::vector<std::string_view> tokens = tokens_or_error(rest);
    if (!tokens.empty() && tokens.front() != inside_->name) {
      throw input_error(".ends of another subcircuit", "expected \"" + std::string(inside_->name) + "\"");
    }
    inside_ = nullptr;
    names_.swap(outside_names_);
  }

  void define(std::string_view name, const Value& value) {
    if (!here().parameter_of.emplace(name, here().parameters.size()).second) {
      throw input_error("parameter \"" + std::string(name) + "\" is defined twice");
    }
    here().parameters.emplace_back(name, value);
  }

  void add_model(std::string_view rest) {
    const std::vector<std::string_view> tokens = tokens_or_error(rest);
    if (tokens.size() < 2) throw input_error(".model is incomplete", "expected .model NAME TYPE(name=value ...)");
    Model model{.name = tokens[0], .type = tokens[1], .parameters = assignments_of(tokens, 2), .line = line_};
    if (model.type != "sw" && model.type != "r" && model.type != "res") {
      throw input_error("model type \"" + std::string(model.type) + "\" is not supported", "expected sw or r");
    }
    if (model.type == "res") model.type = "r";
    for (const auto& [name, value] : model.parameters) {
      const bool known = model.type == "sw" ? name == "vt" || name == "vh" || name == "ron" || name == "roff"
                                            : name == "tc1" || name == "tc2";
      if (!known) throw input_error("model parameter \"" + std::string(name) + "\" is not supported");
    }
    if (!here().models.emplace(model.name, model).second) {
      throw input_error("model \"" + std::string(model.name) + "\" is defined twice");
    }
  }

  static std::vector<std::string_view> tokens_or_error(std::string_view text) {
    try {
      return tokens_of(text);
    } catch (const std::invalid_argument& error) {
      throw input_error(error.what());
    }
  }

  const Lines& lines_;
  const std::string& file_;
  Definitions found_{};
  Definition* inside_ = nullptr;
  Names names_{};
  Names outside_names_{};
  std::size_t line_ = 0;
  bool ended_ = false;
};

}  // namespace

void rethrow_at(const std::string& file, std::size_t line) {
  try {
    throw;
  } catch (const Error& error) {
    throw input_error(Where{file, line}, error.what());
  }
}

Definitions definitions_in(const Lines& lines, const std::string& file) { return Collector(lines, file).collect(); }

}  // namespace ohmset::spice
