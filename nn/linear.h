#pragma once

#include "nn/init.h"
#include "nn/module.h"

namespace muonlab::nn {

/// y = x W^T + b: (..., in) to (..., out). Both start uniform in +-1 / sqrt(in).
class Linear final : public Layer {
 public:
  Linear(Index in, Index out, Rng& rng)
      : weight_(add_parameter("weight", init::uniform_fan_in({out, in}, rng), Role::hidden)),
        bias_(add_parameter("bias", init::uniform_fan_in({out}, in, rng), Role::bias)) {}

  Variable operator()(const Variable& x) override { return linear(x, weight_, bias_); }

 private:
  Variable weight_;  // (out, in)
  Variable bias_;    // (out)
};

}  // namespace muonlab::nn
