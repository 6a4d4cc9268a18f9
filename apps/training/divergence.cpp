#include "apps/training/divergence.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "muonlab/core/math.h"

namespace muonlab::app {
namespace {

std::string describe(Index step, double loss, const nn::Parameters& parameters) {
  const nn::Parameter* first = first_not_finite(parameters);
  return fmt::format("step {}: the loss is {}; {}", step,
                     std::isnan(loss) ? "nan" : fmt::format("{}", loss),  // never "-nan"
                     first == nullptr ? "all parameters are finite"
                                      : "the first parameter that is not finite is " + first->name);
}

}  // namespace

Diverged::Diverged(Index step, double loss, const nn::Parameters& parameters)
    : std::runtime_error(describe(step, loss, parameters)) {}

const nn::Parameter* first_not_finite(const nn::Parameters& parameters) {
  const auto found = std::find_if(parameters.begin(), parameters.end(), [](const auto& parameter) {
    return !math::all_finite(parameter.variable.value());
  });
  return found == parameters.end() ? nullptr : &*found;
}

Index count(const nn::Parameters& parameters) {
  Index total = 0;
  for (const nn::Parameter& parameter : parameters) total += parameter.variable.value().count();
  return total;
}

}  // namespace muonlab::app
