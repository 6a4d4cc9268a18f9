#pragma once

#include <cstddef>

#include "optim/orthogonalize.h"

/// What orthogonalizing a matrix (rows, columns) costs, without doing it.
namespace muonlab::optim {

/// How many steps the gram form takes on X X^T before it multiplies X, when `done` of `steps` are
/// done. Rounding errors grow by a^2 with each such step, so X X^T is computed anew: in float32
/// after every third; in bfloat16 after the first three where these let errors grow by 150 at most,
/// else after two, then after each, and the last two are taken together.
std::size_t gram_segment(std::span<const NewtonSchulzStep> steps, std::size_t done,
                         Precision precision);

/// Floating-point operations that the products need; a multiplication and an addition count as two,
/// a symmetric product as half of one, also where it is so small that it is computed in whole, and
/// `automatic` as the form it becomes.
Index flops(Index rows, Index columns, const OrthogonalizeOptions& options = {});

/// Predicted time on one core, from FLOPs, bytes and the number of products; the rates are those of
/// a Zen 5 core with oneDNN, so only the relation between two costs holds elsewhere.
double predicted_seconds(Index rows, Index columns, const OrthogonalizeOptions& options = {});

/// The form with the smallest predicted time, or the one that the options ask for. It depends on
/// nothing but the arguments, so results stay the same from run to run. The GPU's, where symmetric
/// products are computed in whole, may be another than the CPU's.
Form form_for(Index rows, Index columns, const OrthogonalizeOptions& options = {},
              Device device = Device::cpu);

}  // namespace muonlab::optim
