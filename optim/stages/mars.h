#pragma once

#include "muonlab/optim/stage.h"
#include "muonlab/optim/variance_reduction.h"

namespace muonlab::optim {

/// Gradients of less variance, before the momentum, whose coefficient beta is: reduce_variance()
/// with the factor gamma beta / (1 - beta). With Muon: arXiv:2510.21800.
class Mars final : public Stage {
 public:
  Mars(float gamma, float beta) : factor_(gamma * beta / (1 - beta)) {}

  const char* name() const override { return "variance reduction"; }

  std::vector<Kept> keeps(Index rows, Index columns) const override {
    return {{.name = "last_grad", .shape = {rows, columns}}};
  }

  void operator()(Matrices& m, std::span<Tensor> kept) const override {
    for (std::size_t k = 0; k < m.gradients.size(); ++k) {
      const auto i = static_cast<Index>(k);
      Tensor last = kept[0].slice(i, i + 1).reshape({m.rows, m.columns});
      m.gradients[k] = reduce_variance(m.gradients[k], last, factor_);
    }
  }

 private:
  float factor_;
};

}  // namespace muonlab::optim
