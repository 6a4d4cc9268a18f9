#pragma once

#include <string>

#include "apps/comparison/fields.h"
#include "apps/sweep/grid.h"

namespace muonlab::app {

/// report.html of a sweep: `head` is sweep.json without its cells.
std::string report(const Json& head, const Grid& grid);

}  // namespace muonlab::app
