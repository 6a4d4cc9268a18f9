#include "muonlab/optim/mars_adamw.h"

#include <cmath>
#include <utility>

#include "muonlab/core/kernels/update.h"
#include "muonlab/optim/variance_reduction.h"

namespace muonlab::optim {

MarsAdamW::MarsAdamW(nn::Parameters parameters, Options options)
    : ParameterOptimizer(rule_name, std::move(parameters), options.lr), options_(options) {
  check_decay_rate(name(), "beta1", options.beta1);
  check_decay_rate(name(), "beta2", options.beta2);
  check_not_negative(name(), "gamma", options.gamma);
  check_not_negative(name(), "eps", options.eps);
  check_not_negative(name(), "weight_decay", options.weight_decay);
}

void MarsAdamW::update(const std::vector<Update>& updates) {
  const float factor = options_.gamma * options_.beta1 / (1 - options_.beta1);
  const auto moved = [this, factor](const std::vector<Update>& all, bool are_reduced) {
    const float beta1 = are_reduced ? options_.beta1 : 0.9F;
    const float beta2 = are_reduced ? options_.beta2 : 0.95F;
    std::vector<Tensor> gradients;
    std::vector<kernel::AdamUpdate::Part> parts;
    for (const auto& [i, value, grad] : all) {
      if (is_reduced(i) != are_reduced) continue;
      gradients.push_back(are_reduced ? reduce_variance(grad, last_[i], factor) : grad);
      const auto t = static_cast<double>(this->updates(i));
      parts.push_back({.count = value.count(),
                       .value = value.data(),
                       .grad = gradients.back().data(),
                       .m = m_[i].data(),
                       .v = v_[i].data(),
                       .step = static_cast<float>(lr() / (1 - std::pow(beta1, t))),
                       .inverse_root = static_cast<float>(1 / std::sqrt(1 - std::pow(beta2, t)))});
    }
    if (parts.empty()) return;
    run(all[0].value.device(), kernel::AdamUpdate{.parts = parts,
                                                  .beta1 = beta1,
                                                  .beta2 = beta2,
                                                  .eps = options_.eps,
                                                  .decay = 1 - lr() * options_.weight_decay,
                                                  .l2 = 0});
  };
  moved(updates, true);
  moved(updates, false);
}

}  // namespace muonlab::optim
