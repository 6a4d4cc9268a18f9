#include "apps/comparison.h"

#include <cmath>
#include <fmt/format.h>

#include "core/math.h"

namespace muonlab::app {
namespace {

std::string describe(double loss, Index step, const nn::Parameters& parameters) {
  const char* value = std::isnan(loss) ? "nan" : "infinite";
  for (const nn::Parameter& parameter : parameters) {
    if (!math::all_finite(parameter.variable.value())) {
      return fmt::format("step {}: the loss is {}; the first parameter that is not finite is {}",
                         step, value, parameter.name);
    }
  }
  return fmt::format("step {}: the loss is {}; all parameters are finite", step, value);
}

}  // namespace

Diverged::Diverged(double loss, Index step, const nn::Parameters& parameters)
    : std::runtime_error(describe(loss, step, parameters)) {}

Index count(const nn::Parameters& parameters) {
  Index total = 0;
  for (const nn::Parameter& parameter : parameters) total += parameter.variable.value().count();
  return total;
}

}  // namespace muonlab::app
