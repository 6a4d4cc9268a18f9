// Trains the network of a comparison at many learning rates and batch sizes, and shows which rates
// the optimizers need.

#include <algorithm>
#include <exception>
#include <fmt/format.h>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "apps/kit/interrupt.h"
#include "apps/kit/main.h"
#include "apps/kit/progress.h"
#include "apps/kit/terminal.h"
#include "apps/sweep/grid.h"
#include "apps/sweep/plan.h"
#include "apps/sweep/printing.h"
#include "apps/sweep/store.h"

namespace muonlab::app {
namespace {

class Sweep {
 public:
  explicit Sweep(Plan plan)
      : plan_(std::move(plan)), trial_(experiment_of(plan_)), store_(plan_, trial_) {
    const Index images = trial_.experiment.train->size();
    for (const Index size : plan_.batch_sizes) {
      check(size <= images, "--batch-sizes: there are ", images, " images to train on, got ", size);
    }
    store_.write();  // throws now, and not after a training, when it cannot write
  }

  /// Trains what is missing. Returns the exit status.
  int run();

 private:
  void say_start(const std::vector<Cell>& all) const;
  Result train_cell(const Cell& cell, std::size_t number, std::size_t total) const;
  void write();
  void print_tables() const;
  void say_interrupted(const std::vector<Cell>& all) const;

  Plan plan_;
  Trial trial_;
  Store store_;
  bool is_written_ = true;
};

int Sweep::run() {
  remember_interrupts();
  const std::vector<Cell> all = plan_.cells();
  say_start(all);
  try {
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (store_.has(all[i])) continue;
      store_.add(train_cell(all[i], i, all.size()));
      if (!plan_.arguments.quiet) {
        print_result(store_.results().back(), name_width(plan_.arguments.contenders));
      }
      write();
    }
  } catch (const Interrupted& interrupted) {
    if (!store_.results().empty()) print_tables();
    say_interrupted(all);
    return interrupted.exit_status();
  }
  print_tables();
  return is_written_ ? 0 : 1;
}

void Sweep::say_start(const std::vector<Cell>& all) const {
  const Experiment& experiment = trial_.experiment;
  if (!experiment.notice.empty()) fmt::print("{}\n", experiment.notice);
  if (!plan_.arguments.quiet) {
    const auto done =
        std::ranges::count_if(all, [this](const Cell& cell) { return store_.has(cell); });
    fmt::print("{} training{}{}, {} epoch{} of {} images each, {} held out; products: {}\n",
               all.size(), all.size() == 1 ? "" : "s",
               done == 0 ? "" : fmt::format(", {} of them done", done), plan_.arguments.epochs,
               plan_.arguments.epochs == 1 ? "" : "s", experiment.train->size(),
               trial_.validation->size(), products(plan_.arguments));
  }
  std::fflush(stdout);
}

Result Sweep::train_cell(const Cell& cell, std::size_t number, std::size_t total) const {
  const Index batches = (trial_.experiment.train->size() + cell.batch_size - 1) / cell.batch_size;
  Progress progress(fmt::format("{}/{} {} {}, batch {}", number + 1, total, cell.optimizer, cell.lr,
                                cell.batch_size),
                    0, plan_.arguments.epochs * batches, plan_.arguments.quiet);
  const auto& contenders = plan_.arguments.contenders;
  const auto contender = std::ranges::find(contenders, cell.optimizer, &Contender::name);
  return train(cell, *contender, trial_, plan_.arguments,
               [&progress](Index steps, double loss) { progress.show(steps, loss); });
}

void Sweep::write() {
  is_written_ = false;
  try {
    store_.write();
    is_written_ = true;
  } catch (const std::exception& error) {
    say(fmt::format("warning: {}", error.what()));
  }
}

void Sweep::print_tables() const {
  const Grid grid(store_.results());
  const std::string best = best_table(grid);
  fmt::print("\n{}\n{}", loss_tables(grid), best);
  for (const std::string& hint : edge_hints(grid)) fmt::print("\n{}\n", hint);
  const std::string command = tuned_command(grid, plan_);
  if (!command.empty()) fmt::print("\nAt these rates: {}\n", command);
  std::fflush(stdout);
}

void Sweep::say_interrupted(const std::vector<Cell>& all) const {
  if (store_.file().empty()) {
    return say("interrupted: nothing was kept; next time --out DIR does it");
  }
  const auto done =
      std::ranges::count_if(all, [this](const Cell& cell) { return store_.has(cell); });
  std::string command = quoted(plan_.arguments.program);
  for (const std::string& word : plan_.words) command += ' ' + quoted(word);
  const std::string file = store_.file().string();
  say(is_written_ ? fmt::format("interrupted: {} of {} trainings are in {}; to go on: {}", done,
                                all.size(), file, command)
                  : fmt::format("interrupted: the last results could not be written to {}; to go "
                                "on from those before: {}",
                                file, command));
}

}  // namespace
}  // namespace muonlab::app

int main(int argc, char** argv) {
  using namespace muonlab::app;
  const auto prepare = [&] { return std::make_unique<Sweep>(parse_plan(argc, argv)); };
  return run_app(prepare, [](const auto& sweep) { return sweep->run(); });
}
