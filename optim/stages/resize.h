#pragma once

#include "muonlab/optim/stage.h"
#include "muonlab/optim/stages/squares.h"

namespace muonlab::optim {

/// u = size u / (|u| + eps) in the Frobenius norm, where size is a function of the shape. With
/// sqrt(min(rows, columns)), the norm of an orthogonal matrix, it takes away what Newton-Schulz
/// steps leave of bias: Muon+, arXiv:2602.21545.
class Resize final : public Stage {
 public:
  explicit Resize(float (*size)(Index rows, Index columns), float eps = 1e-8F)
      : size_(size), eps_(eps) {}

  const char* name() const override { return "resize"; }

  void operator()(Matrices& m, std::span<Tensor> /*kept*/) const override {
    const Tensor size = math::full({1}, size_(m.rows, m.columns), m.u.device());
    m.u = math::mul(m.u, math::div(size, plus(norms(m.u), eps_)));
  }

 private:
  float (*size_)(Index rows, Index columns);
  float eps_;
};

}  // namespace muonlab::optim
