// One element line of a SPICE deck: resistors, sources, switches, instances; anything else is refused by name.
// SPDX-License-Identifier: Apache-2.0
#include "netlists/spice_reader/statement.h"

#include <algorithm>
#include <stdexcept>

#include "netlists/spice_reader/expression.h"
#include "netlists/spice_reader/lines.h"
#include "sim/error.h"

namespace ohmset::spice {
namespace {

std::string_view ground(std::string_view node) { return node == "gnd" ? "0" : node; }

std::string said(std::string_view name) { return std::string(name.substr(0, 60)); }

std::vector<std::string_view> checked_tokens(std::string_view text) {
  try {
    return tokens_of(text);
  } catch (const std::invalid_argument& error) {
    throw input_error(error.what());
  }
}

void need(const std::vector<std::string_view>& tokens, std::size_t count, std::string_view form) {
  if (tokens.size() < count || std::find(tokens.begin(), tokens.begin() + static_cast<std::ptrdiff_t>(count), "=") !=
                                   tokens.begin() + static_cast<std::ptrdiff_t>(count)) {
    throw input_error(said(tokens.front()) + " is incomplete", "expected " + std::string(form));
  }
}

void take_nodes(Statement& element, const std::vector<std::string_view>& tokens, std::size_t count) {
  for (std::size_t i = 1; i <= count; ++i) element.nodes.push_back(ground(tokens[i]));
}

bool is_value(std::string_view token) {
  const char c = token.front();
  return c == '{' || c == '\'' || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '+';
}

// "r1 a b 1k tc1=1e-3", "r1 a b model 1k", "r1 a b 1k model", "r1 a b r=1k", "... tc=1e-3,1e-6"
void read_resistor(Statement& element, const std::vector<std::string_view>& tokens) {
  need(tokens, 3, "rNAME node node value");
  take_nodes(element, tokens, 2);
  std::size_t at = 3;
  for (; at < tokens.size() && !(at + 1 < tokens.size() && tokens[at + 1] == "="); ++at) {
    if (is_value(tokens[at]) && !element.value.present) {
      element.value = value_of(tokens[at]);
    } else if (!is_value(tokens[at]) && element.reference.empty()) {
      element.reference = tokens[at];
    } else {
      throw input_error(said(element.name) + ": " + quoted(tokens[at]) + " is one value too many");
    }
  }
  // "tc=a,b" is the one assignment that takes two values.
  while (at < tokens.size()) {
    if (at + 2 >= tokens.size() || tokens[at + 1] != "=") {
      throw input_error(said(element.name) + ": " + quoted(tokens[at]) + " is not understood", "expected name=value");
    }
    const std::string_view name = tokens[at];
    const Value value = value_of(tokens[at + 2]);
    at += 3;
    if (name == "r" && !element.value.present) {
      element.value = value;
    } else if (name == "tc1" || name == "tc2") {
      element.parameters.emplace_back(name, value);
    } else if (name == "tc") {
      element.parameters.emplace_back("tc1", value);
      if (at < tokens.size() && (at + 1 == tokens.size() || tokens[at + 1] != "=")) {
        element.parameters.emplace_back("tc2", value_of(tokens[at++]));
      }
    } else {
      throw input_error(said(element.name) + ": parameter " + quoted(name) + " is not supported",
                        "expected tc1, tc2 or tc");
    }
  }
  if (!element.value.present) throw input_error(said(element.name) + " has no value", "expected its resistance");
}

// "v1 a b 1", "v1 a b dc 1"
void read_source(Statement& element, const std::vector<std::string_view>& tokens) {
  need(tokens, 3, "NAME node node value");
  take_nodes(element, tokens, 2);
  std::size_t at = 3;
  if (at < tokens.size() && tokens[at] == "dc") ++at;
  if (at < tokens.size() && tokens[at] == "=") ++at;
  if (at >= tokens.size()) throw input_error(said(element.name) + " has no value", "expected its DC value");
  element.value = value_of(tokens[at]);
  if (at + 1 < tokens.size()) {
    throw input_error(said(element.name) + ": " + quoted(tokens[at + 1]) + " is not supported",
                      "expected a DC value alone");
  }
}

void read_switch(Statement& element, const std::vector<std::string_view>& tokens) {
  need(tokens, 6, "sNAME node node control control model");
  take_nodes(element, tokens, 4);
  element.reference = tokens[5];
  if (tokens.size() > 6) {
    throw input_error(said(element.name) + ": " + quoted(tokens[6]) + " is not supported", "expected nothing more");
  }
}

void read_instance(Statement& element, const std::vector<std::string_view>& tokens) {
  need(tokens, 2, "xNAME nodes subcircuit name=value ...");
  auto positional = static_cast<std::size_t>(std::find(tokens.begin(), tokens.end(), "=") - tokens.begin());
  if (positional < tokens.size()) --positional;
  const std::size_t assignments = positional;
  if (positional > 1 && tokens[positional - 1] == "params:") --positional;
  if (positional < 2) throw input_error(said(element.name) + " names no subcircuit", "expected xNAME nodes subcircuit");
  take_nodes(element, tokens, positional - 2);
  element.reference = tokens[positional - 1];
  element.parameters = assignments_of(tokens, assignments);
}

// "switch", "switch off=1g"
void read_note(Statement& element, std::string_view note) {
  const std::vector<std::string_view> tokens = checked_tokens(note);
  const bool understood = !tokens.empty() && tokens[0] == "switch" &&
                          (tokens.size() == 1 || (tokens.size() == 4 && tokens[1] == "off" && tokens[2] == "="));
  if (!understood) {
    throw input_error("\"ohmset: " + said(note) + "\" is not understood", "expected ohmset: switch [off=R]");
  }
  if (element.kind != 'r') {
    throw input_error(said(element.name) + " is marked as a switch", "expected the mark at a resistor");
  }
  element.switched = true;
  if (tokens.size() == 4) element.off = value_of(tokens[3]);
}

}  // namespace

Value value_of(std::string_view token) {
  const char c = token.front();
  if (c == '{' || c == '\'') {
    const std::string_view inside = token.substr(1, token.size() - 2);
    if (inside.find_first_not_of(" \t") == std::string_view::npos) throw input_error("an expression is empty");
    return {.expression = inside, .present = true};
  }
  return {.number = number_of(token), .present = true};
}

std::vector<std::pair<std::string_view, Value>> assignments_of(const std::vector<std::string_view>& tokens,
                                                               std::size_t first) {
  std::vector<std::pair<std::string_view, Value>> assignments;
  for (std::size_t at = first; at < tokens.size(); at += 3) {
    if (at + 2 >= tokens.size() || tokens[at + 1] != "=" || !is_identifier(tokens[at])) {
      throw input_error(quoted(tokens[at]) + " is not understood", "expected name=value");
    }
    assignments.emplace_back(tokens[at], value_of(tokens[at + 2]));
  }
  return assignments;
}

std::vector<std::pair<std::string_view, std::string_view>> definitions_of(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\f\v,";
  std::vector<std::pair<std::string_view, std::string_view>> definitions;
  std::size_t at = text.find_first_not_of(blanks);
  while (at != std::string_view::npos) {
    const std::size_t equals = text.find('=', at);
    if (equals == std::string_view::npos) throw input_error(quoted(text.substr(at)) + " has no value");
    std::string_view name = text.substr(at, equals - at);
    name = name.substr(0, name.find_last_not_of(blanks) + 1);
    if (!is_identifier(name)) throw input_error(quoted(name) + " is no parameter's name");
    // The value reaches to the name before the next "=".
    const std::size_t next = text.find('=', equals + 1);
    std::size_t end = text.size();
    if (next != std::string_view::npos) {
      const std::size_t last = text.find_last_not_of(blanks, next - 1);
      end = text.find_last_of(" \t,})'", last) + 1;
    }
    if (end <= equals) throw input_error("parameter " + quoted(name) + " has no value");
    std::string_view value = text.substr(equals + 1, end - equals - 1);
    value.remove_prefix(std::min(value.find_first_not_of(blanks), value.size()));
    value = value.substr(0, value.find_last_not_of(blanks) + 1);
    const bool wrapped = value.size() >= 2 && ((value.front() == '{' && value.back() == '}') ||
                                               (value.front() == '\'' && value.back() == '\''));
    if (wrapped) value = value.substr(1, value.size() - 2);
    if (value.empty()) throw input_error("parameter " + quoted(name) + " has no value");
    definitions.emplace_back(name, value);
    at = next == std::string_view::npos ? next : text.find_first_not_of(blanks, end);
  }
  return definitions;
}

Statement element_of(std::string_view text, std::size_t line, std::string_view note) {
  const std::vector<std::string_view> tokens = checked_tokens(text);
  if (tokens.empty()) throw input_error("this line is not understood", "expected an element");
  Statement element;
  element.kind = tokens.front().front();
  element.name = tokens.front();
  element.line = line;
  switch (element.kind) {
    case 'r':
      read_resistor(element, tokens);
      break;
    case 'v':
    case 'i':
      read_source(element, tokens);
      break;
    case 's':
      read_switch(element, tokens);
      break;
    case 'x':
      read_instance(element, tokens);
      break;
    default:
      throw input_error("element " + quoted(element.name) + " is not supported", "expected R, V, I, S or X");
  }
  if (!note.empty()) read_note(element, note);
  constexpr std::size_t longest_name = 200;
  const auto too_long = [](std::string_view name) { return name.size() > longest_name; };
  if (too_long(element.name) || std::any_of(element.nodes.begin(), element.nodes.end(), too_long)) {
    throw input_error("name " + quoted(element.name) + " or one of its nodes is too long", "at most 200 characters");
  }
  if (element.name.find('.') != std::string_view::npos) {
    throw input_error("name " + quoted(element.name) + " has a point in it", "points are kept for instance paths");
  }
  return element;
}

}  // namespace ohmset::spice
