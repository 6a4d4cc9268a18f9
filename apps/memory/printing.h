#pragma once

#include <string>
#include <vector>

#include "apps/memory/measurement.h"

/// Tables of memory as text.
namespace muonlab::app {

/// Parameters and state of the models that the tutorials name, by optimizer.
std::string published_table();

/// Parameters and state of a model with so many parameters, by optimizer.
std::string count_table(double parameters);

/// What was measured with each of all_keepings(), in their order, beside what was predicted.
std::string measured_table(const nn::Parameters& parameters, const std::vector<Measured>& measured);

}  // namespace muonlab::app
