#pragma once

#include "muonlab/optim/stage.h"
#include "muonlab/optim/stages/squares.h"

namespace muonlab::optim {

/// Which parts of a matrix are taken to one size: its rows, or rows of tall and columns of wide
/// matrices, the entries of the longer side.
enum class Entries { rows, of_longer_side };

/// Rows of one size, as Adam has elements of one: with v = beta v + (1 - beta) mean of u^2 over
/// the columns,
///
///     h = u / (sqrt(v) + eps);  u = h |u| / |h|
///
/// so that an update keeps its Frobenius norm. v starts at 0 and is not corrected for that: a
/// factor of all rows cancels. Rows of orthogonalized wide matrices have one size already; there it
/// does next to nothing, which is why others take the entries of the longer side. NorMuon: Li et
/// al. 2025, arXiv:2510.05491; of the longer side: nanochat, NVIDIA's Emerging-Optimizers.
class RowRms final : public Stage {
 public:
  explicit RowRms(float beta, Entries entries = Entries::rows, float eps = 1e-10F)
      : beta_(beta), entries_(entries), eps_(eps) {}

  const char* name() const override { return "row rms"; }

  std::vector<Kept> keeps(Index rows, Index columns) const override {
    if (part(rows, columns) == Part::row) return {{.name = "row_square", .shape = {rows, 1}}};
    return {{.name = "column_square", .shape = {1, columns}}};
  }

  void operator()(Matrices& m, std::span<Tensor> kept) const override {
    Tensor& v = kept[0];  // (k, rows, 1), or (k, 1, columns)
    const Part of = part(m.rows, m.columns);
    const auto length = static_cast<float>(of == Part::row ? m.columns : m.rows);
    const Tensor sums = squares(m.u, of);
    math::combine(beta_, v, (1 - beta_) / length, sums, v);

    // h = u / root, so that |h| is known without it.
    const Tensor root = plus(sqrt(v), eps_);
    const Tensor h_norms = sqrt(total(math::div(sums, math::mul(root, root))));
    const Tensor resize = math::div(sqrt(total(sums)), plus(h_norms, eps_));
    m.u = math::mul(m.u, math::div(resize, root));
  }

 private:
  Part part(Index rows, Index columns) const {
    return entries_ == Entries::rows || rows >= columns ? Part::row : Part::column;
  }

  float beta_;
  Entries entries_;
  float eps_;
};

}  // namespace muonlab::optim
