#pragma once

#include "muonlab/optim/optimizer.h"

namespace muonlab::optim {

struct AdamOptions {
  float lr = 1e-3F;
  float beta1 = 0.9F;      ///< kept of the mean each step, within [0, 1)
  float beta2 = 0.999F;    ///< kept of the mean square each step, within [0, 1)
  float eps = 1e-8F;       ///< added to the root of the mean square
  float weight_decay = 0;  ///< L2: added to the gradient, times the parameter
};

/// m = beta1 m + (1 - beta1) g, v = beta2 v + (1 - beta2) g^2,
/// w -= lr mhat / (sqrt(vhat) + eps), mhat = m / (1 - beta1^t), vhat = v / (1 - beta2^t).
/// Kingma, Ba 2014, arXiv:1412.6980.
class Adam : public ParameterOptimizer {
 public:
  using Options = AdamOptions;
  static constexpr const char* rule_name = "adam";
  explicit Adam(nn::Parameters parameters, Options options = {})
      : Adam(rule_name, std::move(parameters), options, 0) {}

 protected:
  Adam(std::string name, nn::Parameters parameters, Options options, float decoupled_decay,
       bool cautious = false);

 private:
  void update(const std::vector<Update>& updates) override;

  Options options_;
  float decoupled_decay_;
  bool cautious_;
  std::vector<Tensor> m_;  // mean of gradients, one per parameter
  std::vector<Tensor> v_;  // mean of squared gradients, one per parameter
};

struct AdamWOptions {
  float lr = 1e-3F;
  float beta1 = 0.9F;          ///< kept of the mean each step, within [0, 1)
  float beta2 = 0.999F;        ///< kept of the mean square each step, within [0, 1)
  float eps = 1e-8F;           ///< added to the root of the mean square
  float weight_decay = 0.01F;  ///< the parameter shrinks by lr times this each step
  bool cautious = false;       ///< only elements that the step takes towards zero shrink
};

/// w *= 1 - lr weight_decay, then Adam. Loshchilov, Hutter 2017, arXiv:1711.05101; cautious:
/// arXiv:2510.12402.
class AdamW final : public Adam {
 public:
  using Options = AdamWOptions;
  static constexpr const char* rule_name = "adamw";
  explicit AdamW(nn::Parameters parameters, Options options = {})
      : Adam(rule_name, std::move(parameters),
             {.lr = options.lr, .beta1 = options.beta1, .beta2 = options.beta2, .eps = options.eps},
             options.weight_decay, options.cautious) {}
};

}  // namespace muonlab::optim
