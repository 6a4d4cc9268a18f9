#include "muonlab/optim/schedule_free.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "muonlab/core/kernels/update.h"
#include "muonlab/core/math.h"

namespace muonlab::optim {

ScheduleFree::ScheduleFree(nn::Parameters given, Options options)
    : ParameterOptimizer(rule_name, std::move(given), options.lr), options_(options) {
  check(0 < options.beta1 && options.beta1 < 1, name(), ": beta1 must be within (0, 1), got ",
        options.beta1);
  check_decay_rate(name(), "beta2", options.beta2);
  check_not_negative(name(), "eps", options.eps);
  check_not_negative(name(), "weight_decay", options.weight_decay);
  for (std::size_t i = 0; i < parameters().size(); ++i) {
    z_[i].copy_from(parameters()[i].variable.value());
    rates_.push_back(math::zeros({2}));
    add_state("rates", i, rates_.back(), false);
  }
}

void ScheduleFree::train(bool on) {
  if (on == trained_.empty()) return;
  for (std::size_t i = 0; i < parameters().size(); ++i) {
    Variable parameter = parameters()[i].variable;
    Tensor& y = parameter.value();
    if (on) {
      y.copy_from(trained_[i]);
    } else {
      trained_.push_back(y.clone());
      math::combine(1 / options_.beta1, y, 1 - 1 / options_.beta1, z_[i], y);  // x
    }
  }
  if (on) trained_.clear();
}

void ScheduleFree::update(const std::vector<Update>& updates) {
  check(trained_.empty(), name(), ": the parameters are where they are evaluated; call train()");
  std::vector<kernel::ScheduleFreeUpdate::Part> parts;
  for (const auto& [i, value, grad] : updates) {
    const Index t = this->updates(i);
    const float warm =
        t < options_.warmup ? static_cast<float>(t) / static_cast<float>(options_.warmup) : 1.0F;
    const float rate = lr() * warm;
    float& largest = rates_[i].data()[0];
    float& sum = rates_[i].data()[1];
    largest = std::max(largest, rate);
    sum += largest * largest;
    const double correction = 1 - std::pow(options_.beta2, static_cast<double>(t));
    parts.push_back({.count = value.count(),
                     .y = value.data(),
                     .grad = grad.data(),
                     .z = z_[i].data(),
                     .v = v_[i].data(),
                     .lr = rate,
                     .inverse_root = static_cast<float>(1 / std::sqrt(correction)),
                     .c = sum > 0 ? largest * largest / sum : 0});
  }
  run(updates[0].value.device(), kernel::ScheduleFreeUpdate{.parts = parts,
                                                            .beta1 = options_.beta1,
                                                            .beta2 = options_.beta2,
                                                            .eps = options_.eps,
                                                            .weight_decay = options_.weight_decay});
}

}  // namespace muonlab::optim
