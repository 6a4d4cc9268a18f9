#pragma once

#include <string>
#include <vector>

#include "apps/kit/fields.h"

namespace muonlab::app {

/// The page report.html of comparisons. Each is as results.json has it, with a field "label", its
/// name, and, where steps were observed, a field "telemetry", as Spectra::json() returns it.
std::string report(const std::vector<Json>& comparisons);

}  // namespace muonlab::app
