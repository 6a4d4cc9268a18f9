#include "muonlab/optim/stages/move.h"

#include <utility>

#include "muonlab/core/kernels/update.h"
#include "muonlab/optim/stages/squares.h"

namespace muonlab::optim {
namespace {

/// Calls f(w, u) for each weight and its update, both (1, rows, columns); w shares the memory.
template <class F>
void for_each(std::span<Matrices> all, const F& f) {
  for (Matrices& m : all) {
    for (std::size_t k = 0; k < m.weights.size(); ++k) {
      const auto i = static_cast<Index>(k);
      Tensor w = m.weights[k].reshape({1, m.rows, m.columns});
      f(w, m.u.slice(i, i + 1));
    }
  }
}

}  // namespace

Move subtract(float weight_decay, Decay decay) {
  return [=](std::span<Matrices> all, float lr) {
    std::vector<kernel::DirectionUpdate::Part> parts;
    for (Matrices& m : all) {
      for (std::size_t k = 0; k < m.weights.size(); ++k) {
        const auto i = static_cast<Index>(k);
        parts.push_back({.count = m.rows * m.columns,
                         .value = m.weights[k].data(),
                         .direction = m.u.slice(i, i + 1).data(),
                         .step = m.step});
      }
    }
    run(all[0].u.device(),
        kernel::DirectionUpdate{
            .parts = parts, .decay = 1 - lr * weight_decay, .cautious = decay == Decay::cautious});
  };
}

Move turn() {
  return [](std::span<Matrices> all, float lr) {
    for_each(all, [lr](Tensor& w, const Tensor& u) {
      constexpr float tiny = 1e-30F;  // where a norm is zero
      const Tensor radius = norms(w);
      const Tensor step = math::scale(lr, math::div(radius, plus(norms(u), tiny)));
      const Tensor moved = math::sub(w, math::mul(u, step));
      w.copy_from(math::mul(moved, math::div(radius, plus(norms(moved), tiny))));
    });
  };
}

Move normalize_and_subtract() {
  return [](std::span<Matrices> all, float lr) {
    for_each(all, [](Tensor& w, const Tensor& /*u*/) {
      const Tensor size = math::full({1}, std::sqrt(static_cast<float>(w.shape()[1])), w.device());
      w.copy_from(math::mul(w, math::div(size, plus(norms(w), 1e-30F))));
    });
    subtract()(all, lr);
  };
}

Move subtract_and_orthogonalize(float weight_decay, OrthogonalizeOptions options) {
  return [weight_decay, options = std::move(options)](std::span<Matrices> all, float lr) {
    subtract(weight_decay)(all, lr);
    for_each(all,
             [&options](Tensor& w, const Tensor& /*u*/) { orthogonalize_in_place(w, options); });
  };
}

}  // namespace muonlab::optim
