#pragma once

#include "muonlab/nn/init.h"
#include "muonlab/nn/module.h"

namespace muonlab::nn {

/// gain (x - mean) / sqrt(variance + eps) + bias over the last axis: (..., dim) to (..., dim).
/// Ba, Kiros, Hinton 2016, arXiv:1607.06450. At the start, with gain 1 and bias 0:
///
///     nn::LayerNorm norm(3);
///     // (1, 2, 3): mean 2, variance 2/3, becomes (-1.2247, 0, 1.2247)
///     // (10, 20, 30) becomes the same: neither the mean nor the scale of a row matters
class LayerNorm final : public Layer {
 public:
  explicit LayerNorm(Index dim, float eps = 1e-5F)
      : gain_(add_parameter("weight", init::ones({dim}), Role::gain)),
        bias_(add_parameter("bias", init::zeros({dim}), Role::bias)),
        eps_(eps) {}

  Variable operator()(const Variable& x) override { return layer_norm(x, gain_, bias_, eps_); }

 private:
  Variable gain_;  // (dim), named weight as in PyTorch's files
  Variable bias_;  // (dim)
  float eps_;
};

}  // namespace muonlab::nn
