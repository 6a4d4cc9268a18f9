#pragma once

#include <string>

#include "apps/kit/fields.h"
#include "apps/sweep/grid.h"

namespace muonlab::app {

/// report.html of a sweep: `head` is sweep.json without its cells, `tuned` the command of the
/// comparison at the best rates, or empty.
std::string report(const Json& head, const Grid& grid, const std::string& tuned);

}  // namespace muonlab::app
