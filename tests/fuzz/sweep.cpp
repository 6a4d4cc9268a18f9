// sweep.json, which a sweep goes on from.
#include <stdexcept>

#include "apps/sweep/printing.h"
#include "apps/sweep/store.h"
#include "tests/folder.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/small.h"

namespace muonlab::fuzz {
namespace {

using app::Json;

/// A sweep of four trainings into a folder of its own.
class Sweep {
 public:
  Sweep() {
    const std::string out = "--out=" + folder.path.string();
    std::vector<std::string> words = {"sweep",           "mnist",   "--optimizers=sgd,muon",
                                      "--batch-sizes=5", "--rates", "sgd=0.1,0.2",
                                      "muon=0.01,0.02",  out};
    std::vector<char*> pointers;
    for (std::string& word : words) pointers.push_back(word.data());
    plan = app::parse_plan(static_cast<int>(pointers.size()), pointers.data());
  }

  test::Folder folder;
  app::Plan plan;
  app::Trial trial = app::Trial(small_experiment());
};

const Sweep& sweep() {
  static const Sweep sweep;
  return sweep;
}

void show(const app::Store& store) {
  const app::Grid grid(store.results());
  loss_tables(grid);
  best_table(grid);
  edge_hints(grid);
  tuned_command(grid, sweep().plan);
}

}  // namespace

void read(const std::string& input) {
  sweep().folder.write("sweep.json", input);
  const app::Store store(sweep().plan, sweep().trial);
  show(store);
  store.write();
  const std::string written = sweep().folder.read("sweep.json");
  app::Store(sweep().plan, sweep().trial).write();
  if (sweep().folder.read("sweep.json") != written) {
    throw std::logic_error("is read back as something else");
  }
}

std::vector<std::string> seeds() {
  app::Store store(sweep().plan, sweep().trial);
  for (const app::Cell& cell : sweep().plan.cells()) {
    if (cell.lr == 0.1F) store.add({.cell = cell, .score = {}, .diverged = "epoch 1, step 3"});
    if (cell.lr != 0.1F) store.add({.cell = cell, .score = {0.5, 0.25, 0.75, 0.5, 1.5}});
  }
  store.write();
  const Json json = Json::parse(sweep().folder.read("sweep.json"));
  return {json.dump()};
}

}  // namespace muonlab::fuzz
