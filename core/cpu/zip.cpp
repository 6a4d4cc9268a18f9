#include "muonlab/core/kernels/zip.h"

#include <array>

#include "muonlab/core/cpu/parallel.h"

namespace muonlab::kernel {
namespace {

/// For each axis of y, how far a step along it moves in an operand; 0 where the operand repeats.
std::array<Index, Shape::max_rank> strides_within(const Shape& operand, const Shape& y) {
  std::array<Index, Shape::max_rank> strides{};
  Index stride = 1;
  for (int axis = 1; axis <= operand.rank(); ++axis) {  // from the last
    const Index size = operand[operand.rank() - axis];
    strides[y.rank() - axis] = size == 1 ? 0 : stride;
    stride *= size;
  }
  return strides;
}

/// One run along y's last axis; an operand's step there is 0 or 1.
template <class F>
void zip_row(F f, const float* a, Index step_a, const float* b, Index step_b, float* y,
             Index count) {
  if (step_a == 1 && step_b == 1) {
    for (Index i = 0; i < count; ++i) y[i] = f.value(a[i], b[i]);
  } else if (step_a == 1) {
    for (Index i = 0; i < count; ++i) y[i] = f.value(a[i], *b);
  } else if (step_b == 1) {
    for (Index i = 0; i < count; ++i) y[i] = f.value(*a, b[i]);
  } else {
    for (Index i = 0; i < count; ++i) y[i] = f.value(*a, *b);
  }
}

/// Where row `row` of y starts in an operand.
Index row_offset(Index row, const Shape& y, const std::array<Index, Shape::max_rank>& strides) {
  Index offset = 0;
  for (int axis = y.rank() - 2; axis >= 0; --axis) {
    offset += row % y[axis] * strides[axis];
    row /= y[axis];
  }
  return offset;
}

}  // namespace

void Zip::cpu() const {
  const float* pa = a.data();
  const float* pb = b.data();
  float* py = y.data();
  visit(function, [=, this](auto f) {
    if (a.shape() == b.shape()) {
      parallel_for(y.count(), elementwise_grain, [=](Index begin, Index end) {
        zip_row(f, pa + begin, 1, pb + begin, 1, py + begin, end - begin);
      });
      return;
    }
    const Shape shape = y.shape();
    const Index columns = shape.columns();
    const auto strides_a = strides_within(a.shape(), shape);
    const auto strides_b = strides_within(b.shape(), shape);
    const int last = std::max(shape.rank() - 1, 0);
    parallel_for(shape.rows(), row_grain(columns), [=](Index begin, Index end) {
      for (Index row = begin; row < end; ++row) {
        zip_row(f, pa + row_offset(row, shape, strides_a), strides_a[last],
                pb + row_offset(row, shape, strides_b), strides_b[last], py + row * columns,
                columns);
      }
    });
  });
}

void Combine::cpu() const {
  const float* pa = a.data();
  const float* pb = b.data();
  float* py = y.data();
  parallel_for(y.count(), elementwise_grain, [=, *this](Index begin, Index end) {
    for (Index i = begin; i < end; ++i) py[i] = alpha * pa[i] + beta * pb[i];
  });
}

}  // namespace muonlab::kernel
