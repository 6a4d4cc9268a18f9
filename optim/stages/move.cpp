#include "muonlab/optim/stages/move.h"

#include "muonlab/core/kernels/update.h"

namespace muonlab::optim {

Move subtract(float weight_decay) {
  return [weight_decay](std::span<Matrices> all, float lr) {
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
    run(all[0].u.device(), kernel::DirectionUpdate{.parts = parts, .decay = 1 - lr * weight_decay});
  };
}

}  // namespace muonlab::optim
