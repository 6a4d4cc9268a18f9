#pragma once

#include <string>
#include <vector>

#include "apps/memory/measurement.h"
#include "apps/page/page.h"

/// Pages on memory; `made` is what making() returns.
namespace muonlab::app {

/// Shows published_table(), and count_table() for 7 billion parameters.
std::string published_page(const Json& made);

/// Shows count_table().
std::string count_page(double parameters, const Json& made);

/// Shows measured_table() of `subject`.
std::string measured_page(const Subject& subject, const nn::Parameters& parameters,
                          const std::vector<Measured>& measured, const Json& made);

}  // namespace muonlab::app
