#pragma once

#include "muonlab/optim/optimizer.h"

namespace muonlab::optim {

struct ScheduleFreeOptions {
  float lr = 0.0025F;
  float beta1 = 0.9F;      ///< how much the average counts where gradients are taken, in (0, 1)
  float beta2 = 0.999F;    ///< kept of the mean square each step, within [0, 1)
  float eps = 1e-8F;       ///< added to the root of the mean square
  float weight_decay = 0;  ///< decoupled, of y
  Index warmup = 0;        ///< steps in which the rate rises linearly; it does not fall
};

/// AdamW whose rate need not fall, because weights are averaged instead. z takes the steps, x is
/// their average, and gradients are taken between both, at y, where the parameters are in training:
///
///     u = g / (sqrt(vhat) + eps) + weight_decay y;  z = z - rate u
///     x = (1 - c) x + c z;  y = (1 - beta1) z + beta1 x
///
/// with c = r^2 / (sum of r^2 so far), r the largest rate so far. x is what to evaluate and to
/// keep: train(false) takes the parameters there, train() takes them back. Defazio et al. 2024,
/// arXiv:2405.15682.
class ScheduleFree final : public ParameterOptimizer {
 public:
  using Options = ScheduleFreeOptions;
  static constexpr const char* rule_name = "schedule_free";
  explicit ScheduleFree(nn::Parameters parameters, Options options = {});

  /// Throws from step() while the parameters are where they are evaluated.
  void train(bool on = true) override;

 private:
  void update(const std::vector<Update>& updates) override;

  Options options_;
  std::vector<Tensor> z_ = add_state("z");
  std::vector<Tensor> v_ = add_state("v");
  std::vector<Tensor> rates_;    // (2) a parameter: the largest rate, and the sum of squares
  std::vector<Tensor> trained_;  // y, while parameters are at x
};

}  // namespace muonlab::optim
