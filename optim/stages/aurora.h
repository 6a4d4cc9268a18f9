#pragma once

#include <utility>

#include "muonlab/optim/stages/newton_schulz.h"
#include "muonlab/optim/stages/squares.h"

namespace muonlab::optim {

/// Orthogonal, and with rows of one length also where a matrix is tall: u = orthogonalize(D u) for
/// a diagonal D that starts at 1 / |row| and takes a second step,
///
///     D = D sqrt(n / m / |row of orthogonalize(D u)|^2)
///
/// A wide matrix is worked on as its transpose; of a square one all rows are equal anyway. Aurora:
/// Tilde Research 2026, https://github.com/tilde-research/aurora-release
class Aurora final : public Stage {
 public:
  explicit Aurora(OrthogonalizeOptions options) : options_(std::move(options)) {}

  const char* name() const override { return "orthogonalize"; }

  void operator()(Matrices& m, std::span<Tensor> /*kept*/) const override {
    if (m.rows == m.columns) return orthogonalize_in_place(m.u, options_);
    const bool turned = m.rows < m.columns;
    const Tensor g = turned ? math::permute(m.u, {0, 2, 1}) : m.u;
    const float m_over_n = static_cast<float>(g.shape()[1]) / static_cast<float>(g.shape()[2]);
    Tensor inverse_d = plus(sqrt(squares(g, Part::row)), 1e-12F);  // (k, m, 1)
    Tensor u = math::div(g, inverse_d);
    orthogonalize_in_place(u, options_);
    const Tensor excess = math::scale(m_over_n, squares(u, Part::row));
    inverse_d = math::mul(inverse_d, plus(sqrt(excess), 1e-12F));
    u = math::div(g, inverse_d);
    orthogonalize_in_place(u, options_);
    m.u = turned ? math::permute(u, {0, 2, 1}) : u;
  }

  Operations operations(Index rows, Index columns) const override {
    const auto [written, performed] = NewtonSchulz(options_).operations(rows, columns);
    const double times = rows == columns ? 1 : 2;
    return {.written = times * written, .performed = times * performed};
  }

 private:
  OrthogonalizeOptions options_;
};

}  // namespace muonlab::optim
