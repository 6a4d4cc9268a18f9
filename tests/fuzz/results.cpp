// results.json of a comparison.
#include <cmath>
#include <stdexcept>

#include "apps/keeping/record.h"
#include "apps/kit/parse.h"
#include "apps/page/page.h"
#include "tests/folder.h"
#include "tests/fuzz/fuzz.h"

namespace muonlab::fuzz {
namespace {

app::Record record() {
  app::Curve curve(10, 4);
  for (int step = 1; step <= 10; ++step) curve.add(3.0 / step, step);
  app::Run run = {.optimizer = "muon", .lr = 0.01F, .seed = 1, .parameters = 10, .state_bytes = 40};
  run.epochs = {{1, 0.5, 0.6, 0.9, 1.5}, {2, 0.25, std::nan(""), 0.95, 1.25}};
  run.profile = app::Profile{
      .steps = 10, .parts = {{"forward", 0, 1.5}, {"conv1", 1, 0.5}}, .memory = {{"state", 40}}};
  run.curve = curve;
  app::Run stopped = {.optimizer = "sgd", .lr = 10, .seed = 1, .parameters = 10, .state_bytes = 0};
  stopped.stopped = "epoch 1, step 3: the loss is nan";
  return {.app = "mnist_compare",
          .version = "1",
          .processor = "p",
          .gpu = "g",
          .products = "float32",
          .protocol = "mnist",
          .data = "mini",
          .recipe = {"--epochs=2"},
          .watching = {"--profile"},
          .device = "cpu",
          .threads = 2,
          .batch_size = 64,
          .parameters = {{"fc1.weight", "(2, 5)", "hidden", {{"muon", "muon"}, {"sgd", "sgd"}}}},
          .runs = {run, stopped}};
}

}  // namespace

void read(const std::string& input) {
  static const test::Folder folder;
  const app::Record record = app::read_record(folder.write("results.json", input));
  const app::Json json = to_json(record, record.runs);
  app::script_text(json);
  const app::Record again = app::read_record(folder.write("again.json", app::readable(json)));
  if (to_json(again, again.runs) != json) throw std::logic_error("is read back as something else");
}

std::vector<std::string> seeds() {
  const app::Record full = record();
  app::Json old = to_json(full, {});  // as before these fields were written
  for (const char* name : {"app", "version", "processor", "gpu", "products", "watching"}) {
    old.erase(name);
  }
  return {to_json(full, full.runs).dump(), old.dump()};
}

}  // namespace muonlab::fuzz
