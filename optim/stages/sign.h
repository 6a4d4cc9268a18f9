#pragma once

#include "muonlab/core/math.h"
#include "muonlab/optim/stage.h"

namespace muonlab::optim {

/// u = sign(u), element by element, and 0 of 0: the direction of steepest descent where the largest
/// element measures a step. Bernstein et al. 2018, arXiv:1802.04434.
class Sign final : public Stage {
 public:
  const char* name() const override { return "sign"; }

  void operator()(Matrices& m, std::span<Tensor> /*kept*/) const override {
    m.u.copy_from(math::map(Elementwise::sign, m.u));
  }
};

}  // namespace muonlab::optim
