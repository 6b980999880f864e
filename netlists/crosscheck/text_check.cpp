// An exported text against the design it is said to come from.
// SPDX-License-Identifier: Apache-2.0
#include "netlists/crosscheck/text_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <unordered_map>
#include <vector>

#include "netlists/spice_reader.h"
#include "netlists/spice_writer/frame.h"
#include "sim/error.h"

namespace ohmset::crosscheck {
namespace {

constexpr double same_value = 1e-12;

// The numbers after a prefix of letters: "r3_5_2" -> "r" {3, 5, 2}.
struct NumberedName {
  std::string_view letters{};
  std::vector<std::size_t> numbers{};
};

std::optional<NumberedName> numbered(std::string_view name) {
  NumberedName result;
  const std::size_t digits = std::min(name.find_first_of("0123456789"), name.size());
  result.letters = name.substr(0, digits);
  const char* at = name.data() + digits;
  const char* const end = name.data() + name.size();
  while (at < end) {
    std::size_t number = 0;
    const auto [after, error] = std::from_chars(at, end, number);
    if (error != std::errc{}) return std::nullopt;
    result.numbers.push_back(number);
    at = after;
    if (at == end) break;
    if (*at != '_' || at + 1 == end) return std::nullopt;
    ++at;
  }
  return result;
}

// "bank (3, 5), device 2" of "xb3_5.r2" or "r3_5_2"; "bank, device 2" of "xb.r2"; other names as they are.
std::string place_of(std::string_view name) {
  const std::size_t point = name.find('.');
  if (name.starts_with("xb") && point != std::string_view::npos) {
    const auto device = numbered(name.substr(point + 1));
    const auto cell = crosspoint_of(name.substr(0, point));
    const std::string bank = cell ? bank_name(cell->first, cell->second) : "bank";
    if (device && device->numbers.size() == 1) return fmt::format("{}, device {}", bank, device->numbers[0]);
    return bank;
  }
  const auto parts = numbered(name);
  if (parts && (parts->letters == "r" || parts->letters == "rs" || parts->letters == "s")) {
    const auto& n = parts->numbers;
    if (n.size() == 3) return fmt::format("{}, device {}", bank_name(n[0], n[1]), n[2]);
    if (n.size() == 1) return fmt::format("bank, device {}", n[0]);
  }
  if (const auto cell = crosspoint_of(name)) return bank_name(cell->first, cell->second);
  return std::string(name);
}

std::string_view unit_of(const SpiceElement& element) {
  if (element.kind == 'v') return "voltage";
  if (element.kind == 'i') return "current";
  return element.name.find("rs") == std::string::npos || element.name.starts_with("rsense") ? "resistance"
                                                                                            : "contact resistance";
}

std::string joined(const std::vector<std::string>& nodes) {
  std::string text;
  for (const std::string& node : nodes) {
    if (!text.empty()) text += ' ';
    text += node.substr(0, 40);
  }
  return text;
}

void compare_parameters(const std::map<std::string, double>& expected, const std::map<std::string, double>& found,
                        const SpiceElement& element, Findings& findings) {
  std::map<std::string, std::pair<double, double>> both;
  for (const auto& [name, value] : expected) both[name].first = value;
  for (const auto& [name, value] : found) both[name].second = value;
  for (const auto& [name, values] : both) {
    const auto& [wanted, given] = values;
    findings.compare([&] { return place_of(element.name); }, name + " in netlist / design", wanted, given,
                     relative_difference(wanted, given), same_value);
  }
}

void compare_elements(const SpiceElement& expected, const SpiceDeck& design, const SpiceElement& found,
                      const SpiceDeck& netlist, Findings& findings) {
  const auto where = [&] { return place_of(found.name); };
  ++findings.report.checked;
  if (expected.nodes != found.nodes) {
    findings.fail(where(), fmt::format("{} joins \"{}\" in netlist, \"{}\" in design", found.name, joined(found.nodes),
                                       joined(expected.nodes)));
  }
  if (found.kind == 's') {
    compare_parameters(design.models.at(expected.model).parameters, netlist.models.at(found.model).parameters, found,
                       findings);
    return;
  }
  findings.compare(where, fmt::format("{} in netlist / design", unit_of(found)), expected.value, found.value,
                   relative_difference(expected.value, found.value), same_value);
  compare_parameters(expected.parameters, found.parameters, found, findings);
}

}  // namespace

std::optional<std::pair<std::size_t, std::size_t>> crosspoint_of(std::string_view element) {
  static constexpr std::array<std::string_view, 7> prefixes{"xb", "vb", "r", "rs", "s", "sw", "swb"};
  const auto parts = numbered(element);
  if (!parts || std::find(prefixes.begin(), prefixes.end(), parts->letters) == prefixes.end()) return std::nullopt;
  const bool whole_bank = parts->letters == "xb" || parts->letters == "vb";
  if (parts->numbers.size() != (whole_bank ? 2U : 3U)) return std::nullopt;
  return std::pair{parts->numbers[0], parts->numbers[1]};
}

NetlistOptions options_of(std::string_view text, const std::string& file) {
  std::vector<std::string> comments;
  std::size_t begin = std::min(text.find('\n'), text.size());
  while (begin + 1 < text.size() && text[begin + 1] == '*') {
    const std::size_t end = std::min(text.find('\n', begin + 1), text.size());
    std::string_view line = text.substr(begin + 2, end - begin - 2);
    while (!line.empty() && line.front() == ' ') line.remove_prefix(1);
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
    comments.emplace_back(line);
    begin = end;
  }
  std::optional<NetlistOptions> options = spice::options_in(comments);
  if (!options)
    throw input_error(Where{file}, "this is no export of ohmset", "expected its \"ohmset export:\" comment");
  return *options;
}

void check_text(const std::string& text, const std::string& file, const Netlist& expected, Findings& findings) {
  // Element by element only where something differs: most texts are what they were.
  if (text == expected.text) {
    findings.report.checked += expected.elements;
    findings.say(fmt::format("netlist text: equal to the design's export, {} elements", counted(expected.elements)));
    return;
  }
  const SpiceDeck netlist = read_spice(text, file);
  const SpiceDeck design = read_spice(expected.text, "export of the design");
  std::unordered_map<std::string_view, const SpiceElement*> known;
  known.reserve(design.elements.size());
  for (const SpiceElement& element : design.elements) known.emplace(element.name, &element);
  for (const SpiceElement& element : netlist.elements) {
    const auto found = known.find(element.name);
    if (found == known.end() || found->second->kind != element.kind) {
      findings.fail(place_of(element.name), element.name + " is in the netlist, not in the design");
      continue;
    }
    compare_elements(*found->second, design, element, netlist, findings);
    known.erase(found);
  }
  for (const SpiceElement& element : design.elements) {
    if (!known.contains(element.name)) continue;
    findings.fail(place_of(element.name), element.name + " is in the design, not in the netlist");
  }
  findings.say(fmt::format("netlist text: {} elements against the design's, by name, nodes and value (to 1e-12)",
                           counted(netlist.elements.size())));
}

}  // namespace ohmset::crosscheck
