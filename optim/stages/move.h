#pragma once

#include <functional>
#include <span>

#include "muonlab/optim/stage.h"

namespace muonlab::optim {

/// How weights take their updates, with the decay that belongs to it.
using Move = std::function<void(std::span<Matrices> all, float lr)>;

/// w = (1 - lr weight_decay) w - step u: decay is decoupled from the gradients.
/// Loshchilov, Hutter 2017, arXiv:1711.05101.
Move subtract(float weight_decay = 0);

}  // namespace muonlab::optim
