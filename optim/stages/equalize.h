#pragma once

#include "muonlab/optim/stage.h"
#include "muonlab/optim/stages/squares.h"

namespace muonlab::optim {

/// Rows, columns or both of one length, before orthogonalization, which then starts nearer to its
/// end: u = u / sqrt(r + eps), where r are the sums of squares of the rows, of the columns, or the
/// product of both. eps is far below any gradient's, so that their scale does not matter. Nothing
/// is kept. MuonEq: arXiv:2603.28254.
class Equalize final : public Stage {
 public:
  enum class Of { rows, columns, both };
  explicit Equalize(Of of, float eps = 1e-30F) : of_(of), eps_(eps) {}

  const char* name() const override { return "equalize"; }

  void operator()(Matrices& m, std::span<Tensor> /*kept*/) const override {
    const Tensor u = m.u;
    Tensor y = u;
    if (of_ != Of::columns) y = math::div(y, sqrt(plus(squares(u, Part::row), eps_)));
    if (of_ != Of::rows) y = math::div(y, sqrt(plus(squares(u, Part::column), eps_)));
    m.u.copy_from(y);
  }

 private:
  Of of_;
  float eps_;
};

}  // namespace muonlab::optim
