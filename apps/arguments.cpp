#include "apps/arguments.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/threads.h"

namespace muonlab::app {
namespace {

std::vector<std::string> names(const std::vector<Contender>& contenders) {
  std::vector<std::string> result;
  for (const Contender& contender : contenders) result.push_back(contender.name);
  return result;
}

std::string footer(const Defaults& defaults) {
  std::string text = "Optimizers (and their learning rates):\n";
  for (const Contender& contender : defaults.contenders) {
    text += fmt::format("  {:8} {:<6} {}\n", contender.name, contender.lr, contender.about);
  }
  text += fmt::format(
      "\nExamples:\n"
      "  {0} --optimizers muon,adamw --epochs 1\n"
      "  {0} --seeds 3 --out results/three_seeds\n"
      "  {0} --optimizers muon --lr muon=0.02 --batch-size 256\n",
      defaults.name);
  return text;
}

Contender& find(std::vector<Contender>& contenders, const std::string& option,
                const std::string& name) {
  const auto found = std::find_if(contenders.begin(), contenders.end(),
                                  [&](const Contender& c) { return c.name == name; });
  check(found != contenders.end(), option, ": unknown optimizer '", name, "', expected any of ",
        fmt::format("{}", fmt::join(names(contenders), ", ")));
  return *found;
}

/// Applies "muon=0.02" to the contender it names.
Contender& set_rate(std::vector<Contender>& contenders, const std::string& text) {
  const std::size_t equals = text.find('=');
  check(equals != std::string::npos, "--lr: expected NAME=VALUE, got '", text, "'");
  Contender& contender = find(contenders, "--lr", text.substr(0, equals));
  const char* end = text.data() + text.size();
  const auto [stop, status] = std::from_chars(text.data() + equals + 1, end, contender.lr);
  check(status == std::errc() && stop == end && std::isfinite(contender.lr) && contender.lr > 0,
        "--lr: the rate of ", contender.name, " must be a positive number, got '",
        text.substr(equals + 1), "'");
  return contender;
}

void parse_or_exit(CLI::App& app, int argc, char** argv) {
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) std::exit(app.exit(error));  // help was asked for
    std::string line = error.what();
    std::replace(line.begin(), line.end(), '\n', ' ');
    throw Error(line + " (--help shows what there is)");
  }
}

/// The command line as it is written.
struct CommandLine {
  Arguments arguments;
  std::vector<std::string> optimizers;
  std::vector<std::string> rates = {};
  std::int64_t seed = 0;
  int seeds = 1;
  int threads = muonlab::threads();
  std::string device = "cpu";
};

void add_options(CLI::App& app, CommandLine& line) {
  app.add_option("--data", line.arguments.data, "Folder with the data set")->type_name("DIR");
  app.add_option("--optimizers", line.optimizers, "Which to compare, separated by commas")
      ->delimiter(',')
      ->type_name("LIST")
      ->default_str(fmt::format("{}", fmt::join(line.optimizers, ",")));
  app.add_option("--epochs", line.arguments.epochs, "Passes over the training images")
      ->type_name("N")
      ->capture_default_str();
  app.add_option("--batch-size", line.arguments.batch_size, "Images for one step")
      ->type_name("N")
      ->capture_default_str();
  auto* one = app.add_option("--seed", line.seed, "Seed of the weights and of the order of images")
                  ->type_name("N")
                  ->capture_default_str();
  app.add_option("--seeds", line.seeds, "Repeat with seeds 0 to N - 1; prints mean and deviation")
      ->type_name("N")
      ->excludes(one);
  app.add_option("--lr", line.rates, "Other learning rates, such as muon=0.02 sgd=0.1")
      ->type_name("NAME=VALUE");
  app.add_option("--threads", line.threads, "CPU threads; results do not depend on it")
      ->type_name("N")
      ->capture_default_str();
  app.add_option("--device", line.device, "Where to train: cpu or cuda")
      ->type_name("DEVICE")
      ->capture_default_str();
  app.add_option("--out", line.arguments.out, "Write results.json and metrics.csv into this folder")
      ->type_name("DIR");
  app.add_flag("--quiet", line.arguments.quiet, "Print only the final table and what qualifies it");
}

void check_values(const CLI::App& app, const CommandLine& line) {
  const Arguments& arguments = line.arguments;
  check(arguments.epochs >= 1, "--epochs: at least 1 is needed, got ", arguments.epochs);
  check(arguments.batch_size >= 1, "--batch-size: at least 1 is needed, got ",
        arguments.batch_size);
  check(app.count("--out") == 0 || !arguments.out.empty(), "--out: a folder's name is needed");
  check(line.seed >= 0, "--seed: at least 0 is needed, got ", line.seed);
  check(line.seeds >= 1, "--seeds: at least 1 is needed, got ", line.seeds);
  check(line.threads >= 1, "--threads: at least 1 is needed, got ", line.threads);
  check(line.device == "cpu" || line.device == "cuda", "--device: expected cpu or cuda, got '",
        line.device, "'");
  check(line.device == "cpu", "--device cuda: this build has no CUDA; use --device cpu");
}

/// Those of `all` that the command line names, with the rates it gives.
std::vector<Contender> choose(std::vector<Contender> all, const CommandLine& line) {
  const auto& names = line.optimizers;
  for (const std::string& rate : line.rates) {
    const Contender& contender = set_rate(all, rate);
    check(std::count(names.begin(), names.end(), contender.name) > 0, "--lr: ", contender.name,
          " is not among the optimizers to compare, ", fmt::format("{}", fmt::join(names, ",")));
  }
  std::vector<Contender> chosen;
  for (const std::string& name : names) {
    check(std::count(names.begin(), names.end(), name) == 1, "--optimizers: ", name,
          " is named more than once");
    chosen.push_back(find(all, "--optimizers", name));
  }
  return chosen;
}

}  // namespace

Arguments parse_arguments(int argc, char** argv, const Defaults& defaults) {
  CLI::App app(defaults.about, defaults.name);
  app.footer(footer(defaults));
  app.get_formatter()->column_width(34);
  CommandLine line{
      .arguments = {.epochs = defaults.epochs, .batch_size = defaults.batch_size},
      .optimizers = names(defaults.contenders),
  };
  add_options(app, line);
  if (defaults.add_options) defaults.add_options(app);
  parse_or_exit(app, argc, argv);
  check_values(app, line);

  set_threads(line.threads);
  Arguments& arguments = line.arguments;
  arguments.contenders = choose(defaults.contenders, line);
  if (app.count("--seeds") == 0) {
    arguments.seeds = {static_cast<std::uint64_t>(line.seed)};
  } else {
    for (int i = 0; i < line.seeds; ++i) arguments.seeds.push_back(i);
  }
  return arguments;
}

}  // namespace muonlab::app
