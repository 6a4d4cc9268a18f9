#pragma once

#include <string>
#include <vector>

#include "apps/training/roles.h"
#include "apps/training/run.h"

/// What a comparison prints.
namespace muonlab::app {

/// A table of the parameters: their roles, and the rules that the contenders give them.
std::string table_of(const std::vector<Ruled>& parameters);

/// Prints the last epoch of a run, or why the run stopped. Its name takes `width` columns.
void print_epoch(const Run& run, int epochs, std::size_t width);

/// Prints `lines` on what Newton-Schulz took of a run's steps, or what observing them took.
void print_cost(const Run& run, const std::vector<std::string>& lines, std::size_t width);

/// Prints a table of the parts of a step, and one of what holds memory. The run has a profile.
void print_profile(const Run& run);

/// Prints a table with a row per contender; with several seeds, mean and standard deviation.
void print_summary(const std::vector<Run>& runs);

}  // namespace muonlab::app
