#include "muonlab/optim/lion.h"

#include <utility>

#include "muonlab/core/kernels/update.h"
#include "muonlab/core/math.h"

namespace muonlab::optim {

Lion::Lion(nn::Parameters parameters, Options options)
    : ParameterOptimizer(rule_name, std::move(parameters), options.lr), options_(options) {
  check_decay_rate(name(), "beta1", options.beta1);
  check_decay_rate(name(), "beta2", options.beta2);
  check_not_negative(name(), "weight_decay", options.weight_decay);
}

float Lion::stretch(std::size_t i, const Tensor& grad) const {
  Tensor u(grad.shape(), grad.device());
  math::combine(options_.beta1, m_[i], 1 - options_.beta1, grad, u);
  const Tensor agrees =
      math::mul(math::map(Elementwise::sign, u), math::map(Elementwise::sign, grad));  // -1, 0 or 1
  const float moved = math::sum(math::map(Elementwise::relu, agrees)).item();
  return static_cast<float>(grad.count()) / (moved + 1);
}

void Lion::update(const std::vector<Update>& updates) {
  std::vector<kernel::LionUpdate::Part> parts;
  for (const auto& [i, value, grad] : updates) {
    parts.push_back({.count = value.count(),
                     .value = value.data(),
                     .grad = grad.data(),
                     .m = m_[i].data(),
                     .step = options_.cautious ? lr() * stretch(i, grad) : lr()});
  }
  run(updates[0].value.device(), kernel::LionUpdate{.parts = parts,
                                                    .beta1 = options_.beta1,
                                                    .beta2 = options_.beta2,
                                                    .decay = 1 - lr() * options_.weight_decay,
                                                    .cautious = options_.cautious});
}

}  // namespace muonlab::optim
