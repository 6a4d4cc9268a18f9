#include "apps/saddle/escape.h"

#include <algorithm>
#include <fmt/format.h>

namespace muonlab::app {

std::vector<Index> escape(const Saddle& saddle, const Contender& contender, std::uint64_t seed,
                          float start, Index limit) {
  constexpr double half = 0.5;
  Rng rng(seed);
  const auto problem = saddle.make(rng, start);
  const auto optimizer = contender.optimizer(problem->parameters());
  std::vector<Index> steps(saddle.directions.size(), never);
  for (Index step = 1; step <= limit && std::ranges::count(steps, never) > 0; ++step) {
    optimizer->zero_grad();
    problem->loss().backward();
    optimizer->step();
    const std::vector<double> progress = problem->progress();
    for (std::size_t k = 0; k < steps.size(); ++k) {
      if (steps[k] == never && progress[k] >= half) steps[k] = step;
    }
  }
  return steps;
}

std::string median_and_range(std::vector<Index> steps) {
  std::ranges::sort(steps);
  const auto text = [](Index count) { return count == never ? "never" : std::to_string(count); };
  const Index median = steps[steps.size() / 2];
  if (steps.front() == steps.back()) return text(median);
  return fmt::format("{} ({}-{})", text(median), text(steps.front()), text(steps.back()));
}

}  // namespace muonlab::app
