#pragma once

#include <string>
#include <vector>

#include "apps/kit/fields.h"

namespace muonlab::app {

/// report.html of comparisons, each as results.json has it, with a field "label", its name, and
/// where steps were observed "telemetry", as Spectra have it.
std::string report(const std::vector<Json>& comparisons);

}  // namespace muonlab::app
