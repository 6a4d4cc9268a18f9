#include "core/kernels/matmul.h"

#include "core/cpu/eigen.h"
#include "core/cpu/parallel.h"
#include "core/cpu/product.h"

namespace muonlab::kernel {
namespace {

struct Tile {
  Index m, n;
};

/// How a product is cut, whatever the number of threads: in two as soon as that pays for waking a
/// thread, and on until a tile takes about 40 microseconds. Larger tiles run faster, smaller ones
/// share out better.
Tile tile_for(Index m, Index n, Index k, bool symmetric) {
  constexpr Index smallest_split = Index{1} << 20;  // multiply-adds
  constexpr Index largest_tile = Index{7} << 20;
  constexpr Index small_side = 128;
  if (m * n * k < smallest_split) return {m, n};
  if (symmetric) return {64, 64};  // square, and small: little is computed above the diagonal
  Tile tile{m, n};
  do {
    Index& longer = tile.m > tile.n ? tile.m : tile.n;
    longer = (std::max<Index>(1, longer / 2) + 15) / 16 * 16;  // whole vectors
  } while (tile.m * tile.n * k > largest_tile && std::max(tile.m, tile.n) > small_side);
  return tile;
}

struct Sizes {
  Index m, n, k, batch;
};

/// The operands of a call as the products take them: float32 as they are, or rounded.
template <class T>
struct Operands {
  const T* a;
  const T* b;
};

Array<Bfloat16> rounded(const Tensor& x) {
  Array<Bfloat16> y(x.shape());
  const float* from = x.data();
  Bfloat16* to = y.data();
  parallel_for(x.count(), elementwise_grain, [=](Index begin, Index end) {
    for (Index i = begin; i < end; ++i) to[i] = to_bfloat16(from[i]);
  });
  return y;
}

/// c = beta d within rows [i, i + m) and columns [j, j + n) of one matrix of the batch.
void start_tile(const MatMul& call, MatrixView& c, Index number, Index i, Index j, Index m,
                Index n) {
  auto tile = c.block(i, j, m, n);
  if (call.d->shape().rank() == 1) {
    const Eigen::Map<const Eigen::RowVectorXf> row(call.d->data() + j, n);
    for (Index r = 0; r < m; ++r) tile.row(r) = call.beta * row;
  } else {
    const ConstMatrixView d(call.d->data() + number * c.size(), c.rows(), c.cols());
    tile = call.beta * d.block(i, j, m, n);
  }
}

/// Copies a tile on or below the diagonal to its place above.
void mirror(MatrixView& c, Index i, Index j, Index m, Index n) {
  if (i != j) {
    c.block(j, i, n, m) = c.block(i, j, m, n).transpose();
    return;
  }
  for (Index row = i; row < i + m; ++row) {
    for (Index column = j; column < row; ++column) c(column, row) = c(row, column);
  }
}

/// Operand a's rows from `i` on, or b's columns from `j` on.
template <class T>
Operand<T> rows_of(const T* a, const Sizes& s, Op op, Index i) {
  return op == Op::none ? Operand<T>{a + i * s.k, s.k, false} : Operand<T>{a + i, s.m, true};
}
template <class T>
Operand<T> columns_of(const T* b, const Sizes& s, Op op, Index j) {
  return op == Op::none ? Operand<T>{b + j, s.n, false} : Operand<T>{b + j * s.k, s.k, true};
}

template <class T>
void multiply_in_tiles(const MatMul& call, const Sizes& s, const Operands<T>& operands) {
  const Tile cut = tile_for(s.m, s.n, s.k, call.symmetric);
  const Index tiles_down = (s.m + cut.m - 1) / cut.m;
  const Index tiles_across = (s.n + cut.n - 1) / cut.n;
  const bool shared_b = call.b.shape().rank() == 2;

  parallel_tasks(s.batch * tiles_down * tiles_across, [&, shared_b](Index task) {
    const Index number = task / (tiles_down * tiles_across);
    const Index i = task / tiles_across % tiles_down * cut.m;
    const Index j = task % tiles_across * cut.n;
    if (call.symmetric && j > i) return;
    const Index m = std::min(cut.m, s.m - i);
    const Index n = std::min(cut.n, s.n - j);
    MatrixView c(call.c.data() + number * s.m * s.n, s.m, s.n);
    if (call.d != nullptr) start_tile(call, c, number, i, j, m, n);
    const T* a = operands.a + number * s.m * s.k;
    const T* b = operands.b + (shared_b ? 0 : number * s.k * s.n);
    multiply(Product<T>{.a = rows_of(a, s, call.op_a, i),
                        .b = columns_of(b, s, call.op_b, j),
                        .c = c.data() + i * s.n + j,
                        .c_stride = s.n,
                        .m = m,
                        .n = n,
                        .k = s.k,
                        .alpha = call.alpha,
                        .add = call.d != nullptr});
    if (call.symmetric) mirror(c, i, j, m, n);
  });
}

}  // namespace

void MatMul::cpu() const {
  const Index m = c.shape()[-2];
  const Index n = c.shape()[-1];
  const Index k = a.shape()[op_a == Op::none ? -1 : -2];
  if (c.count() == 0) return;
  const Sizes sizes{.m = m, .n = n, .k = k, .batch = c.count() / (m * n)};
  if (precision == Precision::float32) {
    multiply_in_tiles<float>(*this, sizes, {a.data(), b.data()});
  } else {
    const Array<Bfloat16> a16 = rounded(a);
    const bool same = a.data() == b.data() && a.count() == b.count();
    const Array<Bfloat16> b16 = same ? a16 : rounded(b);
    multiply_in_tiles<Bfloat16>(*this, sizes, {a16.data(), b16.data()});
  }
}

}  // namespace muonlab::kernel
