#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "apps/saddle/problem.h"
#include "apps/training/contender.h"

namespace muonlab::app {

/// Stands for a direction that is not taken within the steps there are.
inline constexpr Index never = std::numeric_limits<Index>::max();

/// After how many steps each direction of the saddle has come half the way to the minimum; at most
/// `limit` steps are tried. The walk then goes on for as long again, within the limit, and unless
/// its loss is below the start's in the end, all are `never`: a walk that diverges passes by the
/// half, but takes no direction.
std::vector<Index> escape(const Saddle& saddle, const Contender& contender, std::uint64_t seed,
                          float start, Index limit);

/// Where an optimizer is after some steps.
struct Moment {
  Index step;
  double loss;
  std::vector<double> progress;  // by direction
  std::vector<double> place;     // the numbers of a parameter that is alone
};

/// The way of an optimizer, and the steps after which something was so first.
struct Way {
  std::vector<Moment> moments;  // the start, the first 50 steps, then some of all
  Index fallen = never;         // the loss above the minimum was below 1 % of the start's
  Index diverged = never;       // the loss was not finite
};

/// Goes `steps` steps, or until a loss is not finite; after the first 50, a moment is kept whenever
/// the steps have grown by a fiftieth, and the last.
Way follow(const Saddle& saddle, const Contender& contender, std::uint64_t seed, float start,
           Index steps);

/// The one in the middle; of an even number, the larger of the two there.
Index median(std::vector<Index> steps);

/// "71 (56-174)": the median of steps over seeds, and the least and the most.
std::string median_and_range(std::vector<Index> steps);

}  // namespace muonlab::app
