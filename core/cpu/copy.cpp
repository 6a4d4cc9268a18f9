#include "muonlab/core/kernels/copy.h"

#include "muonlab/core/cpu/eigen.h"
#include "muonlab/core/cpu/parallel.h"

namespace muonlab::kernel {

void CopyAxis::cpu() const {
  parallel_for(outer, row_grain(count * inner), [=, *this](Index begin, Index end) {
    for (Index o = begin; o < end; ++o) {
      std::copy_n(x.data() + (o * x_size + from) * inner, count * inner,
                  y.data() + (o * y_size + to) * inner);
    }
  });
}

void Permute::cpu() const {
  const Shape shape = y.shape();
  if (y.count() == 0) return;
  if (shape.rank() == 2 && axes[0] == 1) {
    matrix(y) = matrix(x).transpose();
    return;
  }
  std::array<Index, Shape::max_rank> x_strides{};
  Index stride = 1;
  for (int axis = x.shape().rank() - 1; axis >= 0; --axis) {
    x_strides[axis] = stride;
    stride *= x.shape()[axis];
  }
  const int last = shape.rank() - 1;
  const Index columns = shape.columns();
  const float* from = x.data();
  float* to = y.data();
  parallel_for(shape.rows(), row_grain(columns), [=, *this](Index begin, Index end) {
    for (Index row = begin; row < end; ++row) {
      Index rest = row;
      Index offset = 0;
      for (int axis = last - 1; axis >= 0; --axis) {
        offset += rest % shape[axis] * x_strides[axes[axis]];
        rest /= shape[axis];
      }
      const Index step = last < 0 ? 0 : x_strides[axes[last]];
      for (Index i = 0; i < columns; ++i) {
        to[row * columns + i] = from[offset + i * step];
      }
    }
  });
}

}  // namespace muonlab::kernel
