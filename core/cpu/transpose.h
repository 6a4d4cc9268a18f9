#pragma once

#include <Eigen/Core>

#include "muonlab/core/shape.h"

namespace muonlab {

/// y(j, i) = x(i, j) of a matrix (rows, columns); rows of x are `x_stride` floats apart, rows of y
/// `y_stride`. Squares that fit into the vector registers come first, then the edges element by
/// element.
inline void transpose(const float* x, Index x_stride, Index rows, Index columns, float* y,
                      Index y_stride) {
  using Packet = Eigen::internal::packet_traits<float>::type;
  constexpr Index side = Eigen::internal::packet_traits<float>::size;
  const Index whole_rows = rows / side * side;
  const Index whole_columns = columns / side * side;
  for (Index i = 0; i < whole_rows; i += side) {
    for (Index j = 0; j < whole_columns; j += side) {
      Eigen::internal::PacketBlock<Packet, side> square;
      for (Index k = 0; k < side; ++k) {
        square.packet[k] = Eigen::internal::ploadu<Packet>(x + (i + k) * x_stride + j);
      }
      Eigen::internal::ptranspose(square);
      for (Index k = 0; k < side; ++k) {
        Eigen::internal::pstoreu(y + (j + k) * y_stride + i, square.packet[k]);
      }
    }
  }
  for (Index i = 0; i < rows; ++i) {
    for (Index j = i < whole_rows ? whole_columns : 0; j < columns; ++j) {
      y[j * y_stride + i] = x[i * x_stride + j];
    }
  }
}

}  // namespace muonlab
