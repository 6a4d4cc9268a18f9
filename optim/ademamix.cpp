#include "muonlab/optim/ademamix.h"

#include <cmath>
#include <utility>

#include "muonlab/core/kernels/update.h"

namespace muonlab::optim {

Ademamix::Ademamix(nn::Parameters parameters, Options options)
    : ParameterOptimizer(rule_name, std::move(parameters), options.lr), options_(options) {
  check_decay_rate(name(), "beta1", options.beta1);
  check_decay_rate(name(), "beta2", options.beta2);
  check_decay_rate(name(), "beta3", options.beta3);
  check_not_negative(name(), "alpha", options.alpha);
  check_not_negative(name(), "eps", options.eps);
  check_not_negative(name(), "weight_decay", options.weight_decay);
  check(options.warmup == 0 || (options.beta1 > 0 && options.beta3 > 0), name(),
        ": a warm-up needs beta1 and beta3 above 0");
}

float Ademamix::beta3_at(Index step) const {
  if (step >= options_.warmup) return options_.beta3;
  const auto half_life = [](double beta) { return std::log(0.5) / std::log(beta) - 1; };
  const double done = static_cast<double>(step) / static_cast<double>(options_.warmup);
  const double now = (1 - done) * half_life(options_.beta1) + done * half_life(options_.beta3);
  return static_cast<float>(std::pow(0.5, 1 / (now + 1)));
}

void Ademamix::update(const std::vector<Update>& updates) {
  std::vector<kernel::AdemamixUpdate::Part> parts;
  for (const auto& [i, value, grad] : updates) {
    const Index t = this->updates(i);
    const auto steps = static_cast<double>(t);
    const float share =
        t < options_.warmup ? static_cast<float>(t) / static_cast<float>(options_.warmup) : 1.0F;
    parts.push_back(
        {.count = value.count(),
         .value = value.data(),
         .grad = grad.data(),
         .m = m_[i].data(),
         .slow = slow_[i].data(),
         .v = v_[i].data(),
         .unbias = static_cast<float>(1 / (1 - std::pow(options_.beta1, steps))),
         .inverse_root = static_cast<float>(1 / std::sqrt(1 - std::pow(options_.beta2, steps))),
         .beta3 = beta3_at(t),
         .alpha = share * options_.alpha});
  }
  run(updates[0].value.device(), kernel::AdemamixUpdate{.parts = parts,
                                                        .lr = lr(),
                                                        .beta1 = options_.beta1,
                                                        .beta2 = options_.beta2,
                                                        .eps = options_.eps,
                                                        .decay = 1 - lr() * options_.weight_decay});
}

}  // namespace muonlab::optim
