#pragma once

#include <algorithm>

#include "muonlab/core/linalg.h"
#include "muonlab/optim/stage.h"
#include "muonlab/optim/stages/squares.h"

namespace muonlab::optim {

/// Momentum and an update of rank r in one, which costs products with r columns only. M keeps what
/// the approximation leaves out:
///
///     M = M + g;  P = Q of M Q = QR;  R = M^T P;  M = M - (1 - mu) P R^T
///     Q = R with columns of length 1;  u = P Q^T
///
/// Q starts at random. u is not orthogonal, since Q's columns are not. Where `longer_first`, a wide
/// matrix is worked on as its transpose, so that P has the longer side. Dion: Ahn et al. 2025,
/// arXiv:2504.05295.
class Dion final : public Stage {
 public:
  Dion(Index rank, float mu, bool longer_first) : rank_(rank), mu_(mu), longer_(longer_first) {}

  const char* name() const override { return "dion"; }

  std::vector<Kept> keeps(Index rows, Index columns) const override {
    const Index inner = is_turned(rows, columns) ? rows : columns;
    return {{.name = "momentum", .shape = {rows, columns}, .is_momentum = true},
            {.name = "q", .shape = {inner, rank(rows, columns)}, .is_random = true}};
  }

  void operator()(Matrices& m, std::span<Tensor> kept) const override {
    for (std::size_t k = 0; k < m.gradients.size(); ++k) {
      const auto i = static_cast<Index>(k);
      Tensor whole = kept[0].slice(i, i + 1).reshape({m.rows, m.columns});
      Tensor q = kept[1].slice(i, i + 1);
      q = q.reshape({q.shape()[1], q.shape()[2]});
      math::combine(1, whole, 1, m.gradients[k], whole);
      const bool turned = is_turned(m.rows, m.columns);
      const Tensor a = turned ? math::transpose(whole) : whole;

      const Tensor p =
          linalg::orthonormal_columns(math::matmul(a, q).to(Device::cpu)).to(a.device());
      const Tensor r = math::matmul(a, p, math::Op::transpose);
      const Tensor found = math::matmul(p, r, math::Op::none, math::Op::transpose);
      math::combine(1, whole, mu_ - 1, turned ? math::transpose(found) : found, whole);
      const Tensor lengths = plus(sqrt(math::sum(math::map(Elementwise::square, r), 0)), 1e-8F);
      q.copy_from(math::div(r, lengths));
      const Tensor u = math::matmul(p, q, math::Op::none, math::Op::transpose);
      m.u.slice(i, i + 1).reshape({m.rows, m.columns}).copy_from(turned ? math::transpose(u) : u);
    }
  }

  /// Products with rank columns, and the QR decomposition.
  Operations operations(Index rows, Index columns) const override {
    const auto r = static_cast<double>(rank(rows, columns));
    const double longer = static_cast<double>(is_turned(rows, columns) ? columns : rows);
    const double all = 8 * static_cast<double>(rows * columns) * r + 4 * longer * r * r;
    return {.written = all, .performed = all};
  }

 private:
  bool is_turned(Index rows, Index columns) const { return longer_ && rows < columns; }
  Index rank(Index rows, Index columns) const { return std::min({rank_, rows, columns}); }

  Index rank_;
  float mu_;
  bool longer_;
};

}  // namespace muonlab::optim
