#pragma once

#include <string>
#include <vector>

#include "apps/memory/measurement.h"
#include "apps/page/page.h"

/// Memory as a page; `made` is what making() gives.
namespace muonlab::app {

/// What published_table() prints, and what count_table() does for 7 billion parameters.
std::string published_page(const Json& made);

/// What count_table() prints.
std::string count_page(double parameters, const Json& made);

/// What measured_table() prints, of the subject of this name.
std::string measured_page(const Subject& subject, const nn::Parameters& parameters,
                          const std::vector<Measured>& measured, const Json& made);

}  // namespace muonlab::app
