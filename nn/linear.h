#pragma once

#include <optional>

#include "muonlab/nn/init.h"
#include "muonlab/nn/module.h"

namespace muonlab::nn {

struct LinearOptions {
  bool bias = true;
};

/// y = x W^T + b: (..., in) to (..., out). W and b start uniform in +-1 / sqrt(in).
///
///     nn::Linear layer(2, 3, rng);  // W is (3, 2), b is (3)
///     // with W = ((1, 2), (3, 4), (5, 6)) and b = (1, 0, -1), the row (1, 2) becomes
///     // (1 + 4 + 1, 3 + 8 + 0, 5 + 12 - 1) = (6, 11, 16)
class Linear final : public Layer {
 public:
  Linear(Index in, Index out, Rng& rng, LinearOptions options = {})
      : weight_(add_parameter("weight", init::uniform_fan_in({out, in}, rng), Role::hidden)) {
    if (options.bias) {
      bias_ = add_parameter("bias", init::uniform_fan_in({out}, in, rng), Role::bias);
    }
  }

  Variable operator()(const Variable& x) override {
    return bias_ ? linear(x, weight_, *bias_) : linear(x, weight_);
  }

 private:
  Variable weight_;               // (out, in)
  std::optional<Variable> bias_;  // (out)
};

}  // namespace muonlab::nn
