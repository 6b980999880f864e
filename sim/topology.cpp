// Reading and writing series-parallel expressions.
// SPDX-License-Identifier: Apache-2.0
#include "sim/topology.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "sim/error.h"

namespace ohmset {
namespace {

constexpr std::size_t most_devices = 10'000'000;
constexpr std::size_t most_levels = 1000;

constexpr std::array<std::string_view, 2> words{"series", "parallel"};

std::string_view word_of(Arrangement arrangement) { return words[arrangement == Arrangement::series ? 0 : 1]; }

void add_devices(Group& group, std::size_t count, std::size_t first) {
  group.members.reserve(group.members.size() + count);
  for (std::size_t k = 0; k < count; ++k) {
    group.members.push_back({.arrangement = Arrangement::device, .device = first + k});
  }
}

Group flat(Arrangement arrangement, std::size_t devices) {
  Group group{.arrangement = arrangement};
  add_devices(group, devices, 0);
  return group;
}

bool is_flat(const Group& group, Arrangement arrangement) {
  return group.arrangement == arrangement &&
         std::all_of(group.members.begin(), group.members.end(),
                     [](const Group& member) { return member.arrangement == Arrangement::device; });
}

// group := ("series" | "parallel") "(" member {"," member} ")";  member := number | group
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Group whole() {
    Group group = read_group(1);
    if (!at_end()) refuse("trailing text", "expected the end");
    return group;
  }
  // The only word of the text, "series" or "parallel"; none when there is more to it.
  std::optional<Arrangement> lone_word() {
    const std::size_t start = at_;
    const std::string_view word = read_word();
    const bool lone = at_end() && std::find(words.begin(), words.end(), word) != words.end();
    at_ = start;
    if (!lone) return std::nullopt;
    return word == words[0] ? Arrangement::series : Arrangement::parallel;
  }
  [[nodiscard]] std::size_t devices() const { return devices_; }

 private:
  static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
  static bool is_digit(char c) { return c >= '0' && c <= '9'; }
  static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

  [[noreturn]] void refuse(std::string_view wrong, std::string_view expected) const {
    throw input_error(fmt::format("topology: {} at character {}", wrong, at_ + 1), expected);
  }
  void skip_blanks() {
    while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
  }
  bool at_end() {
    skip_blanks();
    return at_ == text_.size();
  }
  bool take(char c) {
    if (at_end() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  std::string_view read_word() {
    skip_blanks();
    const std::size_t start = at_;
    while (at_ < text_.size() && is_letter(text_[at_])) ++at_;
    return text_.substr(start, at_ - start);
  }

  Group read_group(std::size_t level) {
    if (level > most_levels) refuse(fmt::format("more than {} levels", most_levels), {});
    skip_blanks();
    const std::size_t start = at_;
    const std::string_view word = read_word();
    const auto* const known = std::find(words.begin(), words.end(), word);
    if (known == words.end()) {
      at_ = start;
      const std::string nearest = nearest_name(word, words);
      refuse(word.empty() ? "no group" : fmt::format("unknown word \"{}\"", word.substr(0, 40)),
             nearest.empty() ? "expected series(...) or parallel(...)" : fmt::format("did you mean {}(...)?", nearest));
    }
    Group group{.arrangement = known == words.begin() ? Arrangement::series : Arrangement::parallel};
    if (!take('(')) refuse(fmt::format("no \"(\" after {}", word), fmt::format("expected {}(...)", word));
    do {
      read_member(group, level);
    } while (take(','));
    if (!take(')')) refuse("unfinished group", "expected \",\" or \")\"");
    return group;
  }

  void read_member(Group& group, std::size_t level) {
    if (at_end() || !is_digit(text_[at_])) {
      group.members.push_back(read_group(level + 1));
      return;
    }
    const std::size_t start = at_;
    std::size_t count = 0;
    while (at_ < text_.size() && is_digit(text_[at_])) {
      count = std::min(count * 10 + static_cast<std::size_t>(text_[at_++] - '0'), most_devices + 1);
    }
    if (count == 0 || count > most_devices - devices_) {
      at_ = start;
      refuse(count == 0 ? "no device" : "too many devices",
             fmt::format("expected from 1 to {} devices in all", most_devices));
    }
    add_devices(group, count, devices_);
    devices_ += count;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t devices_ = 0;
};

// Neighbouring devices are written as their number.
void write_group(const Group& group, std::string& text) {
  text += word_of(group.arrangement);
  text += '(';
  for (std::size_t k = 0; k < group.members.size();) {
    if (k > 0) text += ", ";
    std::size_t run = 0;
    while (k + run < group.members.size() && group.members[k + run].arrangement == Arrangement::device) ++run;
    if (run > 0) {
      text += std::to_string(run);
      k += run;
    } else {
      write_group(group.members[k++], text);
    }
  }
  text += group.members.empty() ? "0)" : ")";
}

}  // namespace

Topology Topology::parallel(std::size_t devices) {
  Topology topology;
  topology.root_ = flat(Arrangement::parallel, devices);
  topology.device_count_ = devices;
  return topology;
}

Topology Topology::series(std::size_t devices) {
  Topology topology;
  topology.root_ = flat(Arrangement::series, devices);
  topology.device_count_ = devices;
  return topology;
}

Topology Topology::parse(std::string_view text, std::optional<std::size_t> devices) {
  if (devices && (*devices == 0 || *devices > most_devices)) {
    throw input_error(fmt::format("a bank of {} devices", *devices),
                      fmt::format("expected from 1 to {}", most_devices));
  }
  Parser parser(text);
  if (const std::optional<Arrangement> word = parser.lone_word()) {
    if (!devices) {
      throw input_error(fmt::format("topology {} says no number of devices", word_of(*word)),
                        fmt::format("expected devices = N or {}(N)", word_of(*word)));
    }
    return *word == Arrangement::series ? series(*devices) : parallel(*devices);
  }
  Topology topology;
  topology.root_ = parser.whole();
  topology.device_count_ = parser.devices();
  if (devices && *devices != topology.device_count_) {
    throw input_error(fmt::format("the topology has {} devices", topology.device_count_),
                      fmt::format("expected {}", *devices));
  }
  return topology;
}

bool Topology::is_parallel() const { return is_flat(root_, Arrangement::parallel); }
bool Topology::is_series() const { return is_flat(root_, Arrangement::series); }

std::string Topology::text() const {
  std::string text;
  write_group(root_, text);
  return text;
}

}  // namespace ohmset
