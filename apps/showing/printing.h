#pragma once

#include <string>
#include <vector>

#include "apps/training/roles.h"
#include "apps/training/run.h"

/// What a comparison prints.
namespace muonlab::app {

/// A table of the parameters: their roles, and the rules that the contenders give them.
std::string table_of(const std::vector<Ruled>& parameters);

/// The last epoch of a run, or why it stopped. `width` columns are for its name, as below.
void print_epoch(const Run& run, int epochs, std::size_t width);

/// What Newton-Schulz took of the steps of a run, or what observing them took.
void print_cost(const Run& run, const std::vector<std::string>& lines, std::size_t width);

/// A table of the parts of a step, and one of what holds memory.
void print_profile(const Run& run);

/// One row per contender; with several seeds, mean and standard deviation over them.
void print_summary(const std::vector<Run>& runs);

}  // namespace muonlab::app
