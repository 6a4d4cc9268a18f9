#include "optim/muon.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/kernels/update.h"
#include "core/math.h"

namespace muonlab::optim {

float scale_of(ScaleRule rule, Index rows, Index columns) {
  const float aspect = static_cast<float>(rows) / static_cast<float>(columns);
  switch (rule) {
    case ScaleRule::original: return std::sqrt(std::max(1.0F, aspect));
    case ScaleRule::match_rms: return 0.2F * std::sqrt(static_cast<float>(std::max(rows, columns)));
    case ScaleRule::spectral: return std::sqrt(aspect);
  }
  return 1;
}

Muon::Muon(nn::Parameters parameters, Options options)
    : ParameterOptimizer("muon", std::move(parameters), options.lr),
      options_(options),
      momentum_(add_state("momentum")) {
  check_decay_rate("momentum", options.momentum);
  check_not_negative("weight_decay", options.weight_decay);
  check(options.steps >= 1, "muon: at least 1 Newton-Schulz step is needed, got ", options.steps);
  for (const nn::Parameter& parameter : this->parameters()) {
    check(parameter.variable.shape().rank() >= 2 && parameter.variable.value().count() > 0,
          "muon: ", parameter.name, " is not a matrix, got ", parameter.variable.shape(),
          "; give it to another optimizer");
  }
}

void Muon::update(const std::vector<Update>& updates) {
  const float momentum = options_.momentum;
  for (const auto& [i, value, grad] : updates) {
    Tensor u(grad.shape(), grad.device());
    run(grad.device(),
        kernel::MomentumUpdate{.grad = grad,
                               .buffer = momentum_[i],
                               .direction = u,
                               .momentum = momentum,
                               .fresh = options_.form == Momentum::average ? 1 - momentum : 1,
                               .nesterov = options_.nesterov});

    const Index rows = value.shape()[0];
    const Index columns = value.count() / rows;
    const Tensor o = orthogonalize(u.reshape({rows, columns}),
                                   {.steps = options_.steps, .coefficients = options_.coefficients})
                         .reshape(value.shape());

    const float step = lr() * scale_of(options_.scale, rows, columns);
    math::combine(1 - lr() * options_.weight_decay, value, -step, o, value);
  }
}

}  // namespace muonlab::optim
