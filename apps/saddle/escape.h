#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "apps/saddle/problem.h"
#include "apps/training/contender.h"

namespace muonlab::app {

/// Stands for what does not happen within the steps that are tried.
inline constexpr Index never = std::numeric_limits<Index>::max();

/// After how many steps each direction of the saddle has come half the way to the minimum; at most
/// `limit` steps are tried. When all directions have, the walk goes on for as many steps again,
/// within the limit. If its loss is not below the loss of the start in the end, all are `never`: a
/// walk that diverges passes the half, too, but takes no direction.
std::vector<Index> escape(const Saddle& saddle, const Contender& contender, std::uint64_t seed,
                          float start, Index limit);

/// Where an optimizer is after some steps.
struct Moment {
  Index step;
  double loss;
  std::vector<double> progress;  // of each direction
  std::vector<double> place;     // elements of the parameter, when there is only one
};

/// The way of an optimizer, and the first steps after which its loss was small or not finite.
struct Way {
  std::vector<Moment> moments;  // the start, the first 100 steps, then some
  Index fallen = never;         // loss above the minimum below 1 % of the start's
  Index diverged = never;       // loss not finite
};

/// Takes `steps` steps, but stops when a loss is not finite. Keeps a moment after each of the first
/// 100 steps, then whenever the steps have grown by about a fiftieth, and after the last.
Way follow(const Saddle& saddle, const Contender& contender, std::uint64_t seed, float start,
           Index steps);

/// The median; of an even number of steps, the larger of the two in the middle.
Index median(std::vector<Index> steps);

/// "71 (56-174)": the median of steps over seeds, and the least and the most.
std::string median_and_range(std::vector<Index> steps);

}  // namespace muonlab::app
