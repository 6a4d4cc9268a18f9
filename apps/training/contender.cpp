#include "apps/training/contender.h"

#include <algorithm>

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

std::size_t name_width(const std::vector<Contender>& contenders) {
  std::size_t width = 8;
  for (const Contender& contender : contenders) width = std::max(width, contender.name.size());
  return width;
}

}  // namespace muonlab::app
