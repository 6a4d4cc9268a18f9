#pragma once

#include <functional>

#include "muonlab/core/shape.h"

namespace muonlab::optim {

/// The factor for the learning rate at a step counted from 0: give it to set_lr_scale().
using Schedule = std::function<float(Index step)>;

struct ScheduleOptions {
  Index steps = 1;   ///< from the first to the end of the fall; later steps stay at `last`
  Index warmup = 0;  ///< of these, the first ones rise linearly: 1/warmup, 2/warmup, ..., 1
  float last = 0;    ///< factor at the end, of linear and cosine
};

/// 1 throughout, after the warm-up; `steps` does not matter.
Schedule constant_schedule(ScheduleOptions options = {});

/// Falls in a straight line to `last`.
Schedule linear_schedule(ScheduleOptions options);

/// Falls along half a cosine to `last`. Loshchilov, Hutter 2016, arXiv:1608.03983.
/// Linear and cosine throw unless steps >= 1 and 0 <= warmup <= steps.
Schedule cosine_schedule(ScheduleOptions options);

/// One factor for all `steps` steps of an epoch: that of `of_epochs` at its number, from 0.
Schedule by_epoch(Schedule of_epochs, Index steps);

}  // namespace muonlab::optim
