#pragma once

#include <CLI/CLI.hpp>

#include "muonlab/core/shape.h"

/// Numbers on a command line, read alike with every version of CLI11. CLI11 itself reads "010" as
/// eight, takes "1'000" in some versions, and makes a number beyond its type the type's largest.
namespace muonlab::app {

/// For transform() of an option: takes a whole number from `low` to `high` in decimal digits and
/// removes leading zeros. For anything else the error names the value and the range.
CLI::Validator whole(Index low, Index high);

/// For transform() of an option: takes a float32 number from `low` to `high`, such as 0.5 or 1e-3,
/// but none that is denormal.
CLI::Validator real(float low, float high);

}  // namespace muonlab::app
