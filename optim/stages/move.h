#pragma once

#include <functional>
#include <span>

#include "muonlab/optim/orthogonalize.h"
#include "muonlab/optim/stage.h"

namespace muonlab::optim {

/// How weights take their updates, with the decay that belongs to it.
using Move = std::function<void(std::span<Matrices> all, float lr)>;

/// Which weights decay.
enum class Decay {
  all,
  /// Those that the step takes towards zero, or that it leaves: u w >= 0. arXiv:2510.12402.
  cautious,
};

/// w = (1 - lr weight_decay) w - step u: decay is decoupled from the gradients.
/// Loshchilov, Hutter 2017, arXiv:1711.05101.
Move subtract(float weight_decay = 0, Decay decay = Decay::all);

/// w = R normalize(w - lr R u / |u|) with R = |w|: a turn by the angle lr, about, which keeps the
/// Frobenius norm that a matrix started with. A matrix of zeros stays that. MuonH,
/// https://github.com/KellerJordan/modded-nanogpt
Move turn();

/// w = w sqrt(rows) / |w|, then as subtract() without decay. Jordan 2024 (airbench),
/// https://github.com/KellerJordan/cifar10-airbench
Move normalize_and_subtract();

/// w = orthogonalize((1 - lr weight_decay) w - step u): weights stay orthogonal, on the Stiefel
/// manifold, as far as Newton-Schulz steps take them. SPEL: arXiv:2601.21487.
Move subtract_and_orthogonalize(float weight_decay, OrthogonalizeOptions options);

}  // namespace muonlab::optim
