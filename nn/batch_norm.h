#pragma once

#include "muonlab/core/math.h"
#include "muonlab/nn/init.h"
#include "muonlab/nn/module.h"

namespace muonlab::nn {

struct BatchNormOptions {
  float momentum = 0.1F;  ///< weight of the new batch in the running statistics, within [0, 1]
  float eps = 1e-5F;      ///< added to the variance
};

/// gain (x - mean) / sqrt(variance + eps) + bias for each channel: (n, channels, h, w) to the same.
/// While training, mean and variance are those of the channel in the batch; in evaluation, their
/// running averages, which start at 0 and 1. Ioffe, Szegedy 2015, arXiv:1502.03167.
///
///     nn::BatchNorm2d norm(1);
///     // a batch of the values 1, 3, 5, 7: mean 4, variance 5 (unbiased 20 / 3)
///     // it becomes -1.3416, -0.4472, 0.4472, 1.3416
///     // running mean: 0.9 * 0 + 0.1 * 4 = 0.4
///     // running variance: 0.9 * 1 + 0.1 * 20 / 3 = 1.5667
///     // in evaluation, 1 then becomes (1 - 0.4) / sqrt(1.5667) = 0.4794
class BatchNorm2d final : public Layer {
 public:
  explicit BatchNorm2d(Index channels, BatchNormOptions options = {})
      : gain_(add_parameter("weight", init::ones({channels}), Role::gain)),
        bias_(add_parameter("bias", init::zeros({channels}), Role::bias)),
        running_mean_(add_buffer("running_mean", init::zeros({channels}))),
        running_variance_(add_buffer("running_var", init::ones({channels}))),
        options_(options) {
    check(channels >= 1, "batch_norm: at least 1 channel is needed, got ", channels);
    check(options.eps >= 0, "batch_norm: eps cannot be negative, got ", options.eps);
    check(0 <= options.momentum && options.momentum <= 1,
          "batch_norm: momentum must be within [0, 1], got ", options.momentum);
  }

  Variable operator()(const Variable& x) override {
    check(x.shape().rank() == 4, "batch_norm: images (n, c, h, w) are needed, got ", x.shape());
    if (!is_training()) {
      return batch_norm(x, gain_, bias_, running_mean_, running_variance_, options_.eps);
    }
    const auto [y, mean, variance] = batch_norm(x, gain_, bias_, options_.eps);
    const auto values = static_cast<float>(x.shape().count() / mean.count());  // of a channel
    const float fresh = options_.momentum;
    math::combine(1 - fresh, running_mean_, fresh, mean, running_mean_);
    math::combine(1 - fresh, running_variance_, fresh * values / (values - 1), variance,
                  running_variance_);  // unbiased, as in PyTorch
    return y;
  }

 private:
  Variable gain_;             // (channels); the names in files are PyTorch's
  Variable bias_;             // (channels)
  Tensor& running_mean_;      // (channels), owned by Module
  Tensor& running_variance_;  // (channels), owned by Module
  BatchNormOptions options_;
};

}  // namespace muonlab::nn
