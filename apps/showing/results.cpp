#include "apps/showing/results.h"

#include <algorithm>
#include <exception>
#include <fmt/format.h>
#include <sstream>

#include "apps/kit/machine.h"
#include "apps/kit/parse.h"
#include "apps/kit/process.h"
#include "apps/kit/terminal.h"
#include "apps/page/out.h"
#include "apps/report/report.h"
#include "muonlab/core/files.h"
#include "muonlab/core/threads.h"

namespace muonlab::app {
namespace {

std::string to_csv(const std::vector<Run>& runs) {
  std::string text = "optimizer,seed,epoch,loss,test_loss,test_accuracy,train_seconds\n";
  for (const Run& run : runs) {
    for (const Epoch& epoch : run.epochs) {
      text += fmt::format("{},{},{},{},{},{},{}\n", run.optimizer, run.seed, epoch.number,
                          epoch.loss, epoch.test_loss, epoch.test_accuracy, epoch.train_seconds);
    }
  }
  return text;
}

/// The options beside the recipe that say what was observed, as words.
std::vector<std::string> watching(const Arguments& arguments) {
  std::vector<std::string> words;
  if (arguments.telemetry > 0) words.push_back(fmt::format("--telemetry={}", arguments.telemetry));
  if (arguments.profile) words.emplace_back("--profile");
  return words;
}

/// The record without runs: all that is known before there is one.
Record record_of(const std::string& app, const Experiment& experiment, const Arguments& arguments) {
  const Device device = arguments.device;
  Rng rng(0);
  return {.app = app,
          .id = arguments.id,
          .version = MUONLAB_VERSION,
          .processor = processor(),
          .gpu = device == Device::cpu ? "" : name_of(device),
          .products = products(arguments),
          .protocol = experiment.protocol,
          .data = experiment.data,
          .recipe = arguments.recipe,
          .watching = watching(arguments),
          .device = (std::ostringstream() << device).str(),
          .threads = threads(),
          .batch_size = arguments.batch_size,
          .parameters = roles(experiment.make_model(rng)->parameters(), arguments.contenders)};
}

}  // namespace

Results::Results(const std::string& app, const Experiment& experiment, const Arguments& arguments)
    : folder_(arguments.out), record_{} {
  if (folder_.empty()) return;
  check_free_of(folder_, {"sweep.json"});
  record_ = record_of(app, experiment, arguments);
}

void Results::write(const std::vector<Run>& runs, const Spectra& spectra) const {
  if (folder_.empty()) return;
  Json json = to_json(record_, runs);
  files::replace(folder_ / "results.json", readable(json) + '\n');
  files::replace(folder_ / "metrics.csv", to_csv(runs));
  json["label"] = folder_.filename().string();
  if (!spectra.empty()) json["telemetry"] = spectra.json();
  files::replace(folder_ / "report.html", report({json}));
}

void Results::save(const std::vector<Run>& runs, const Spectra& spectra) {
  are_saved_ = false;
  try {
    write(runs, spectra);
    are_saved_ = true;
  } catch (const std::exception& error) {
    put_memory_aside();
    say(fmt::format("warning: {}", error.what()));
  }
}

std::string Results::kept(const std::vector<Run>& runs) const {
  const auto has_epochs = [](const Run& run) { return !run.epochs.empty(); };
  if (folder_.empty() || std::ranges::none_of(runs, has_epochs)) return "";
  return (are_saved_ ? "the epochs that ended are in " : "not all epochs that ended are in ") +
         folder_.string();
}

}  // namespace muonlab::app
