#pragma once

#include "muonlab/core/shape.h"

namespace muonlab::optim {

/// The size of an update. An orthogonalized matrix (rows, columns) has spectral norm 1 and
/// root-mean-square 1 / sqrt(max(rows, columns)).
enum class ScaleRule {
  none,       ///< 1
  original,   ///< sqrt(max(1, rows / columns)). Jordan et al. 2024
  match_rms,  ///< 0.2 sqrt(max(rows, columns)): the size of AdamW's updates. arXiv:2502.16982
  spectral,   ///< sqrt(rows / columns): rates carry over between widths. arXiv:2310.17813
};

/// The factor a rule gives to updates of a matrix (rows, columns).
float scale_of(ScaleRule rule, Index rows, Index columns);

}  // namespace muonlab::optim
