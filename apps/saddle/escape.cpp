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
  double loss() const { return double{problem_->loss().value().item()}; }

  Moment moment(Index step) const {
    Moment moment = {.step = step, .loss = loss(), .progress = problem_->progress(), .place = {}};
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
  const double start_loss = walk.loss();
  std::vector<Index> steps(saddle.directions.size(), never);
  Index end = limit;
  for (Index step = 1; step <= end; ++step) {
    walk.step();
    const std::vector<double> progress = walk.progress();
    for (std::size_t k = 0; k < steps.size(); ++k) {
      if (steps[k] == never && progress[k] >= half) steps[k] = step;
    }
    if (std::ranges::count(steps, never) == 0) {
      end = std::min(2 * *std::ranges::max_element(steps), limit);
    }
  }
  const bool is_lower = walk.loss() < start_loss;  // false for NaN
  return is_lower ? steps : std::vector<Index>(steps.size(), never);
}

Way follow(const Saddle& saddle, const Contender& contender, std::uint64_t seed, float start,
           Index steps) {
  constexpr Index spacing = 50;
  Walk walk(saddle, contender, seed, start);
  Way way = {.moments = {walk.moment(0)}};
  const double little = 0.01 * (way.moments.front().loss - saddle.minimum);
  Index next = 1;
  for (Index step = 1; step <= steps; ++step) {
    walk.step();
    const double loss = walk.loss();
    if (way.fallen == never && loss - saddle.minimum < little) way.fallen = step;
    if (!std::isfinite(loss)) {
      way.diverged = step;
      break;
    }
    if (step < next && step < steps) continue;
    next = step + std::max<Index>(1, step / spacing);
    way.moments.push_back(walk.moment(step));
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
