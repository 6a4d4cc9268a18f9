#pragma once

#include "muonlab/nn/parameter.h"

namespace muonlab::optim {

/// Scales all gradients by one factor so that their common norm, the square root of the sum of all
/// squares, is at most `max_norm`; returns the norm before. Parameters without a gradient count as
/// zero. Throws unless max_norm is positive. Pascanu, Mikolov, Bengio 2012, arXiv:1211.5063.
double clip_grad_norm(nn::Parameters parameters, double max_norm);

}  // namespace muonlab::optim
