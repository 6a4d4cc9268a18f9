#pragma once

#include <algorithm>

#include "muonlab/core/cuda/rows.cuh"

/// Sums of many terms, in double. Where there are too few sums to fill the GPU, each is cut into
/// pieces for more blocks, and a second launch adds the sums of the pieces. How a sum is cut
/// depends on the sizes alone, so results are equal from run to run to the bit.
namespace muonlab::cuda {

/// Blocks of reduce_threads that fill a large GPU: about 8 on each of 132 multiprocessors.
inline constexpr Index full_grid = 1024;

/// n terms cut into `count` pieces of `length`, the last one shorter.
struct Pieces {
  Index length;
  Index count;

  /// One piece for up to `alone` terms, else at most `most` pieces, of at least `least` terms.
  Pieces(Index n, Index alone, Index least, Index most)
      : length(n <= alone ? std::max<Index>(n, 1)
                          : std::max(least, part(n, std::max(most, Index{1})))),
        count(std::max<Index>((n + length - 1) / length, 1)) {}

  /// n / parts, rounded up to whole cache lines of 32 floats.
  static Index part(Index n, Index parts) { return ((n + parts - 1) / parts + 31) / 32 * 32; }
};

/// Pieces of each of `rows` rows of n terms.
inline Pieces row_pieces(Index rows, Index n) {
  return Pieces(n, 8192, 2048, full_grid / std::max<Index>(rows, 1));
}

/// y[row * pieces.count + k] = the sum of term(row, i) over piece k of the row's n terms.
template <class T, class Term>
void sum_pieces(Index rows, Index n, const Pieces& pieces, Term term, T* y) {
  const Index length = pieces.length;
  const Index count = pieces.count;
  for_rows(rows * count, length, [=] __device__(const Team& team, Index piece) {
    const Index row = piece / count;
    const Index begin = piece % count * length;
    const double total =
        team.sum(std::min(length, n - begin), [=](Index i) { return term(row, begin + i); });
    if (team.rank == 0) y[piece] = static_cast<T>(total);
  });
}

/// y[row] = term(row, 0) + ... + term(row, n - 1), where terms with neighbouring i are neighbours
/// in memory.
template <class T, class Term>
void sum_rows(Index rows, Index n, Term term, T* y) {
  const Pieces pieces = row_pieces(rows, n);
  if (pieces.count == 1) return sum_pieces(rows, n, pieces, term, y);
  const Index count = pieces.count;
  Array<double> partial({rows, count}, Device::cuda);
  double* parts = on_gpu(partial);
  sum_pieces(rows, n, pieces, term, parts);
  const auto part = [=] __device__(Index row, Index k) { return parts[row * count + k]; };
  sum_pieces(rows, count, row_pieces(rows, count), part, y);
}

inline constexpr int warp_columns = 32;  // neighbours in memory, one for each thread of a warp
inline constexpr int strips = 16;        // warps of a block: each adds every 16th term

/// y[piece * sums + s] = the sum of term(o, j, i) over the j in the piece, where s = o * inner + i.
/// A block adds one piece of 32 sums.
template <class T, class Term>
__global__ void add_columns(Index sums, Index size, Index inner, Index length, Term term, T* y) {
  __shared__ double of_strip[strips][warp_columns];
  const Index lane = threadIdx.x % warp_columns;
  const Index strip = threadIdx.x / warp_columns;
  const Index chunks = (sums + warp_columns - 1) / warp_columns;
  const Index piece = blockIdx.x / chunks;
  const Index s = blockIdx.x % chunks * warp_columns + lane;
  double total = 0;
  if (s < sums) {
    const Index o = s / inner;
    const Index i = s % inner;
    const Index end = std::min(size, (piece + 1) * length);
    for (Index j = piece * length + strip; j < end; j += strips) total += term(o, j, i);
  }
  of_strip[strip][lane] = total;
  __syncthreads();
  if (strip != 0 || s >= sums) return;
  for (int k = 1; k < strips; ++k) total += of_strip[k][lane];
  y[piece * sums + s] = static_cast<T>(total);
}

/// Starts add_columns().
template <class T, class Term>
void sum_column_pieces(Index sums, Index size, Index inner, const Pieces& pieces, Term term, T* y) {
  const Index chunks = (sums + warp_columns - 1) / warp_columns;
  launch(chunks * pieces.count, warp_columns * strips, add_columns<T, Term>, sums, size, inner,
         pieces.length, term, y);
}

/// y[o * inner + i] = term(o, 0, i) + ... + term(o, size - 1, i), where terms with neighbouring i
/// are neighbours in memory.
template <class T, class Term>
void sum_columns(Index outer, Index size, Index inner, Term term, T* y) {
  const Index sums = outer * inner;
  if (sums >= full_grid * reduce_threads / 2) {  // enough sums for one thread each
    for_each(sums, [=] __device__(Index s) {
      const Index o = s / inner;
      const Index i = s % inner;
      double total = 0;
      for (Index j = 0; j < size; ++j) total += term(o, j, i);
      y[s] = static_cast<T>(total);
    });
    return;
  }
  const Index blocks = (sums + warp_columns - 1) / warp_columns;
  const Pieces pieces(size, 1024, 256, full_grid / 2 / std::max<Index>(blocks, 1));
  if (pieces.count == 1) return sum_column_pieces(sums, size, inner, pieces, term, y);
  Array<double> partial({pieces.count, sums}, Device::cuda);
  double* parts = on_gpu(partial);
  sum_column_pieces(sums, size, inner, pieces, term, parts);
  const auto part = [=] __device__(Index, Index k, Index s) { return parts[k * sums + s]; };
  sum_column_pieces(sums, pieces.count, sums, Pieces(pieces.count, full_grid, 1, 1), part, y);
}

}  // namespace muonlab::cuda
