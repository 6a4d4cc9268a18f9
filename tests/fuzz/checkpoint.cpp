// The JSON of a checkpoint, beside its tensors, taken up as --resume does. The input is what the
// checksum is of, or no change of it would get past that.
#include "apps/comparison/parse_arguments.h"
#include "apps/keeping/keeper.h"
#include "apps/keeping/snapshot.h"
#include "apps/kit/sealed_json.h"
#include "apps/training/divergence.h"
#include "muonlab/core/threads.h"
#include "muonlab/optim/adam.h"
#include "muonlab/optim/sgd.h"
#include "tests/folder.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/small.h"

namespace muonlab::fuzz {
namespace {

using app::Json;

const app::Defaults& defaults() {
  static const app::Defaults defaults = {
      .name = "small_compare",
      .about = "",
      .contenders = {{.name = "adamw",
                      .about = "AdamW",
                      .lr = 0.1F,
                      .routes =
                          [](const app::Tuning& tuning) {
                            return std::vector{
                                optim::use<optim::AdamW>(app::all_roles, {.lr = tuning.lr})};
                          }},
                     {.name = "sgd",
                      .about = "SGD",
                      .lr = 0.2F,
                      .routes =
                          [](const app::Tuning& tuning) {
                            return std::vector{optim::use<optim::Sgd>(
                                app::all_roles, {.lr = tuning.lr, .momentum = 0.9F})};
                          }}},
      .epochs = 2,
      .batch_size = 5};
  return defaults;
}

app::Arguments arguments_of(std::vector<std::string> words) {
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  app::Arguments arguments =
      app::parse_arguments(static_cast<int>(pointers.size()), pointers.data(), defaults());
  set_threads(1);
  return arguments;
}

app::Run run_of(const app::Contender& contender, const app::Training& training) {
  return {.optimizer = contender.name,
          .lr = contender.lr,
          .seed = 0,
          .parameters = app::count(training.model->parameters()),
          .state_bytes = training.optimizer->state_bytes()};
}

/// A folder with a checkpoint: its first run has ended, the second is in its second epoch.
class Kept {
 public:
  Kept() {
    const app::Arguments arguments = arguments_of(
        {"small_compare", "--every=2", "--profile", "--checkpoint=" + folder.path.string()});
    app::Training training(arguments.contenders[1], 0, experiment, Device::cpu);
    training.position = {.batch = 1, .loss = 0.5, .loss_sum = 0.5, .seconds = 0.1};
    app::Run first = run_of(arguments.contenders[0], training);
    first.epochs = {{1, 0.5, 0.6, 0.9, 1.5}, {2, 0.25, 0.4, 0.95, 1.25}};
    first.profile = app::Profile{.steps = 4, .parts = {{"forward", 0, 1.5}}, .memory = {{"a", 40}}};
    app::Run second = run_of(arguments.contenders[1], training);
    second.epochs = {{1, 0.5, 0.6, 0.9, 1.5}};
    second.curve = app::Curve(4, 4);
    for (const double seconds : {1, 2, 3}) second.curve->add(0.5, seconds);
    app::Keeper(arguments, defaults().name, experiment).save({first, second}, training);
  }

  test::Folder folder;
  app::Experiment experiment = small_experiment();
};

const Kept& kept() {
  static const Kept kept;
  return kept;
}

}  // namespace

void read(const std::string& input) {
  const std::string rest = input.substr(input.empty() ? 0 : 1);
  kept().folder.write("000001.json", app::sealed(rest));
  const app::Arguments arguments =
      arguments_of({"small_compare", "--resume", kept().folder.path.string()});
  const app::Experiment& experiment = kept().experiment;
  const app::Keeper keeper(arguments, defaults().name, experiment);
  const std::vector<app::Run> runs = resumed_runs(arguments);
  const auto& contenders = arguments.contenders;
  const app::Contender& contender = contenders[(runs.size() - 1) % contenders.size()];
  app::Training training(contender, runs.back().seed, experiment, Device::cpu);
  restore(training, runs.back(), *arguments.resumed);
}

std::vector<std::string> seeds() {
  Json json = Json::parse(kept().folder.read("000001.json"));
  json.erase("crc32");
  return {json.dump()};
}

}  // namespace muonlab::fuzz
