#include "muonlab/core/kernels/matmul.h"

#include <algorithm>
#include <utility>

#include "muonlab/core/cpu/eigen.h"
#include "muonlab/core/cpu/parallel.h"
#include "muonlab/core/cpu/product.h"
#include "muonlab/core/cpu/transpose.h"

namespace muonlab::kernel {
namespace {

struct Tile {
  Index m, n;
};

Index half(Index side) { return (std::max<Index>(1, side / 2) + 15) / 16 * 16; }  // whole vectors

/// How a product is cut, whatever the number of threads: in two as soon as that pays for waking a
/// thread, and on until a tile takes about 40 microseconds. Larger tiles run faster, smaller ones
/// share out better. If b is not transposed, a part of its columns is not contiguous and would have
/// to be copied, so then only rows are cut (unless there are few).
Tile tile_for(const MatMul& call, Index m, Index n, Index k) {
  constexpr Index smallest_split = Index{1} << 20;  // multiply-adds
  constexpr Index largest_tile = Index{7} << 20;
  constexpr Index small_side = 128;
  if (m * n * k < smallest_split) return {m, n};
  if (call.symmetric) {  // square, and so small that little is computed above the diagonal
    const Index side = n < 1024 ? 64 : 128;
    return {side, side};
  }
  Tile tile{m, n};
  const bool rows_only = call.op_b == Op::none && m > 16;
  do {
    Index& side = rows_only || tile.m > tile.n ? tile.m : tile.n;
    side = half(side);
  } while (tile.m * tile.n * k > largest_tile &&
           (rows_only ? tile.m : std::max(tile.m, tile.n)) > small_side);
  return tile;
}

struct Sizes {
  Index m, n, k, batch;
};

/// The operands of a call, as given or rounded.
template <class T>
struct Operands {
  const T* a;
  const T* b;
};

/// Copies a tile below the diagonal to its mirror image above; of a tile on the diagonal, the part
/// below it.
void mirror(MatrixView& c, Index i, Index j, Index m, Index n) {
  const Index stride = c.cols();
  if (i != j) return transpose(&c(i, j), stride, m, n, &c(j, i), stride);
  constexpr Index side = 16;
  for (Index row = i; row < i + m; row += side) {
    const Index rows = std::min(side, i + m - row);
    transpose(&c(row, j), stride, rows, row - i, &c(j, row), stride);
    for (Index r = row; r < row + rows; ++r) {
      for (Index column = row; column < r; ++column) c(column, r) = c(r, column);
    }
  }
}

/// Columns [first, first + count) of a matrix (rows, columns), as a dense one.
template <class T>
Array<T> copy_columns(const T* x, Index rows, Index columns, Index first, Index count) {
  Array<T> block({rows, count});
  for (Index i = 0; i < rows; ++i) {
    std::copy_n(x + i * columns + first, count, block.data() + i * count);
  }
  return block;
}

/// Entries [first, first + count) of one side of an operand, dense, as multiply() needs them.
template <class T>
struct Part {
  /// `x` is (side, k), or (k, side) when `is_across`, and then a part of its columns is copied.
  Part(const T* x, bool is_across, Index side, Index k, Index first, Index count) {
    if (!is_across) {
      data = x + first * k;
    } else if (count == side) {
      data = x;
    } else {
      copy = copy_columns(x, k, side, first, count);
      data = copy.data();
    }
  }
  Array<T> copy;
  const T* data;
};

/// c = alpha product + beta d within rows [i, i + m) and columns [j, j + n) of a matrix.
void finish_tile(const MatMul& call, ConstMatrixView product, MatrixView& matrix, Index number,
                 Index i, Index j) {
  auto c = matrix.block(i, j, product.rows(), product.cols());
  if (call.d == nullptr) {
    c = call.alpha * product;
  } else if (call.d->shape().rank() == 1) {
    const Eigen::Map<const Eigen::RowVectorXf> row(call.d->data() + j, product.cols());
    for (Index r = 0; r < c.rows(); ++r) {
      c.row(r) = call.alpha * product.row(r) + call.beta * row;
    }
  } else {
    const float* d = call.d->data() + number * matrix.size();
    c = call.alpha * product +
        call.beta *
            ConstMatrixView(d, matrix.rows(), matrix.cols()).block(i, j, c.rows(), c.cols());
  }
}

/// Computes one tile of c.
template <class T>
void multiply_tile(const MatMul& call, const Sizes& s, const Operands<T>& operands, Index number,
                   Index i, Index j, Index m, Index n) {
  const bool shared_b = call.b.shape().rank() == 2;
  const Part<T> a(operands.a + number * s.m * s.k, call.op_a == Op::transpose, s.m, s.k, i, m);
  const Part<T> b(operands.b + (shared_b ? 0 : number * s.k * s.n), call.op_b == Op::none, s.n, s.k,
                  j, n);
  MatrixView c(call.c.data() + number * s.m * s.n, s.m, s.n);
  const bool in_place = n == s.n && call.alpha == 1 && call.d == nullptr;
  Tensor scratch;
  if (!in_place) scratch = Tensor({m, n});
  const Product<T> product{.a = a.data,
                           .b = b.data,
                           .c = in_place ? c.data() + i * s.n : scratch.data(),
                           .m = m,
                           .n = n,
                           .k = s.k,
                           .a_transposed = call.op_a == Op::transpose,
                           .b_transposed = call.op_b == Op::transpose};
  if (s.k > 0) {
    multiply(product);
  } else {
    std::fill_n(product.c, m * n, 0.0F);
  }
  if (!in_place) finish_tile(call, matrix(std::as_const(scratch)), c, number, i, j);
  if (call.symmetric) mirror(c, i, j, m, n);
}

template <class T>
void multiply_in_tiles(const MatMul& call, const Sizes& s, const Operands<T>& operands) {
  const Tile cut = tile_for(call, s.m, s.n, s.k);
  const Index tiles_down = (s.m + cut.m - 1) / cut.m;
  const Index tiles_across = (s.n + cut.n - 1) / cut.n;
  parallel_tasks(s.batch * tiles_down * tiles_across, [&, cut](Index task) {
    const Index number = task / (tiles_down * tiles_across);
    const Index i = task / tiles_across % tiles_down * cut.m;
    const Index j = task % tiles_across * cut.n;
    if (call.symmetric && j > i) return;
    multiply_tile(call, s, operands, number, i, j, std::min(cut.m, s.m - i),
                  std::min(cut.n, s.n - j));
  });
}

}  // namespace

void MatMul::cpu() const {
  const Index m = c.shape()[-2];
  const Index n = c.shape()[-1];
  const Index k = a.shape()[op_a == Op::none ? -1 : -2];
  if (c.count() == 0) return;
  const Sizes sizes{.m = m, .n = n, .k = k, .batch = c.count() / (m * n)};
  const bool same = a.data() == b.data() && a.count() == b.count();
  if (precision == Precision::float32) {
    multiply_in_tiles<float>(*this, sizes, {a.data(), b.data()});
  } else if (fastest_precision() == Precision::bfloat16) {
    const Array<Bfloat16> a16 = to_bfloat16(a);
    const Array<Bfloat16> b16 = same ? a16 : to_bfloat16(b);
    multiply_in_tiles<Bfloat16>(*this, sizes, {a16.data(), b16.data()});
  } else {  // no bfloat16 instructions: rounded operands, float32 products
    const Tensor a16 = rounded_to_bfloat16(a);
    const Tensor b16 = same ? a16 : rounded_to_bfloat16(b);
    multiply_in_tiles<float>(*this, sizes, {a16.data(), b16.data()});
  }
}

}  // namespace muonlab::kernel
