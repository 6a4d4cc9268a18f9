#pragma once

#include "muonlab/nn/module.h"

namespace muonlab::nn {

/// While training, zeroes each element with probability p and multiplies the others by 1 / (1 - p);
/// in evaluation the identity. Its masks come from a stream of its own, split off `rng`.
///
///     nn::Dropout dropout(0.25F, rng);
///     // (1, 2, 3, 4) may become (1.3333, 2.6667, 0, 5.3333): the rest is divided by 0.75, so that
///     // each element keeps its mean over the masks
class Dropout final : public Layer {
 public:
  Dropout(float p, Rng& rng) : p_(p), rng_(add_generator("rng", rng.split())) {
    check(0 <= p && p < 1, "dropout: p must be within [0, 1), got ", p);
  }

  Variable operator()(const Variable& x) override {
    return is_training() && p_ > 0 ? dropout(x, p_, rng_) : x;
  }

 private:
  float p_;
  Rng& rng_;  // owned by Module
};

}  // namespace muonlab::nn
