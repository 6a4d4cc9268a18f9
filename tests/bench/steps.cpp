// A training step of each app: forward, backward, optimizer.

#include <fmt/format.h>
#include <memory>

#include "apps/training/cost.h"
#include "muonlab/core/profile.h"
#include "tests/bench/benchmarks.h"
#include "tests/bench/models.h"

namespace muonlab::bench {
namespace {

Variable loss_of(Problem& problem) {
  const profile::Section section("forward");
  return problem.loss();
}

void step(Problem& problem, optim::Optimizer& optimizer) {
  optimizer.zero_grad();
  loss_of(problem).backward();
  optimizer.step();
}

void measure(benchmark::State& state, Problem (*make)(Rng&), const app::Contender& rule,
             Precision precision) {
  Rng rng(0);
  Problem problem = make(rng);
  const nn::Parameters parameters = problem.model->parameters();
  const ProductPrecision scope(precision);
  const std::unique_ptr<optim::Optimizer> optimizer = rule.optimizer(parameters);
  profile::Recorder recorder;
  {
    const profile::Recording recording(recorder);
    while (state.KeepRunning()) step(problem, *optimizer);
  }
  for (const profile::Entry& entry : recorder.entries()) {
    if (entry.depth != 0) continue;
    state.counters[entry.name + " ms"] =
        benchmark::Counter(1000 * entry.seconds, benchmark::Counter::kAvgIterations);
  }
  // The model's operations alone, so that what an optimizer costs lowers the figure.
  double flops = 0;
  for (const auto& matrix : app::matrices_of(parameters, problem.positions, problem.batch())) {
    flops += app::layer_flops(matrix);
  }
  count_flops(state, flops, precision);
}

}  // namespace

void add_steps() {
  for (const auto make : problems) {
    Rng rng(0);
    const std::string name = make(rng).name;
    for (const app::Contender& rule : rules()) {
      for (const Precision precision : precisions) {
        add(fmt::format("steps/{}/{}/{}", name, rule.name, name_of(precision)),
            [make, rule, precision](benchmark::State& state) {
              measure(state, make, rule, precision);
            });
      }
    }
  }
}

}  // namespace muonlab::bench
