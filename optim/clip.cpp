#include "muonlab/optim/clip.h"

#include <cmath>

#include "muonlab/core/math.h"

namespace muonlab::optim {

double clip_grad_norm(nn::Parameters parameters, double max_norm) {
  check(max_norm > 0, "clip_grad_norm: max_norm must be positive, got ", max_norm);
  double squares = 0;
  for (const nn::Parameter& parameter : parameters) {
    if (!parameter.variable.grad()) continue;
    const double norm = math::norm(*parameter.variable.grad());
    squares += norm * norm;
  }
  const double total = std::sqrt(squares);
  if (total <= max_norm) return total;
  const auto factor = static_cast<float>(max_norm / total);
  for (nn::Parameter& parameter : parameters) {
    if (!parameter.variable.grad()) continue;
    parameter.variable.set_grad(math::scale(factor, *parameter.variable.grad()));
  }
  return total;
}

}  // namespace muonlab::optim
