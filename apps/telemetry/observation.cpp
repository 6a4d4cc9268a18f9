#include "apps/telemetry/observation.h"

#include <algorithm>

#include "apps/telemetry/spectrum.h"
#include "muonlab/core/linalg.h"
#include "muonlab/core/math.h"
#include "muonlab/core/threads.h"

namespace muonlab::app {
namespace {

bool is_matrix(const nn::Parameter& parameter) {
  return parameter.variable.shape().rank() >= 2 && parameter.variable.value().count() > 0;
}

/// `tensor` on the CPU, as a matrix whose rows are along its first axis.
Tensor as_matrix(const Tensor& tensor) {
  const Index rows = tensor.shape()[0];
  return tensor.to(Device::cpu).reshape({rows, tensor.count() / rows});
}

Tensor difference(const Tensor& a, const Tensor& b) {
  Tensor result(a.shape());
  std::ranges::transform(a.values(), b.values(), result.values().begin(), std::minus());
  return result;
}

/// The momentum of a parameter; null where its rule keeps none.
const Tensor* momentum_of(const std::string& parameter, const optim::State& state) {
  for (const optim::State::Named& named : state.tensors) {
    if (named.is_momentum && named.parameter == parameter) return &named.tensor;
  }
  return nullptr;
}

/// A matrix whose singular values are wanted.
struct Work {
  Tensor matrix;
  std::size_t owner;                           // index of the observed matrix
  std::vector<double> ObservedMatrix::*field;  // its list for them
};

}  // namespace

std::optional<double> ObservedMatrix::update_ratio() const {
  if (weight_norm == 0) return {};
  return frobenius_norm(update) / weight_norm;
}

std::vector<Tensor> copies_of_matrices(const nn::Parameters& parameters) {
  std::vector<Tensor> copies;
  for (const nn::Parameter& parameter : parameters) {
    copies.push_back(is_matrix(parameter) ? parameter.variable.value().clone() : Tensor());
  }
  return copies;
}

std::optional<std::vector<ObservedMatrix>> observe(const nn::Parameters& parameters,
                                                   const std::vector<Tensor>& before,
                                                   const optim::State& state) {
  std::vector<ObservedMatrix> matrices;
  std::vector<Work> all;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const nn::Parameter& parameter = parameters[i];
    if (!is_matrix(parameter) || !parameter.variable.grad()) continue;
    const Tensor weights = as_matrix(before[i]);
    const std::size_t owner = matrices.size();
    matrices.push_back({.parameter = parameter.name,
                        .rows = weights.shape()[0],
                        .columns = weights.shape()[1],
                        .weight_norm = math::norm(weights),
                        .gradient = {},
                        .momentum = {},
                        .update = {}});
    all.push_back({as_matrix(*parameter.variable.grad()), owner, &ObservedMatrix::gradient});
    if (const Tensor* momentum = momentum_of(parameter.name, state)) {
      all.push_back({as_matrix(*momentum), owner, &ObservedMatrix::momentum});
    }
    all.push_back({difference(weights, as_matrix(parameter.variable.value())), owner,
                   &ObservedMatrix::update});
  }
  const auto is_finite = [](const Work& work) { return math::all_finite(work.matrix); };
  if (!std::ranges::all_of(all, is_finite)) return {};
  run_together(Device::cpu, std::ssize(all), [&matrices, &all](Index i) {
    const auto& [matrix, owner, field] = all[static_cast<std::size_t>(i)];
    matrices[owner].*field = linalg::gram_singular_values(matrix);
  });
  return matrices;
}

}  // namespace muonlab::app
