// A SPICE text as statements.
// SPDX-License-Identifier: Apache-2.0
#include "netlists/spice_reader/lines.h"

#include <algorithm>
#include <cctype>
#include <stdexcept>

#include "sim/error.h"

namespace ohmset::spice {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v'; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

// "; ohmset: NOTE" at its end: the note, empty when there is none.
std::string_view note_in(std::string_view line) {
  constexpr std::string_view mark = "ohmset:";
  const std::size_t at = line.find(';');
  if (at == std::string_view::npos) return {};
  const std::string_view comment = trimmed(line.substr(at + 1));
  return comment.starts_with(mark) ? trimmed(comment.substr(mark.size())) : std::string_view{};
}

// Without a comment at its end: ";" anywhere, "$" where a blank stands before it or it opens the line.
std::string_view without_comment(std::string_view line) {
  if (const std::size_t at = line.find(';'); at != std::string_view::npos) line = line.substr(0, at);
  for (std::size_t at = line.find('$'); at != std::string_view::npos; at = line.find('$', at + 1)) {
    const bool opens = at == 0 || is_blank(line[at - 1]);
    const bool ends = at + 1 == line.size() || is_blank(line[at + 1]);
    if (opens && ends) return line.substr(0, at);
  }
  return line;
}

bool is_binary(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < ' ' && c != '\n' && !is_blank(c)) || byte == 0x7f;
}

}  // namespace

Lines split_lines(std::string_view text, const std::string& file) {
  if (text.empty()) throw input_error(Where{file}, "the file is empty", "expected a SPICE deck");
  const auto binary = std::find_if(text.begin(), text.end(), is_binary);
  if (binary != text.end()) {
    const auto line = static_cast<std::size_t>(std::count(text.begin(), binary, '\n')) + 1;
    throw input_error(Where{file, line}, "this is not text", "expected a SPICE deck");
  }
  Lines lines;
  lines.text.resize(text.size());
  std::transform(text.begin(), text.end(), lines.text.begin(),
                 [](char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); });
  std::size_t number = 0;
  std::size_t begin = 0;
  bool last_is_joined = false;
  while (begin < text.size()) {
    ++number;
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view raw = trimmed(text.substr(begin, end - begin));
    std::string_view line = trimmed(std::string_view(lines.text).substr(begin, end - begin));
    begin = end + 1;
    if (number == 1) {
      lines.title = raw;
      continue;
    }
    if (line.starts_with("*#")) {
      throw input_error(Where{file, number}, "\"*#\" hides a command from other simulators", "expected a circuit");
    }
    if (line.starts_with('*')) {
      if (lines.statements.empty()) lines.comments.emplace_back(trimmed(raw.substr(1)));
      continue;
    }
    const std::string_view note = note_in(line);
    line = trimmed(without_comment(line));
    if (line.empty()) continue;
    if (line.front() != '+') {
      lines.statements.push_back({number, line, note});
      last_is_joined = false;
      continue;
    }
    if (lines.statements.empty()) {
      throw input_error(Where{file, number}, "\"+\" continues nothing", "expected a statement before it");
    }
    if (!note.empty()) lines.statements.back().note = note;
    if (!last_is_joined) lines.joined.emplace_back(lines.statements.back().text);
    last_is_joined = true;
    lines.joined.back() += ' ';
    lines.joined.back() += line.substr(1);
    lines.statements.back().text = lines.joined.back();
  }
  if (lines.statements.empty()) throw input_error(Where{file}, "no statement in the file", "expected a SPICE deck");
  return lines;
}

std::vector<std::string_view> tokens_of(std::string_view statement) {
  std::vector<std::string_view> tokens;
  const auto separates = [](char c) { return is_blank(c) || c == ',' || c == '(' || c == ')'; };
  std::size_t at = 0;
  while (at < statement.size()) {
    const char c = statement[at];
    std::size_t end = at + 1;
    if (separates(c)) {
      at = end;
      continue;
    }
    if (c == '{' || c == '\'') {
      end = statement.find(c == '{' ? '}' : '\'', end);
      if (end == std::string_view::npos) throw std::invalid_argument(std::string(1, c) + " is not closed");
      ++end;
    } else if (c != '=') {
      while (end < statement.size() && !separates(statement[end]) && statement[end] != '=' && statement[end] != '{' &&
             statement[end] != '\'') {
        ++end;
      }
    }
    tokens.push_back(statement.substr(at, end - at));
    at = end;
  }
  return tokens;
}

std::string quoted(std::string_view text) {
  constexpr std::size_t most = 60;
  return '"' + std::string(text.substr(0, most)) + (text.size() > most ? "...\"" : "\"");
}

}  // namespace ohmset::spice
