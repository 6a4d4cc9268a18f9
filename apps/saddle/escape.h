#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "apps/comparison/comparison.h"
#include "apps/saddle/problem.h"

namespace muonlab::app {

/// Stands for a direction that is not taken within the steps there are.
inline constexpr Index never = std::numeric_limits<Index>::max();

/// After how many steps each direction of the saddle has come half the way to the minimum; at most
/// `limit` steps are tried.
std::vector<Index> escape(const Saddle& saddle, const Contender& contender, std::uint64_t seed,
                          float start, Index limit);

/// "71 (56-174)": the median of steps over seeds, and the least and the most. Of an even number,
/// the larger of the two in the middle.
std::string median_and_range(std::vector<Index> steps);

}  // namespace muonlab::app
