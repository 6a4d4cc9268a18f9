#include "muonlab/optim/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

namespace muonlab::optim {
namespace {

/// `curve` goes from 1 to `last` as its argument goes from 0 to 1.
template <class Curve>
Schedule with_warmup(ScheduleOptions options, Curve curve) {
  check(options.steps >= 1, "schedule: at least 1 step is needed, got ", options.steps);
  check(0 <= options.warmup && options.warmup <= options.steps,
        "schedule: warmup must be within the ", options.steps, " steps, got ", options.warmup);
  return [steps = options.steps, warmup = options.warmup, curve](Index step) {
    if (step < warmup) return static_cast<float>(step + 1) / static_cast<float>(warmup);
    if (step >= steps) return static_cast<float>(curve(1));
    return static_cast<float>(
        curve(static_cast<double>(step - warmup) / static_cast<double>(steps - warmup)));
  };
}

}  // namespace

Schedule constant_schedule(ScheduleOptions options) {
  options.steps = std::max(options.steps, options.warmup);
  return with_warmup(options, [](double) { return 1.0; });
}

Schedule linear_schedule(ScheduleOptions options) {
  return with_warmup(options, [last = options.last](double t) { return 1 + (last - 1) * t; });
}

Schedule cosine_schedule(ScheduleOptions options) {
  return with_warmup(options, [last = options.last](double t) {
    return last + (1 - last) * 0.5 * (1 + std::cos(std::numbers::pi * t));
  });
}

Schedule by_epoch(Schedule of_epochs, Index steps) {
  check(steps >= 1, "schedule: at least 1 step in an epoch is needed, got ", steps);
  return [of_epochs = std::move(of_epochs), steps](Index step) { return of_epochs(step / steps); };
}

}  // namespace muonlab::optim
