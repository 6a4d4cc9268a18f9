#pragma once

#include "muonlab/core/kernels/update.h"
#include "muonlab/optim/stage.h"

namespace muonlab::optim {

/// How momentum adds up. The two differ by the factor 1 - momentum, which orthogonalization
/// removes.
enum class Momentum {
  average,  ///< b = momentum b + (1 - momentum) g: Jordan's Muon, PyTorch
  sum,      ///< b = momentum b + g: Moonlight, airbench94
};

/// The first stage of a rule: b = momentum b + fresh g; u = momentum b + fresh g with Nesterov's
/// look ahead, else b. fresh is 1 - momentum for the average, 1 for the sum. With momentum 0, u is
/// the gradient, and nothing is kept.
class MomentumStage final : public Stage {
 public:
  MomentumStage(float momentum, bool nesterov, Momentum form)
      : momentum_(momentum),
        fresh_(form == Momentum::average ? 1 - momentum : 1),
        nesterov_(nesterov) {}

  const char* name() const override { return "momentum"; }

  std::vector<Kept> keeps(Index rows, Index columns) const override {
    if (momentum_ == 0) return {};
    return {{.name = "momentum", .shape = {rows, columns}, .is_momentum = true}};
  }

  void operator()(Matrices& m, std::span<Tensor> kept) const override {
    std::vector<kernel::MomentumUpdate::Part> parts;
    for (std::size_t k = 0; k < m.gradients.size(); ++k) {
      const auto i = static_cast<Index>(k);
      const Tensor& gradient = m.gradients[k];
      Tensor u = m.u.slice(i, i + 1);
      if (momentum_ == 0) {
        u.copy_from(gradient.reshape(u.shape()));
        continue;
      }
      parts.push_back({.count = u.count(),
                       .grad = gradient.data(),
                       .buffer = kept[0].slice(i, i + 1).data(),
                       .direction = u.data()});
    }
    if (parts.empty()) return;
    run(m.u.device(),
        kernel::MomentumUpdate{
            .parts = parts, .momentum = momentum_, .fresh = fresh_, .nesterov = nesterov_});
  }

 private:
  float momentum_;
  float fresh_;
  bool nesterov_;
};

}  // namespace muonlab::optim
