#include "apps/training/contender.h"

namespace muonlab::app {

optim::MuonOptions Tuning::muon() const {
  return {.lr = lr,
          .steps = orthogonalization.steps,
          .coefficients = orthogonalization.coefficients,
          .precision = orthogonalization.precision,
          .products = orthogonalization.form};
}

std::unique_ptr<optim::Optimizer> Contender::optimizer(const nn::Parameters& parameters) const {
  const auto all = routes({.lr = lr, .orthogonalization = orthogonalization});
  if (all.size() == 1) return all[0].make(parameters);
  return std::make_unique<optim::Hybrid>(parameters, all);
}

std::vector<optim::Assignment> Contender::assignments(const nn::Parameters& parameters) const {
  return optim::assign(parameters, routes({.lr = lr, .orthogonalization = orthogonalization}));
}

}  // namespace muonlab::app
