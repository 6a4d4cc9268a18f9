#pragma once

#include <cstddef>

#include "muonlab/optim/orthogonalize.h"

/// What orthogonalizing a matrix (rows, columns) costs, without doing it.
namespace muonlab::optim {

/// How many steps the gram form takes on X X^T before it multiplies X: rounding errors grow by a^2
/// with each of them.
inline constexpr std::size_t gram_segment = 3;

/// Matrices with a shorter side are not computed in bfloat16: small products gain nothing by it,
/// and the roundings of a few elements can line up (docs/rounding.md).
inline constexpr Index smallest_in_bfloat16 = 64;

/// How the products of a matrix are computed.
struct Plan {
  Form form;  // never automatic
  Precision precision;
};

/// The form with the smallest predicted time, or the one that the options ask for, and the
/// precision that they ask for, but float32 in the gram form, for small matrices, and where the
/// steps do not hold in bfloat16 (optim/rounding.h). It depends on nothing but the arguments,
/// so results stay the same from run to run. The GPU's form, where symmetric products are computed
/// in whole, may be another than the CPU's.
Plan plan_for(Index rows, Index columns, const OrthogonalizeOptions& options = {},
              Device device = Device::cpu);

/// Floating-point operations that the products need; a multiplication and an addition count as two,
/// a symmetric product as half of one, also where it is so small that it is computed in whole, and
/// `automatic` as the form it becomes.
Index flops(Index rows, Index columns, const OrthogonalizeOptions& options = {});

/// Predicted time on one core, from FLOPs, bytes and the number of products; the rates are those of
/// a Zen 5 core with oneDNN, so only the relation between two costs holds elsewhere.
double predicted_seconds(Index rows, Index columns, const OrthogonalizeOptions& options = {});

}  // namespace muonlab::optim
