// SPDX-License-Identifier: Apache-2.0
#include "tools/cli/command_line.h"

#include <fmt/format.h>
#include <tbb/global_control.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <thread>

#include "sim/error.h"
#include "sim/units.h"
#include "tools/cli/report.h"

namespace ohmset::cli {
namespace {

constexpr std::size_t most_threads = 4096;

CLI::App& app_of(void* app) { return *static_cast<CLI::App*>(app); }

// The option or command nearest to a word that was not understood.
std::string nearest_of(const std::string& word, const std::vector<std::string>& names) {
  return nearest_name(word, std::vector<std::string_view>(names.begin(), names.end()));
}

std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

// No text or path is empty: a shell's variable that is not set must not count as an option that was left out.
void refuse_empty(const std::string& name, const std::string& given) {
  if (given.empty()) throw input_error(fmt::format("{} \"\"", name), "expected something: nothing stands there");
}

void add_common(CLI::App& app, Common& common, const std::string& output) {
  const std::string group = "Common options";
  app.add_option_function<std::string>(
         "-o,--output",
         [&](const std::string& path) {
           refuse_empty("-o", path);
           common.output = path;
         },
         output)
      ->type_name("PATH")
      ->group(group);
  app.add_flag("--force", common.force, "replace an existing output")->group(group);
  app.add_flag("--json", common.json, "print one JSON document and nothing else")->group(group);
  app.add_option_function<std::string>(
         "--seed",
         [&](const std::string& text) {
           common.seed = whole_of("--seed", text);
           common.seed_given = true;
         },
         "of every random draw [1]")
      ->type_name("N")
      ->group(group);
  app.add_option_function<std::string>(
         "--threads", [&](const std::string& text) { common.threads = whole_of("--threads", text); },
         "at most N [all]; the results do not depend on it")
      ->type_name("N")
      ->group(group);
  app.add_flag("--quiet", common.quiet, "no tables, notes or progress")->group(group);
  app.add_flag_callback(
         "--no-progress", [&common] { common.progress = false; }, "no progress bar")
      ->group(group);
}

}  // namespace

struct CommandLine::Impl {
  CLI::App app{"Programmable effective resistance from imprecise resistors and switches."};
  Common common{};
  std::function<int(const Common&)> action{};
  std::vector<std::string> commands{};

  [[nodiscard]] const CLI::App& asked_for() const {
    const auto parsed = app.get_subcommands();
    return parsed.empty() ? app : *parsed.front();
  }

  // What CLI11 could not make sense of, in our words.
  [[nodiscard]] Error usage_error(const CLI::ParseError& error) const {
    const CLI::App& command = asked_for();
    const std::string help =
        &command == &app ? "see ohmset --help" : fmt::format("see ohmset {} --help", command.get_name());
    const std::vector<std::string> extras = app.remaining(true);
    // A misspelt option may show as a required one that is missing: the misspelling is the better answer.
    if (extras.empty()) {
      std::string text = error.what();
      std::replace(text.begin(), text.end(), '\n', ' ');
      return input_error(text, help);
    }
    const std::string& word = extras.front();
    if (!word.starts_with('-')) return input_error(fmt::format("\"{}\" is one argument too many", word), help);
    const std::string name = word.substr(0, word.find('='));
    const std::string nearest = nearest_of(name, option_names(command));
    return input_error(fmt::format("unknown option {}", name),
                       nearest.empty() ? help : fmt::format("did you mean {}?", nearest));
  }
};

CommandLine::CommandLine() : impl_(std::make_unique<Impl>()) {
  CLI::App& app = impl_->app;
  app.name("ohmset");
  app.set_version_flag("--version", "ohmset " OHMSET_VERSION);
  app.require_subcommand(0, 1);
  app.footer(
      "ohmset COMMAND --help tells more. The first one to try needs no file:\n"
      "  ohmset design --values 9.1k,10.4k,9.7k,11.2k,10.9k --topology parallel --target 3.3k\n"
      "Exit codes: 0 done; 1 the check did not hold; 2 bad usage or input; 3 a failure of the outside world.");
}

CommandLine::~CommandLine() = default;

Command CommandLine::add(const std::string& name, const std::string& summary, const std::string& output,
                         const std::string& example, std::function<int(const Common&)> action) {
  CLI::App* command = impl_->app.add_subcommand(name, summary);
  command->footer("Example:\n  " + example);
  add_common(*command, impl_->common, output);
  command->callback([this, action = std::move(action)] { impl_->action = action; });
  impl_->commands.push_back(name);
  return Command(command);
}

int CommandLine::run(int count, const char* const* arguments) {
  if (count < 2) throw input_error("no command given", "see ohmset --help");
  const std::string first = arguments[1];
  const auto& commands = impl_->commands;
  if (!first.starts_with('-') && std::find(commands.begin(), commands.end(), first) == commands.end()) {
    const std::string nearest = nearest_of(first, commands);
    throw input_error(fmt::format("unknown command \"{}\"", first),
                      nearest.empty() ? "see ohmset --help" : fmt::format("did you mean \"{}\"?", nearest));
  }
  try {
    impl_->app.parse(count, arguments);
  } catch (const CLI::CallForHelp&) {
    print(impl_->app.help());
    return done;
  } catch (const CLI::CallForVersion&) {
    print("ohmset " OHMSET_VERSION "\n");
    return done;
  } catch (const CLI::ParseError& error) {
    throw impl_->usage_error(error);
  }
  if (!impl_->action) throw input_error("no command given", "see ohmset --help");
  const Common& common = impl_->common;
  if (common.threads > most_threads) {
    throw input_error(fmt::format("--threads {}", common.threads), fmt::format("expected at most {}", most_threads));
  }
  std::optional<tbb::global_control> limit;
  if (common.threads > 0) limit.emplace(tbb::global_control::max_allowed_parallelism, common.threads);
  return impl_->action(common);
}

void Command::positional(const std::string& shown, std::string& value, const std::string& help, bool required) {
  CLI::Option* option = app_of(app_).add_option(shown, value, help)->type_name("");
  option->each([shown](const std::string& given) { refuse_empty(shown, given); });
  if (required) option->required();
}

void Command::flag(const std::string& name, bool& value, const std::string& help) {
  app_of(app_).add_flag(name, value, help);
}

void Command::text(const std::string& name, const std::string& shown, std::string& value, const std::string& help,
                   bool required) {
  CLI::Option* option = app_of(app_).add_option(name, value, help)->type_name(shown);
  option->each([name](const std::string& given) { refuse_empty(name, given); });
  if (required) option->required();
}

void Command::texts(const std::string& name, const std::string& shown, std::vector<std::string>& values,
                    const std::string& help) {
  CLI::Option* option = app_of(app_).add_option(name, values, help)->type_name(shown)->allow_extra_args(false);
  option->each([name](const std::string& given) { refuse_empty(name, given); });
}

void Command::choice(const std::string& name, const std::vector<std::string>& words, std::string& value,
                     const std::string& help) {
  const std::string listed = fmt::format("{}", fmt::join(words, "|"));
  app_of(app_)
      .add_option_function<std::string>(
          name,
          [name, words, listed, &value](const std::string& given) {
            if (std::find(words.begin(), words.end(), given) == words.end()) {
              throw input_error(fmt::format("{} \"{}\"", name, given), "expected " + listed);
            }
            value = given;
          },
          help)
      ->type_name(listed);
}

void Command::whole(const std::string& name, std::uint64_t& value, const std::string& help, std::uint64_t least) {
  app_of(app_)
      .add_option_function<std::string>(
          name, [name, least, &value](const std::string& given) { value = whole_of(name, given, least); }, help)
      ->type_name("N");
}

void Command::whole(const std::string& name, std::optional<std::size_t>& value, const std::string& help,
                    std::size_t least) {
  app_of(app_)
      .add_option_function<std::string>(
          name, [name, least, &value](const std::string& given) { value = whole_of(name, given, least); }, help)
      ->type_name("N");
}

void Command::quantity(const std::string& name, const std::string& unit, std::optional<double>& value,
                       const std::string& help) {
  app_of(app_)
      .add_option_function<std::string>(
          name, [name, unit, &value](const std::string& given) { value = quantity_of(name, given, unit); }, help)
      ->type_name(unit == "ohm" ? "R" : "X");
}

double quantity_of(const std::string& name, std::string_view text, const std::string& unit) {
  double value = 0.0;
  try {
    value = parse_quantity(text, unit);
  } catch (const Error& error) {
    throw input_error(name, error.what());
  }
  if (value < 0.0) throw input_error(fmt::format("{} {}", name, text), "expected a value >= 0");
  return value;
}

std::pair<std::string, std::string> pair_of(const std::string& name, std::string_view text, char separator) {
  const std::size_t at = text.find(separator);
  if (at == std::string_view::npos || at == 0 || at + 1 == text.size() ||
      text.find(separator, at + 1) != std::string_view::npos) {
    throw input_error(fmt::format("{} \"{}\"", name, text),
                      fmt::format("expected two parts with {} between", separator));
  }
  return {std::string(text.substr(0, at)), std::string(text.substr(at + 1))};
}

std::uint64_t whole_of(const std::string& name, std::string_view text, std::uint64_t least) {
  std::uint64_t value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc{} || end != text.data() + text.size() || value < least) {
    throw input_error(fmt::format("{} \"{}\"", name, text), fmt::format("expected a whole number >= {}", least));
  }
  return value;
}

}  // namespace ohmset::cli
