#pragma once

#include <string>
#include <vector>

#include "apps/sweep/grid.h"
#include "apps/sweep/plan.h"

/// What a sweep prints.
namespace muonlab::app {

/// A line for a cell that was trained; `width` columns are for the name.
void print_result(const Result& result, std::size_t width);

/// A table for each optimizer: the validation loss by rate and batch size.
std::string loss_tables(const Grid& grid);

/// A row for each optimizer at each batch size: its best rate, and what that is worth.
std::string best_table(const Grid& grid);

/// A line for each optimizer whose best rate is at an edge of those tried: which to try beside.
std::vector<std::string> edge_hints(const Grid& grid);

/// The command that compares the optimizers at their best rates, at the batch size that is nearest
/// to the comparison's own. Empty when none has a best rate there.
std::string tuned_command(const Grid& grid, const Plan& plan);

}  // namespace muonlab::app
