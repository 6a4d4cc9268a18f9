#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "apps/keeping/arguments.h"
#include "apps/kit/options.h"

namespace muonlab::app {

/// The command line as it is written. Its options are of three kinds: the recipe says what is
/// computed, an app's own options included; running options say how, and may differ when a
/// comparison goes on; --checkpoint and --resume say where it is kept.
class CommandLine {
 public:
  explicit CommandLine(const Defaults& defaults);

  /// As parse() of apps/kit/options.h.
  void parse(const Words& words);

  bool given(const std::string& option) const { return app_.count(option) > 0; }

  /// The first option of the recipe that was given; empty when none was.
  std::string given_recipe() const;

  /// The recipe as words "--NAME=VALUE", defaults included, with these values of --lr.
  Words recipe(const Words& all_rates) const;

  /// The running options that were given, as such words, their paths absolute.
  Words running() const;

  /// Whether `word` is such a word, its option of the recipe, or a running one.
  bool is_recipe(const std::string& word) const { return is_of(word, recipe_group); }
  bool is_running(const std::string& word) const { return is_of(word, running_group); }

  Arguments arguments;
  std::vector<std::string> optimizers;
  std::vector<std::string> rates = {};
  std::int64_t seed = 0;
  int seeds = 1;
  int threads;
  std::string device = "cpu";
  std::string graph = "off";
  std::string precision = "float32";
  std::string muon_precision;
  std::string newton_schulz = {};
  std::string every = "1epoch";
  std::filesystem::path checkpoint = {};
  std::filesystem::path resume = {};

 private:
  static constexpr const char* recipe_group = "Options";
  static constexpr const char* running_group = "Also beside --resume, else as at the start";

  void add_recipe();
  void add_running();
  bool is_of(const std::string& word, const std::string& group) const;
  std::vector<const CLI::Option*> options(const std::string& group) const;

  CLI::App app_;
};

}  // namespace muonlab::app
