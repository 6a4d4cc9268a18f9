#pragma once

#include <Eigen/Core>

#include "muonlab/core/shape.h"

namespace muonlab {

/// Floats in a vector register of the processor that this is built for.
inline constexpr Index lanes = Eigen::internal::packet_traits<float>::size;

/// The largest width of a panel, a matrix that is made for one product, with no gaps between its
/// rows. It is so narrow that the sums of six rows stay in registers (with AVX-512 there are 32 of
/// 16 floats, else 16 smaller ones).
inline constexpr Index panel_width = (lanes == 16 ? 4 : 2) * lanes;

/// c += a b, where b is a panel; b and c are aligned to whole vectors. Rows of a are `a_stride`
/// floats apart, rows of c `c_stride`.
struct PanelProduct {
  const float* a;        // (rows, k)
  const float* b;        // (k, width)
  float* c;              // (rows, width)
  Index rows, k, width;  // width: a multiple of lanes, at most panel_width
  Index a_stride, c_stride;
};

/// Faster than Eigen's product, for which the image would be unfolded in memory first and then
/// packed into panels once more: 230 against 150 GFLOP/s on one core of an AMD EPYC that can do
/// 257.
void multiply_panel(const PanelProduct& product);

/// `count` rounded up to whole vectors.
inline Index whole_vectors(Index count) { return (count + lanes - 1) / lanes * lanes; }

}  // namespace muonlab
