#pragma once

#include "muonlab/optim/stage.h"
#include "muonlab/optim/stages/squares.h"

namespace muonlab::optim {

/// Gradients of less variance, before the momentum: with the gradient h of the step before,
///
///     c = g + gamma beta / (1 - beta) (g - h);  g = c / max(1, |c|)
///
/// beta is that of the momentum. h is 0 at first. It is the approximate form: h stems from another
/// batch. MARS: Yuan et al. 2024, arXiv:2411.10438; with Muon: arXiv:2510.21800.
class Mars final : public Stage {
 public:
  Mars(float gamma, float beta) : factor_(gamma * beta / (1 - beta)) {}

  const char* name() const override { return "variance reduction"; }

  std::vector<Kept> keeps(Index rows, Index columns) const override {
    return {{.name = "last_grad", .shape = {rows, columns}}};
  }

  void operator()(Matrices& m, std::span<Tensor> kept) const override {
    const Tensor one = math::full({1}, 1, m.u.device());
    for (std::size_t k = 0; k < m.gradients.size(); ++k) {
      const auto i = static_cast<Index>(k);
      const Tensor g = m.gradients[k];
      Tensor h = kept[0].slice(i, i + 1).reshape(g.shape());
      Tensor c(g.shape(), g.device());
      math::combine(1 + factor_, g, -factor_, h, c);
      h.copy_from(g);
      const Tensor over =
          math::map(Elementwise::relu, plus(norms(c.reshape({1, m.rows, m.columns})), -1));
      m.gradients[k] = math::div(c, math::add(over, one).reshape({1}));
    }
  }

 private:
  float factor_;
};

}  // namespace muonlab::optim
