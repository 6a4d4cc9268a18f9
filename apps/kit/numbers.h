#pragma once

#include <CLI/CLI.hpp>

#include "muonlab/core/shape.h"

/// Numbers on a command line, read alike by every version of CLI11: its own reading of "010" is
/// eight, some versions take "1'000", and what no type can hold becomes the largest that it can.
namespace muonlab::app {

/// For transform() of an option: a whole number from `low` to `high` in decimal digits, of which
/// zeros may come first and are taken away. Anything else is refused with the value and the range.
CLI::Validator whole(Index low, Index high);

/// Likewise a number of float32, such as 0.5 or 1e-3, from `low` to `high`.
CLI::Validator real(float low, float high);

}  // namespace muonlab::app
