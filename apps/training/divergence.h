#pragma once

#include <stdexcept>

#include "muonlab/nn/parameter.h"

namespace muonlab::app {

/// A loss or a parameter is not finite: the run has no future. what() names the step, the loss, and
/// the first parameter that is not finite.
class Diverged : public std::runtime_error {
 public:
  Diverged(Index step, double loss, const nn::Parameters& parameters);
};

/// The first parameter that has an element infinite or NaN; null when all are finite.
const nn::Parameter* first_not_finite(const nn::Parameters& parameters);

/// Number of single numbers in all parameters.
Index count(const nn::Parameters& parameters);

}  // namespace muonlab::app
