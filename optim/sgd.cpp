#include "muonlab/optim/sgd.h"

#include <utility>

#include "muonlab/core/kernels/update.h"

namespace muonlab::optim {

Sgd::Sgd(nn::Parameters parameters, Options options)
    : ParameterOptimizer(rule_name, std::move(parameters), options.lr), options_(options) {
  check_decay_rate(this->name(), "momentum", options.momentum);
  check_decay_rate(this->name(), "dampening", options.dampening);
  check_not_negative(this->name(), "weight_decay", options.weight_decay);
  check(!options.nesterov || (options.momentum > 0 && options.dampening == 0),
        "sgd: nesterov needs momentum and no dampening, got momentum ", options.momentum,
        " and dampening ", options.dampening);
  if (options.momentum > 0) buffers_ = add_state("momentum", true);
}

void Sgd::update(const std::vector<Update>& updates) {
  std::vector<kernel::SgdUpdate::Part> parts;
  for (const auto& [i, value, grad] : updates) {
    parts.push_back({.count = value.count(),
                     .value = value.data(),
                     .grad = grad.data(),
                     .buffer = buffers_.empty() ? nullptr : buffers_[i].data(),
                     .first = this->updates(i) == 1});
  }
  run(updates[0].value.device(), kernel::SgdUpdate{.parts = parts,
                                                   .lr = lr(),
                                                   .momentum = options_.momentum,
                                                   .dampening = options_.dampening,
                                                   .l2 = options_.weight_decay,
                                                   .nesterov = options_.nesterov});
}

}  // namespace muonlab::optim
