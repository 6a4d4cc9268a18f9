#pragma once

#include "muonlab/optim/optimizer.h"

namespace muonlab::optim {

struct SgdOptions {
  float lr = 0.01F;
  float momentum = 0;      ///< within [0, 1); 0 keeps no buffer
  float dampening = 0;     ///< within [0, 1): the fresh gradient counts 1 - dampening
  float weight_decay = 0;  ///< L2: added to the gradient, times the parameter
  bool nesterov = false;   ///< needs momentum, and no dampening
};

/// g = grad + weight_decay w; b = momentum b + (1 - dampening) g, b = g at first;
/// w -= lr b, or lr (g + momentum b) with Nesterov's look-ahead.
/// Sutskever, Martens, Dahl, Hinton 2013; the form is PyTorch's.
class Sgd final : public ParameterOptimizer {
 public:
  using Options = SgdOptions;
  static constexpr const char* rule_name = "sgd";
  explicit Sgd(nn::Parameters parameters, Options options = {});

 private:
  void update(const std::vector<Update>& updates) override;

  Options options_;
  std::vector<Tensor> buffers_;  // one per parameter; none without momentum
};

}  // namespace muonlab::optim
