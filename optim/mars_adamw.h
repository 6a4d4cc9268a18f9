#pragma once

#include "muonlab/optim/optimizer.h"

namespace muonlab::optim {

struct MarsAdamWOptions {
  float lr = 3e-3F;
  float beta1 = 0.95F;     ///< kept of the mean each step, within [0, 1)
  float beta2 = 0.99F;     ///< kept of the mean square each step, within [0, 1)
  float gamma = 0.025F;    ///< how much of the change of gradients is added
  float eps = 1e-8F;       ///< added to the root of the mean square
  float weight_decay = 0;  ///< decoupled: the parameter shrinks by lr times this each step
};

/// AdamW of gradients with less variance: reduce_variance() with the factor
/// gamma beta1 / (1 - beta1), the gradient before the first being 0. Parameters of one axis have
/// plain AdamW, with 0.9 and 0.95. Yuan et al. 2024, arXiv:2411.10438.
class MarsAdamW final : public ParameterOptimizer {
 public:
  using Options = MarsAdamWOptions;
  static constexpr const char* rule_name = "mars_adamw";
  explicit MarsAdamW(nn::Parameters parameters, Options options = {});

 private:
  void update(const std::vector<Update>& updates) override;
  bool is_reduced(std::size_t i) const { return parameters()[i].variable.shape().rank() >= 2; }

  Options options_;
  std::vector<Tensor> m_ = add_state("m", true);
  std::vector<Tensor> v_ = add_state("v");
  std::vector<Tensor> last_ = add_state("last_grad");
};

}  // namespace muonlab::optim
