#include "apps/compare.h"

#include <algorithm>
#include <fmt/format.h>
#include <string>
#include <vector>

#include "apps/main.h"
#include "apps/progress.h"
#include "apps/report.h"
#include "apps/results.h"
#include "apps/training.h"

namespace muonlab::app {
namespace {

struct Comparison {
  Arguments arguments;
  Experiment experiment;
  Results results;
};

/// Trains one epoch and adds it to the run.
void add_epoch(Training& training, Run& run, const Comparison& comparison) {
  const auto& [arguments, experiment, results] = comparison;
  const auto epoch = static_cast<Index>(run.epochs.size());
  const Index batches = training.batches->size();
  {
    const std::string title =
        fmt::format("{} epoch {}/{}", run.optimizer, epoch + 1, arguments.epochs);
    Progress progress(title, batches, arguments.quiet);
    training.optimizer->set_lr_scale(experiment.schedule(epoch));
    train_epoch(training, epoch,
                [&](double loss) { progress.show(training.position.batch, loss); });
  }
  const double loss = training.position.loss_sum / static_cast<double>(batches);
  const double seconds = training.position.seconds;
  const double right = accuracy(*training.model, *experiment.test_batches());
  run.epochs.push_back({static_cast<int>(epoch) + 1, loss, right, seconds});
  training.position = {};
}

/// Trains one model and adds its run, which is written after every epoch.
void train(const Contender& contender, std::uint64_t seed, const Comparison& comparison,
           std::vector<Run>& runs) {
  const auto& [arguments, experiment, results] = comparison;
  Training training(contender, seed, experiment, arguments.device);
  Run& run = runs.emplace_back(Run{.optimizer = contender.name,
                                   .lr = contender.lr,
                                   .seed = seed,
                                   .parameters = count(training.model->parameters()),
                                   .state_bytes = training.optimizer->state_bytes()});
  while (run.stopped.empty() && std::ssize(run.epochs) < arguments.epochs) {
    try {
      add_epoch(training, run, comparison);
    } catch (const Diverged& diverged) {
      run.stopped = fmt::format("epoch {}, {}", run.epochs.size() + 1, diverged.what());
    }
    if (!arguments.quiet || !run.stopped.empty()) print_epoch(run, arguments.epochs);
    results.write(runs);
  }
}

int run_all(const Comparison& comparison) {
  const auto& [arguments, experiment, results] = comparison;
  if (!experiment.notice.empty()) fmt::print("{}\n", experiment.notice);
  if (!arguments.quiet) {
    Rng rng(0);
    print_roles(experiment.make_model(rng)->parameters(), arguments.contenders);
  }
  std::vector<Run> runs;
  for (const std::uint64_t seed : arguments.seeds) {
    for (const Contender& contender : arguments.contenders) {
      train(contender, seed, comparison, runs);
    }
  }
  print_summary(runs);
  const auto stopped = [](const Run& run) { return !run.stopped.empty(); };
  return std::ranges::any_of(runs, stopped) ? 1 : 0;
}

}  // namespace

int compare(int argc, char** argv, const Defaults& defaults,
            const std::function<Experiment(const Arguments&)>& load) {
  // Reads and checks all input before any training starts.
  const auto prepare = [&]() -> Comparison {
    const Arguments arguments = parse_arguments(argc, argv, defaults);
    const Experiment experiment = load(arguments);
    return {arguments, experiment, Results(experiment.protocol, experiment.data, arguments)};
  };
  return run_app(prepare, run_all);
}

}  // namespace muonlab::app
