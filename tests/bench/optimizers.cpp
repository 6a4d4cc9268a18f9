// A step of each optimizer on the parameters of both apps' models.

#include <fmt/format.h>
#include <memory>

#include "apps/training/contender.h"
#include "apps/training/divergence.h"
#include "tests/bench/benchmarks.h"
#include "tests/bench/models.h"

namespace muonlab::bench {
namespace {

void measure(benchmark::State& state, Problem (*make)(Rng&), const app::Contender& rule) {
  Rng rng(0);
  Problem problem = make(rng);
  const nn::Parameters parameters = problem.model->parameters();
  problem.loss().backward();
  const std::unique_ptr<optim::Optimizer> optimizer = rule.optimizer(parameters);
  while (state.KeepRunning()) optimizer->step();

  // The least there is to do: read parameters, gradients and state, write parameters and state.
  // Small models stay in the caches, which are faster than memory.
  const auto parameter_bytes = static_cast<double>(app::count(parameters)) * sizeof(float);
  count_bytes(state, 3 * parameter_bytes + 2 * static_cast<double>(optimizer->state_bytes()));
}

}  // namespace

void add_optimizers() {
  for (const auto make : problems) {
    Rng rng(0);
    const std::string name = make(rng).name;
    for (const app::Contender& rule : rules()) {
      add(fmt::format("optimizers/{}/{}", name, rule.name),
          [make, rule](benchmark::State& state) { measure(state, make, rule); });
    }
  }
}

}  // namespace muonlab::bench
