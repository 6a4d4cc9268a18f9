#pragma once

#include <algorithm>

#include "muonlab/core/linalg.h"
#include "muonlab/optim/stage.h"
#include "muonlab/optim/stages/squares.h"

namespace muonlab::optim {

/// Rows nearly orthogonal for a tenth of the price of Newton-Schulz: with the rows of Q = u taken
/// to length 1, and T the lower triangle of Q Q^T,
///
///     Q = T^-1 Q, rows to length 1
///
/// which a pass does once. It is one step of Gram and Schmidt's method, so the order of rows
/// matters. A tall matrix is worked on as its transpose. On a GPU the triangular system goes
/// through the host. MUD: arXiv:2603.17970, whose authors' code is not public.
class Mud final : public Stage {
 public:
  explicit Mud(int passes) : passes_(passes) {}

  const char* name() const override { return "mud"; }

  void operator()(Matrices& m, std::span<Tensor> /*kept*/) const override {
    const bool turned = m.rows > m.columns;
    for (Index i = 0; i < m.u.shape()[0]; ++i) {
      Tensor u = m.u.slice(i, i + 1).reshape({m.rows, m.columns});
      Tensor q = of_length_one(turned ? math::transpose(u) : u.clone());
      for (int pass = 0; pass < passes_; ++pass) {
        Tensor t = math::matmul(q, q, math::Op::none, math::Op::transpose).to(Device::cpu);
        for (Index k = 0; k < t.shape()[0]; ++k) t.data()[k * t.shape()[0] + k] += tiny;
        const Tensor solved = linalg::solve_lower(t, q.to(Device::cpu));
        q = of_length_one(solved.to(u.device()));
      }
      u.copy_from(turned ? math::transpose(q) : q);
    }
  }

  /// A pass has a symmetric product, in whole, and a triangular system.
  Operations operations(Index rows, Index columns) const override {
    const auto shorter = static_cast<double>(std::min(rows, columns));
    const auto longer = static_cast<double>(std::max(rows, columns));
    const double all = 3 * passes_ * shorter * shorter * longer;
    return {.written = all, .performed = all};
  }

 private:
  static constexpr float tiny = 1e-12F;  // so that a row of zeros stays that

  static Tensor of_length_one(const Tensor& q) {
    const Tensor stack = q.reshape({1, q.shape()[0], q.shape()[1]});
    const Tensor lengths = plus(sqrt(squares(stack, Part::row)), 1e-8F);
    return math::div(stack, lengths).reshape(q.shape());
  }

  int passes_;
};

}  // namespace muonlab::optim
