#pragma once

#include <utility>

#include "muonlab/optim/stages/newton_schulz.h"
#include "muonlab/optim/stages/squares.h"

namespace muonlab::optim {

/// Orthogonalizes u, and gives back a size that it had: o = orthogonalize(u),
///
///     u = o <o, u>                   by the nuclear norm
///     u = o |u| / (sqrt(v) + eps)    by the noise, v = beta v + (1 - beta) |g|^2
///
/// so that steps shrink as gradients do. PolarGrad: Lau et al. 2025, arXiv:2505.21799; NAMO:
/// arXiv:2602.17080.
class Measured final : public Stage {
 public:
  enum class By { nuclear_norm, noise };
  Measured(OrthogonalizeOptions options, By by, float beta = 0.95F, float eps = 1e-8F)
      : newton_schulz_(std::move(options)), by_(by), beta_(beta), eps_(eps) {}

  const char* name() const override { return newton_schulz_.name(); }

  std::vector<Kept> keeps(Index /*rows*/, Index /*columns*/) const override {
    if (by_ == By::nuclear_norm) return {};
    return {{.name = "noise", .shape = {1, 1}}};
  }

  void operator()(Matrices& m, std::span<Tensor> kept) const override {
    const Tensor u = m.u.clone();
    newton_schulz_(m, {});
    if (by_ == By::nuclear_norm) {
      m.u = math::mul(m.u, total(math::mul(m.u, u)));
      return;
    }
    Tensor& v = kept[0];
    math::combine(beta_, v, 1 - beta_, gradient_squares(m), v);
    m.u = math::mul(m.u, math::div(norms(u), plus(sqrt(v), eps_)));
  }

  Operations operations(Index rows, Index columns) const override {
    return newton_schulz_.operations(rows, columns);
  }

 private:
  static Tensor gradient_squares(const Matrices& m) {
    std::vector<Tensor> all;
    for (const Tensor& g : m.gradients) {
      all.push_back(squares(g.reshape({1, m.rows, m.columns}), Part::matrix));
    }
    return math::concatenate(all, 0);
  }

  NewtonSchulz newton_schulz_;
  By by_;
  float beta_;
  float eps_;
};

}  // namespace muonlab::optim
