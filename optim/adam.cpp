#include "muonlab/optim/adam.h"

#include <cmath>
#include <utility>

#include "muonlab/core/kernels/update.h"

namespace muonlab::optim {

Adam::Adam(std::string name, nn::Parameters parameters, Options options, float decoupled_decay,
           bool cautious)
    : ParameterOptimizer(std::move(name), std::move(parameters), options.lr),
      options_(options),
      decoupled_decay_(decoupled_decay),
      cautious_(cautious),
      m_(add_state("m", true)),
      v_(add_state("v")) {
  check_decay_rate(this->name(), "beta1", options.beta1);
  check_decay_rate(this->name(), "beta2", options.beta2);
  check_not_negative(this->name(), "eps", options.eps);
  check_not_negative(this->name(), "weight_decay", options.weight_decay);
  check_not_negative(this->name(), "weight_decay", decoupled_decay);
}

void Adam::update(const std::vector<Update>& updates) {
  std::vector<kernel::AdamUpdate::Part> parts;
  for (const auto& [i, value, grad] : updates) {
    const auto t = static_cast<double>(this->updates(i));
    const double correction1 = 1 - std::pow(options_.beta1, t);
    const double correction2 = 1 - std::pow(options_.beta2, t);
    parts.push_back({.count = value.count(),
                     .value = value.data(),
                     .grad = grad.data(),
                     .m = m_[i].data(),
                     .v = v_[i].data(),
                     .step = static_cast<float>(lr() / correction1),
                     .inverse_root = 1 / static_cast<float>(std::sqrt(correction2))});
  }
  run(updates[0].value.device(), kernel::AdamUpdate{.parts = parts,
                                                    .beta1 = options_.beta1,
                                                    .beta2 = options_.beta2,
                                                    .eps = options_.eps,
                                                    .decay = 1 - lr() * decoupled_decay_,
                                                    .l2 = options_.weight_decay,
                                                    .cautious = cautious_});
}

}  // namespace muonlab::optim
