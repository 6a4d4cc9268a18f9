#pragma once

#include <Eigen/Core>

#include "core/shape.h"

namespace muonlab {

/// Floats in a vector register of the processor that this is built for.
inline constexpr Index lanes = Eigen::internal::packet_traits<float>::size;

/// How wide a panel is at most. A panel is a matrix that was made for one product, its rows without
/// gaps between them: so narrow that the sums of six rows stay in registers (32 of 16 floats with
/// AVX-512, else 16 smaller ones).
inline constexpr Index panel_width = (lanes == 16 ? 4 : 2) * lanes;

/// c += a b, where b is a panel; b and c lie at whole vectors. Rows of a lie `a_stride` floats
/// apart, those of c `c_stride`.
struct PanelProduct {
  const float* a;        // (rows, k)
  const float* b;        // (k, width)
  float* c;              // (rows, width)
  Index rows, k, width;  // width: a multiple of lanes, at most panel_width
  Index a_stride, c_stride;
};

/// Faster than Eigen's product, whose operand would have to be unfolded in memory first and then be
/// packed into panels once more: 230 against 150 GFLOP/s on one core of an AMD EPYC that can do
/// 257.
void multiply_panel(const PanelProduct& product);

/// `count` rounded up to whole vectors.
inline Index whole_vectors(Index count) { return (count + lanes - 1) / lanes * lanes; }

}  // namespace muonlab
