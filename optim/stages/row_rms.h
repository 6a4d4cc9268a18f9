#pragma once

#include "muonlab/core/math.h"
#include "muonlab/optim/stage.h"

namespace muonlab::optim {

/// Rows of one size, as Adam has elements of one: with v = beta v + (1 - beta) mean of u^2 over
/// the columns,
///
///     h = u / (sqrt(v) + eps);  u = h |u| / |h|
///
/// so that an update keeps its Frobenius norm. v starts at 0 and is not corrected for that: a
/// factor of all rows cancels. Rows of orthogonalized wide matrices have one size already; there it
/// does next to nothing. NorMuon: Li et al. 2025, arXiv:2510.05491.
class RowRms final : public Stage {
 public:
  explicit RowRms(float beta, float eps = 1e-10F) : beta_(beta), eps_(eps) {}

  const char* name() const override { return "row rms"; }

  std::vector<Kept> keeps(Index rows, Index /*columns*/) const override {
    return {{.name = "row_square", .shape = {rows, 1}}};
  }

  void operator()(Matrices& m, std::span<Tensor> kept) const override {
    Tensor& v = kept[0];  // (k, rows, 1)
    const Shape of_matrix{v.shape()[0], 1, 1};
    const auto plus_eps = [this, &v](const Tensor& x) {
      return math::add(x, math::full({1}, eps_, v.device()));
    };
    const auto norms = [&of_matrix, &v](const Tensor& row_squares) {  // (k, 1, 1)
      const Tensor sums = math::sum(row_squares.reshape({v.shape()[0], v.shape()[1]}), -1);
      return math::map(Elementwise::sqrt, sums).reshape(of_matrix);
    };
    const Tensor squares = math::sum(math::map(Elementwise::square, m.u), -1).reshape(v.shape());
    math::combine(beta_, v, (1 - beta_) / static_cast<float>(m.columns), squares, v);

    // h = u / root, so that |h| is known without it.
    const Tensor root = plus_eps(math::map(Elementwise::sqrt, v));
    const Tensor h_squares = math::div(squares, math::map(Elementwise::square, root));
    const Tensor resize = math::div(norms(squares), plus_eps(norms(h_squares)));
    m.u = math::mul(m.u, math::div(resize, root));
  }

 private:
  float beta_;
  float eps_;
};

}  // namespace muonlab::optim
