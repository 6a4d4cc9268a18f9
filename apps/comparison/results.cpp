#include "apps/comparison/results.h"

#include <fmt/format.h>
#include <sstream>
#include <utility>

#include "apps/comparison/run_json.h"
#include "core/files.h"
#include "core/threads.h"

namespace muonlab::app {
namespace {

std::string to_csv(const std::vector<Run>& runs) {
  std::string text = "optimizer,seed,epoch,loss,test_accuracy,train_seconds\n";
  for (const Run& run : runs) {
    for (const Epoch& epoch : run.epochs) {
      text += fmt::format("{},{},{},{},{},{}\n", run.optimizer, run.seed, epoch.number, epoch.loss,
                          epoch.test_accuracy, epoch.train_seconds);
    }
  }
  return text;
}

}  // namespace

Results::Results(std::string protocol, std::string data, const Arguments& arguments)
    : protocol_(std::move(protocol)),
      data_(std::move(data)),
      recipe_(arguments.recipe),
      device_(arguments.device),
      batch_size_(arguments.batch_size),
      folder_(arguments.out) {}

void Results::write(const std::vector<Run>& runs) const {
  if (folder_.empty()) return;
  Json json = {{"protocol", protocol_}, {"data", data_},
               {"recipe", recipe_},     {"device", (std::ostringstream() << device_).str()},
               {"threads", threads()},  {"batch_size", batch_size_},
               {"runs", Json::array()}};
  for (const Run& run : runs) json["runs"].push_back(to_json(run));
  files::replace(folder_ / "results.json", json.dump(2) + '\n');
  files::replace(folder_ / "metrics.csv", to_csv(runs));
}

}  // namespace muonlab::app
