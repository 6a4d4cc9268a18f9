#include "core/kernels/matmul.h"

#include "core/cpu/eigen.h"
#include "core/cpu/parallel.h"

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

/// One matrix of the batch.
struct Product {
  ConstMatrixView a, b;
  MatrixView c;
  const float* d;
  bool d_is_row;
};

template <class A, class B, class C>
void multiply(float alpha, const A& a, const B& b, C&& c) {
  if (alpha == 1) {
    c.noalias() += a * b;
  } else {
    c.noalias() += alpha * (a * b);
  }
}

/// c = alpha op(a) op(b) + beta d within rows [i, i + m) and columns [j, j + n).
void tile(const MatMul& call, Product& p, Index i, Index j, Index m, Index n) {
  auto c = p.c.block(i, j, m, n);
  if (p.d == nullptr) {
    c.setZero();
  } else if (p.d_is_row) {
    const Eigen::Map<const Eigen::RowVectorXf> row(p.d + j, n);
    for (Index r = 0; r < m; ++r) c.row(r) = call.beta * row;
  } else {
    c = call.beta * ConstMatrixView(p.d, p.c.rows(), p.c.cols()).block(i, j, m, n);
  }
  const bool ta = call.op_a == Op::transpose;
  const bool tb = call.op_b == Op::transpose;
  if (!ta && !tb) multiply(call.alpha, p.a.middleRows(i, m), p.b.middleCols(j, n), c);
  if (ta && !tb) multiply(call.alpha, p.a.middleCols(i, m).transpose(), p.b.middleCols(j, n), c);
  if (!ta && tb) multiply(call.alpha, p.a.middleRows(i, m), p.b.middleRows(j, n).transpose(), c);
  if (ta && tb) {
    multiply(call.alpha, p.a.middleCols(i, m).transpose(), p.b.middleRows(j, n).transpose(), c);
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

Product matrix_of_batch(const MatMul& call, const Sizes& s, Index i) {
  const auto view = [](const float* data, Index rows, Index columns, bool transposed) {
    return transposed ? ConstMatrixView(data, columns, rows) : ConstMatrixView(data, rows, columns);
  };
  const bool shared_b = call.b.shape().rank() == 2;
  const bool d_is_row = call.d != nullptr && call.d->shape().rank() == 1;
  return {
      .a = view(call.a.data() + i * s.m * s.k, s.m, s.k, call.op_a == Op::transpose),
      .b = view(call.b.data() + (shared_b ? 0 : i * s.k * s.n), s.k, s.n,
                call.op_b == Op::transpose),
      .c = {call.c.data() + i * s.m * s.n, s.m, s.n},
      .d = call.d == nullptr ? nullptr : call.d->data() + (d_is_row ? 0 : i * s.m * s.n),
      .d_is_row = d_is_row,
  };
}

}  // namespace

void MatMul::cpu() const {
  const Index m = c.shape()[-2];
  const Index n = c.shape()[-1];
  const Index k = a.shape()[op_a == Op::none ? -1 : -2];
  if (c.count() == 0) return;
  const Sizes sizes{.m = m, .n = n, .k = k, .batch = c.count() / (m * n)};

  const Tile cut = tile_for(m, n, k, symmetric);
  const Index tiles_down = (m + cut.m - 1) / cut.m;
  const Index tiles_across = (n + cut.n - 1) / cut.n;

  parallel_tasks(sizes.batch * tiles_down * tiles_across, [&, this](Index task) {
    const Index down = task / tiles_across % tiles_down;
    const Index across = task % tiles_across;
    if (symmetric && across > down) return;
    Product product = matrix_of_batch(*this, sizes, task / (tiles_down * tiles_across));
    const Index i = down * cut.m;
    const Index j = across * cut.n;
    const Index rows = std::min(cut.m, m - i);
    const Index columns = std::min(cut.n, n - j);
    tile(*this, product, i, j, rows, columns);
    if (symmetric) mirror(product.c, i, j, rows, columns);
  });
}

}  // namespace muonlab::kernel
