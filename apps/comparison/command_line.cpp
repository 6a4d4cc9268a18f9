#include "apps/comparison/command_line.h"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <limits>

#include "apps/kit/names.h"
#include "apps/kit/numbers.h"
#include "muonlab/core/threads.h"

namespace muonlab::app {
namespace {

std::string footer(const Defaults& defaults) {
  std::string text = "Optimizers (and their learning rates):\n";
  for (const Contender& contender : defaults.contenders) {
    text += fmt::format("  {:13} {:<6} {}\n", contender.name, contender.lr, contender.about);
  }
  text += fmt::format(
      "\nExamples:\n"
      "  {0} --optimizers muon,adamw --epochs 1\n"
      "  {0} --seeds 3 --out results/three_seeds\n"
      "  {0} --optimizers muon --lr muon=0.02 --batch-size 256\n"
      "  {0} --checkpoint results/long --every 500   # Ctrl-C saves, too\n"
      "  {0} --resume results/long                   # goes on, with the same bits\n",
      defaults.name);
  return text;
}

bool is_given(const CLI::Option* option) { return option->count() > 0; }

constexpr int max_seeds = 10'000;

}  // namespace

CommandLine::CommandLine(const Defaults& defaults)
    : arguments{.epochs = defaults.epochs, .batch_size = defaults.batch_size},
      threads(muonlab::threads()),
      muon_precision(name_of(fastest_precision(Device::cpu))),
      app_(defaults.about, defaults.name) {
  for (const Contender& contender : defaults.contenders) {
    if (contender.by_default) optimizers.push_back(contender.name);
  }
  app_.footer(footer(defaults));
  app_.get_formatter()->column_width(34);
  add_recipe();
  if (defaults.add_options) defaults.add_options(app_);
  app_.add_option("--checkpoint", checkpoint, "Save what it takes to go on into this folder")
      ->type_name("DIR")
      ->group("Stopping and going on");
  app_.add_option("--resume", resume, "Go on from the last checkpoint in this folder, or this one")
      ->type_name("DIR|FILE")
      ->group("Stopping and going on");
  add_running();
}

void CommandLine::add_recipe() {
  app_.add_option("--optimizers", optimizers, "Which to compare, separated by commas")
      ->delimiter(',')
      ->type_name("LIST")
      ->default_str(fmt::format("{}", fmt::join(optimizers, ",")));
  app_.add_option("--epochs", arguments.epochs, "Passes over the training images")
      ->type_name("N")
      ->transform(whole(1, max_epochs))
      ->capture_default_str();
  app_.add_option("--batch-size", arguments.batch_size, "Images for one step")
      ->type_name("N")
      ->transform(whole(1, max_batch))
      ->capture_default_str();
  auto* one = app_.add_option("--seed", seed, "Seed of the weights and of the order of images")
                  ->type_name("N")
                  ->transform(whole(0, std::numeric_limits<Index>::max()))
                  ->capture_default_str();
  app_.add_option("--seeds", seeds, "Repeat with seeds 0 to N - 1; prints mean and deviation")
      ->type_name("N")
      ->transform(whole(1, max_seeds))
      ->excludes(one);
  app_.add_option("--lr", rates, "Other learning rates, such as muon=0.02 sgd=0.1")
      ->type_name("NAME=VALUE");
  app_.add_option("--precision", precision,
                  "Of products and convolutions in training: float32, or bfloat16 (operands "
                  "rounded, sums in float32)")
      ->type_name("TYPE")
      ->capture_default_str();
  app_.add_option("--muon-precision", muon_precision,
                  "The same for Muon's orthogonalization; unless told, what is fastest: on a GPU "
                  "bfloat16")
      ->type_name("TYPE")
      ->capture_default_str();
  app_.add_option("--newton-schulz", newton_schulz,
                  "How Muon's family orthogonalizes: steps=N, set=NAME of orthogonalize --help "
                  "(not for polar_express), "
                  "form=automatic, plain, symmetric or gram, separated by commas; "
                  "unless told, steps=5,set=standard,form=automatic")
      ->type_name("HOW");
  app_.add_option("--device", device, "Where to train: cpu, or cuda for an NVIDIA GPU")
      ->type_name("DEVICE")
      ->capture_default_str();
}

void CommandLine::add_running() {
  const auto running = [](CLI::Option* option) { return option->group(running_group); };
  running(app_.add_option("--data", arguments.data, "Folder with the data set"))->type_name("DIR");
  running(app_.add_option("--threads", threads, "CPU threads; results do not depend on it"))
      ->type_name("N")
      ->transform(whole(1, max_threads))
      ->capture_default_str();
  running(app_.add_option("--graph", graph,
                          "on: on the GPU a step is recorded and replayed as a CUDA graph, with "
                          "the same results"))
      ->type_name("on|off")
      ->capture_default_str();
  running(
      app_.add_option("--out", arguments.out,
                      "Write results.json, metrics.csv and report.html, a page, into this folder"))
      ->type_name("DIR");
  running(app_.add_option("--every", every, "Save after so many steps, or epochs: 500, 2epochs"))
      ->type_name("N[epochs]")
      ->capture_default_str();
  running(app_.add_option(
              "--telemetry", arguments.telemetry,
              "Observe step 1 and every N-th: the singular values of gradients, momenta "
              "and updates of all matrices, into telemetry.jsonl beside --out's files, "
              "and drawn on the page. A step of MNIST's network takes about 6 ms to observe "
              "and 15 KB in the file, one of CIFAR-10's about 50 ms; that does not count "
              "as training; 0: none"))
      ->type_name("N")
      ->transform(whole(0, std::numeric_limits<Index>::max()))
      ->capture_default_str();
  running(app_.add_flag("--profile", arguments.profile,
                        "Print where the time of a step goes, and what holds memory"));
  running(app_.add_flag("--quiet", arguments.quiet,
                        "Print only the final table and what qualifies it"));
}

void CommandLine::parse(const Words& words) {
  app::parse(app_, words);
  if (device == "cuda" && !given("--muon-precision")) {
    muon_precision = name_of(fastest_precision(Device::cuda));
    app_.get_option("--muon-precision")->default_str(muon_precision);
  }
}

std::string CommandLine::given_recipe() const {
  const auto all = options(recipe_group);
  const auto found = std::ranges::find_if(all, is_given);
  return found == all.end() ? "" : (*found)->get_name();
}

Words CommandLine::recipe(const Words& all_rates) const {
  Words words;
  for (const CLI::Option* option : options(recipe_group)) {
    const std::string name = option->get_name();
    Words values = option->results();
    if (option->get_delimiter() != '\0' && !values.empty()) {
      values = {fmt::format("{}", fmt::join(values, std::string(1, option->get_delimiter())))};
    }
    if (name == "--lr") {
      values = all_rates;
    } else if (values.empty() && std::ranges::none_of(option->get_excludes(), is_given) &&
               !option->get_default_str().empty()) {
      values = {option->get_default_str()};
    }
    for (const std::string& value : values) words.push_back(name + "=" + value);
  }
  return words;
}

Words CommandLine::running() const {
  Words words;
  for (const CLI::Option* option : options(running_group)) {
    const std::string name = option->get_name();
    const bool is_path = name == "--data" || name == "--out";
    for (const std::string& value : option->results()) {
      words.push_back(name + "=" + (is_path ? std::filesystem::absolute(value).string() : value));
    }
  }
  return words;
}

bool CommandLine::is_of(const std::string& word, const std::string& group) const {
  return std::ranges::any_of(options(group), [&word](const CLI::Option* option) {
    return word.starts_with(option->get_name() + "=");
  });
}

std::vector<const CLI::Option*> CommandLine::options(const std::string& group) const {
  return app_.get_options([this, &group](const CLI::Option* option) {
    return option != app_.get_help_ptr() && option->get_group() == group;
  });
}

}  // namespace muonlab::app
