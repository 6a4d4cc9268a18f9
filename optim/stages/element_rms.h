#pragma once

#include "muonlab/optim/stage.h"
#include "muonlab/optim/stages/squares.h"

namespace muonlab::optim {

/// Elements of one size, as Adam has them: v = beta v + (1 - beta) x^2, u = u / (sqrt(v) + eps).
/// x is the gradient or the update so far. v starts at 0 and is not corrected for that: what comes
/// after has to remove the factor. Of gradients, before orthogonalization: Muon^2,
/// arXiv:2604.09967; of updates, after it: AdaMuon, Si et al. 2025, arXiv:2507.11005.
class ElementRms final : public Stage {
 public:
  enum class Of { gradient, update };
  ElementRms(Of of, float beta, float eps) : of_(of), beta_(beta), eps_(eps) {}

  const char* name() const override { return "element rms"; }

  std::vector<Kept> keeps(Index rows, Index columns) const override {
    return {{.name = "square", .shape = {rows, columns}}};
  }

  void operator()(Matrices& m, std::span<Tensor> kept) const override {
    for (std::size_t k = 0; k < m.gradients.size(); ++k) {
      const auto i = static_cast<Index>(k);
      Tensor u = m.u.slice(i, i + 1).reshape({m.rows, m.columns});
      Tensor v = kept[0].slice(i, i + 1).reshape({m.rows, m.columns});
      const Tensor& x = of_ == Of::gradient ? m.gradients[k] : u;
      math::combine(beta_, v, 1 - beta_, math::map(Elementwise::square, x), v);
      u.copy_from(math::div(u, plus(sqrt(v), eps_)));
    }
  }

 private:
  Of of_;
  float beta_;
  float eps_;
};

}  // namespace muonlab::optim
