#pragma once

#include <utility>

#include "muonlab/optim/orthogonalize_cost.h"
#include "muonlab/optim/stage.h"

namespace muonlab::optim {

/// u = U V^T of u = U S V^T, nearly: see orthogonalize().
class NewtonSchulz final : public Stage {
 public:
  explicit NewtonSchulz(OrthogonalizeOptions options) : options_(std::move(options)) {}

  const char* name() const override { return "orthogonalize"; }

  void operator()(Matrices& m, std::span<Tensor> /*kept*/) const override {
    (*m.replay)(m.u.device(), [&, this] { orthogonalize_in_place(m.u, options_); });
  }

  Operations operations(Index rows, Index columns) const override {
    OrthogonalizeOptions whole = options_;
    whole.form = Form::plain;
    return {.written = static_cast<double>(flops(rows, columns, whole)),
            .performed = static_cast<double>(flops(rows, columns, options_))};
  }

 private:
  OrthogonalizeOptions options_;
};

}  // namespace muonlab::optim
