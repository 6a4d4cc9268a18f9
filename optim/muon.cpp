#include "optim/muon.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/kernels/update.h"

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

std::vector<Tensor> Muon::directions(const std::vector<Update>& updates) {
  std::vector<Tensor> directions;
  std::vector<kernel::MomentumUpdate::Part> parts;
  for (const auto& [i, value, grad] : updates) {
    Tensor& u = directions.emplace_back(grad.shape(), grad.device());
    parts.push_back({.count = grad.count(),
                     .grad = grad.data(),
                     .buffer = momentum_[i].data(),
                     .direction = u.data()});
  }
  const float momentum = options_.momentum;
  run(updates[0].value.device(),
      kernel::MomentumUpdate{.parts = parts,
                             .momentum = momentum,
                             .fresh = options_.form == Momentum::average ? 1 - momentum : 1,
                             .nesterov = options_.nesterov});
  return directions;
}

void Muon::move(const std::vector<Update>& updates, const std::vector<Tensor>& directions) const {
  std::vector<kernel::DirectionUpdate::Part> parts;
  for (std::size_t k = 0; k < updates.size(); ++k) {
    Tensor& value = updates[k].value;
    const Index rows = value.shape()[0];
    const float scale = scale_of(options_.scale, rows, value.count() / rows);
    parts.push_back({.count = value.count(),
                     .value = value.data(),
                     .direction = directions[k].data(),
                     .step = lr() * scale});
  }
  run(updates[0].value.device(),
      kernel::DirectionUpdate{.parts = parts, .decay = 1 - lr() * options_.weight_decay});
}

void Muon::update(const std::vector<Update>& updates) {
  std::vector<Tensor> directions = this->directions(updates);
  for (Tensor& u : directions) {
    const Index rows = u.shape()[0];
    u = orthogonalize(u.reshape({rows, u.count() / rows}),
                      {.steps = options_.steps, .coefficients = options_.coefficients});
  }
  move(updates, directions);
}

}  // namespace muonlab::optim
