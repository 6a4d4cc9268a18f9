#pragma once

#include <cmath>

#include "muonlab/optim/stage.h"
#include "muonlab/optim/stages/squares.h"

namespace muonlab::optim {

/// The update of norm 1 that goes down fastest, in a norm other than the spectral one, which
/// Newton-Schulz serves. (m, n) are the rows and columns; eps is 1e-8.
///
///     signs      sign(u) / n                          for a head
///     columns    sqrt(m) u / (|column| + eps)         for a table of columns, and for biases
///     rows       u / (|row| + eps) / sqrt(n)          for a table of rows
///
/// Scion: Pethick et al. 2025, arXiv:2502.07529.
class Lmo final : public Stage {
 public:
  enum class Norm { signs, columns, rows };
  explicit Lmo(Norm norm) : norm_(norm) {}

  const char* name() const override { return "lmo"; }

  void operator()(Matrices& m, std::span<Tensor> /*kept*/) const override {
    const auto rows = static_cast<float>(m.rows);
    const auto columns = static_cast<float>(m.columns);
    switch (norm_) {
      case Norm::signs: m.u = math::scale(1 / columns, math::map(Elementwise::sign, m.u)); return;
      case Norm::columns:
        m.u = math::scale(std::sqrt(rows),
                          math::div(m.u, plus(sqrt(squares(m.u, Part::column)), 1e-8F)));
        return;
      case Norm::rows:
        m.u = math::scale(1 / std::sqrt(columns),
                          math::div(m.u, plus(sqrt(squares(m.u, Part::row)), 1e-8F)));
    }
  }

 private:
  Norm norm_;
};

}  // namespace muonlab::optim
