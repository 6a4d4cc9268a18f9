#include "apps/saddle/escape.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace muonlab::app {
namespace {

/// An optimizer on its way from a saddle.
class Walk {
 public:
  Walk(const Saddle& saddle, const Contender& contender, std::uint64_t seed, float start)
      : rng_(seed),
        problem_(saddle.make(rng_, start)),
        optimizer_(contender.optimizer(problem_->parameters())) {}

  void step() {
    optimizer_->zero_grad();
    problem_->loss().backward();
    optimizer_->step();
  }

  std::vector<double> progress() const { return problem_->progress(); }

  Moment moment(Index step) const {
    Moment moment = {.step = step,
                     .loss = double{problem_->loss().value().item()},
                     .progress = problem_->progress(),
                     .place = {}};
    const nn::Parameters parameters = problem_->parameters();
    if (parameters.size() > 1) return moment;
    for (const float value : parameters.front().variable.value().values()) {
      moment.place.push_back(double{value});
    }
    return moment;
  }

 private:
  Rng rng_;
  std::unique_ptr<Problem> problem_;
  std::unique_ptr<optim::Optimizer> optimizer_;
};

}  // namespace

std::vector<Index> escape(const Saddle& saddle, const Contender& contender, std::uint64_t seed,
                          float start, Index limit) {
  constexpr double half = 0.5;
  Walk walk(saddle, contender, seed, start);
  std::vector<Index> steps(saddle.directions.size(), never);
  for (Index step = 1; step <= limit && std::ranges::count(steps, never) > 0; ++step) {
    walk.step();
    const std::vector<double> progress = walk.progress();
    for (std::size_t k = 0; k < steps.size(); ++k) {
      if (steps[k] == never && progress[k] >= half) steps[k] = step;
    }
  }
  return steps;
}

std::vector<Moment> follow(const Saddle& saddle, const Contender& contender, std::uint64_t seed,
                           float start, Index steps) {
  constexpr Index all_first = 50;
  Walk walk(saddle, contender, seed, start);
  std::vector<Moment> way = {walk.moment(0)};
  Index next = 1;
  for (Index step = 1; step <= steps; ++step) {
    walk.step();
    if (step < next && step < steps) continue;
    next = step + std::max<Index>(1, step / all_first);
    const Moment moment = walk.moment(step);
    if (!std::isfinite(moment.loss)) break;
    way.push_back(moment);
  }
  return way;
}

Index median(std::vector<Index> steps) {
  std::ranges::sort(steps);
  return steps[steps.size() / 2];
}

std::string median_and_range(std::vector<Index> steps) {
  std::ranges::sort(steps);
  const auto text = [](Index count) { return count == never ? "never" : std::to_string(count); };
  std::string middle = text(median(steps));
  if (steps.front() == steps.back()) return middle;
  return fmt::format("{} ({}-{})", middle, text(steps.front()), text(steps.back()));
}

}  // namespace muonlab::app
