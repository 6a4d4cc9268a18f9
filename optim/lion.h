#pragma once

#include "muonlab/optim/optimizer.h"

namespace muonlab::optim {

struct LionOptions {
  float lr = 1e-4F;        ///< what every element moves by; a third to a tenth of AdamW's
  float beta1 = 0.9F;      ///< of the momentum in the update, within [0, 1)
  float beta2 = 0.99F;     ///< kept of the momentum each step, within [0, 1)
  float weight_decay = 0;  ///< decoupled; three to ten times AdamW's
  bool cautious = false;  ///< elements that the gradient speaks against stay, the rest move farther
};

/// u = sign(beta1 m + (1 - beta1) g); w = (1 - lr weight_decay) w - lr u;
/// m = beta2 m + (1 - beta2) g. The sign of 0 is 0. Chen et al. 2023, arXiv:2302.06675.
///
/// Cautious: elements with u g <= 0 do not move, and the step of the others is multiplied by
/// n / (moved + 1) for n elements of the parameter. Liang et al. 2024, arXiv:2411.16085.
class Lion final : public ParameterOptimizer {
 public:
  using Options = LionOptions;
  static constexpr const char* rule_name = "lion";
  explicit Lion(nn::Parameters parameters, Options options = {});

 private:
  void update(const std::vector<Update>& updates) override;

  /// How many times as far a parameter's elements move that do.
  float stretch(std::size_t i, const Tensor& grad) const;

  Options options_;
  std::vector<Tensor> m_ = add_state("m", true);
};

}  // namespace muonlab::optim
