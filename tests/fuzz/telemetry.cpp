// telemetry.jsonl of a comparison, as a page shows it.
#include "apps/page/page.h"
#include "apps/telemetry/observation_json.h"
#include "apps/telemetry/telemetry_file.h"
#include "tests/folder.h"
#include "tests/fuzz/fuzz.h"

namespace muonlab::fuzz {
namespace {

const app::Record& record() {
  static const app::Record record = [] {
    app::Record all = {.app = "mnist_compare",
                       .protocol = "mnist",
                       .data = "mini",
                       .recipe = {"--epochs=2"},
                       .device = "cpu",
                       .threads = 1,
                       .batch_size = 64};
    for (const std::uint64_t seed : {0, 1}) {
      all.runs.push_back(
          {.optimizer = "muon", .lr = 1, .seed = seed, .parameters = 10, .state_bytes = 40});
    }
    return all;
  }();
  return record;
}

std::string line(std::uint64_t seed, Index step) {
  app::ObservedMatrix matrix = {.parameter = "fc1.weight",
                                .rows = 2,
                                .columns = 3,
                                .weight_norm = 1.5,
                                .gradient = {0.5, 0.25},
                                .momentum = {2, 0},
                                .update = {1, 1}};
  app::ObservedMatrix bank = matrix;
  bank.parameter = "conv1.weight";
  bank.momentum.clear();
  bank.update = {0, 0};
  const app::Observation observation = {
      .optimizer = "muon", .seed = seed, .step = step, .seconds = 0.1, .matrices = {matrix, bank}};
  return to_json(observation, 2, 17).dump() + '\n';
}

}  // namespace

void read(const std::string& input) {
  static const test::Folder folder;
  const app::Spectra spectra = read_spectra(folder.write("telemetry.jsonl", input), record());
  if (!spectra.empty()) app::script_text(spectra.json(2));
}

std::vector<std::string> seeds() {
  const std::string first = app::first_line(record().recipe) + '\n';
  return {first, first + line(0, 1) + line(0, 2) + line(1, 1) + "{\"cut",
          first + line(1, 3) + line(7, 1)};
}

}  // namespace muonlab::fuzz
