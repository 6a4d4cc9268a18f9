#include "muonlab/optim/stages/scale.h"

#include <algorithm>
#include <cmath>

namespace muonlab::optim {

float scale_of(ScaleRule rule, Index rows, Index columns) {
  const float aspect = static_cast<float>(rows) / static_cast<float>(columns);
  switch (rule) {
    case ScaleRule::none: return 1;
    case ScaleRule::original: return std::sqrt(std::max(1.0F, aspect));
    case ScaleRule::match_rms: return 0.2F * std::sqrt(static_cast<float>(std::max(rows, columns)));
    case ScaleRule::spectral: return std::sqrt(aspect);
  }
  return 1;
}

}  // namespace muonlab::optim
