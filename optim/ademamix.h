#pragma once

#include "muonlab/optim/optimizer.h"

namespace muonlab::optim {

struct AdemamixOptions {
  float lr = 1e-3F;
  float beta1 = 0.9F;      ///< of the fast mean, within [0, 1)
  float beta2 = 0.999F;    ///< of the mean square, within [0, 1)
  float beta3 = 0.9999F;   ///< of the slow mean, within (0, 1)
  float alpha = 5;         ///< how much the slow mean counts: 2 to 8
  float eps = 1e-8F;       ///< added to the root of the mean square
  float weight_decay = 0;  ///< decoupled: the parameter shrinks by lr times this each step
  Index warmup = 0;        ///< steps in which alpha rises from 0 and beta3 from beta1; best all
};

/// AdamW with a second, slow mean of gradients, which remembers ten thousand steps:
///
///     m = beta1 m + (1 - beta1) g;  s = beta3 s + (1 - beta3) g;  v = beta2 v + (1 - beta2) g^2
///     w = w - lr ((mhat + alpha s) / (sqrt(vhat) + eps) + weight_decay w)
///
/// where mhat = m / (1 - beta1^t), vhat = v / (1 - beta2^t). In the warm-up alpha rises linearly,
/// and beta3 so that the steps in which a gradient's weight halves do. Pagliardini, Ablin, Grangier
/// 2024, arXiv:2409.03137.
class Ademamix final : public ParameterOptimizer {
 public:
  using Options = AdemamixOptions;
  static constexpr const char* rule_name = "ademamix";
  explicit Ademamix(nn::Parameters parameters, Options options = {});

 private:
  void update(const std::vector<Update>& updates) override;
  float beta3_at(Index step) const;

  Options options_;
  std::vector<Tensor> m_ = add_state("m", true);
  std::vector<Tensor> slow_ = add_state("slow");
  std::vector<Tensor> v_ = add_state("v");
};

}  // namespace muonlab::optim
