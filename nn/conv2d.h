#pragma once

#include "muonlab/nn/init.h"
#include "muonlab/nn/module.h"

namespace muonlab::nn {

/// Cross-correlation with `out` filters (in / groups, kh, kw) and a bias: (batch, in, h, w) to
/// (batch, out, oh, ow); conv2d() has the formula. Filters and bias start uniform in +-1 /
/// sqrt(fan_in), with fan_in = in / groups kh kw. The role of the filters is hidden: a model marks
/// its first convolution as input when an optimizer is to treat it apart.
///
///     nn::Conv2d conv(3, 16, 3, rng, {.padding = 1});
///     // 16 filters (3, 3, 3) and 16 biases: 448 numbers, within +-1 / sqrt(27) = +-0.1925
///     // images (8, 3, 32, 32) become (8, 16, 32, 32)
class Conv2d final : public Layer {
 public:
  Conv2d(Index in, Index out, Pair kernel, Rng& rng, Conv2dOptions options = {})
      : weight_(add_parameter(
            "weight", init::uniform_fan_in(filters(in, out, kernel, options), rng), Role::hidden)),
        bias_(add_parameter("bias", init::uniform_fan_in({out}, weight_.value().count() / out, rng),
                            Role::bias)),
        options_(options) {}

  Variable operator()(const Variable& x) override { return conv2d(x, weight_, bias_, options_); }

 private:
  static Shape filters(Index in, Index out, Pair kernel, const Conv2dOptions& options) {
    check(in >= 1 && out >= 1 && kernel[0] >= 1 && kernel[1] >= 1,
          "conv2d: channels and sides of the kernel must be at least 1, got ", in, ", ", out, ", ",
          kernel[0], " and ", kernel[1]);
    check(options.groups >= 1 && in % options.groups == 0 && out % options.groups == 0,
          "conv2d: ", in, " and ", out, " channels cannot be cut into ", options.groups, " groups");
    return {out, in / options.groups, kernel[0], kernel[1]};
  }

  Variable weight_;  // (out, in / groups, kh, kw)
  Variable bias_;    // (out)
  Conv2dOptions options_;
};

}  // namespace muonlab::nn
