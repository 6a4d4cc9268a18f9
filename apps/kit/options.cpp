#include "apps/kit/options.h"

#include <algorithm>
#include <cstdlib>

#include "apps/kit/names.h"
#include "apps/kit/terminal.h"

namespace muonlab::app {
namespace {

constexpr const char* see_help = " (--help shows what there is)";

/// The message for a word that no option of `app` takes.
std::string unexpected(CLI::App& app, const std::string& word) {
  if (!word.starts_with('-')) return "unexpected argument " + excerpt(word) + see_help;
  const std::string name = word.substr(0, word.find('='));
  Words names;
  for (const CLI::Option* option : app.get_options()) names.push_back(option->get_name());
  const std::string hint = suggestion(name, names);
  return "unknown option " + (is_printable(name) ? name : excerpt(name)) +
         (hint.empty() ? see_help : hint);
}

/// The message for an option with too many values or none; `line` is CLI11's, "--epochs: 1 ...".
std::string wrong_count(const CLI::App& app, const std::string& line) {
  const std::string name = line.substr(0, line.find(':'));
  return name + (app.count(name) > 1 ? ": is given more than once" : ": a value is needed");
}

/// Throws when an option stands in the place of a value: CLI11 would take `--out --quiet` for a
/// folder called --quiet.
void check_values(CLI::App& app, const Words& words) {
  const auto option = [&app](const std::string& word) { return app.get_option_no_throw(word); };
  for (std::size_t i = 1; i < words.size(); ++i) {
    const CLI::Option* before = option(words[i - 1]);
    const bool takes_value = before != nullptr && before->get_items_expected_min() > 0;
    check(!takes_value || !words[i].starts_with("--") || option(words[i]) == nullptr, words[i - 1],
          ": a value is needed");
  }
}

}  // namespace

void parse(CLI::App& app, const Words& words) {
  check_values(app, words);
  try {
    app.parse(Words(words.rbegin(), words.rend()));  // CLI11 expects the last word first
    for (const CLI::Option* option : app.get_options()) {
      const bool has_empty = std::ranges::find(option->results(), "") != option->results().end();
      check(!has_empty, option->get_name(), ": a value is needed");
    }
  } catch (const CLI::ExtrasError&) {
    throw Error(unexpected(app, app.remaining().front()));
  } catch (const CLI::ValidationError& error) {
    throw Error(error.what());
  } catch (const CLI::ArgumentMismatch& error) {
    throw Error(wrong_count(app, error.what()));
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) std::exit(app.exit(error));  // help was asked for
    std::string line = error.what();
    std::replace(line.begin(), line.end(), '\n', ' ');
    throw Error(line + see_help);
  }
}

}  // namespace muonlab::app
