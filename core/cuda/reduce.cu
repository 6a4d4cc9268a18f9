#include "muonlab/core/kernels/reduce.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "muonlab/core/cuda/launch.cuh"
#include "muonlab/core/cuda/sums.cuh"

namespace muonlab::kernel {
namespace {

/// NaN is largest.
struct LargerOrNan {
  __device__ float operator()(float a, float b) const { return a != a || b <= a ? a : b; }
};

struct Smaller {
  __device__ Index operator()(Index a, Index b) const { return b < a ? b : a; }
};

/// The sum of term(0, i) for i in [0, count), on the host; waits for the GPU.
template <class Term>
double sum_on_host(Index count, Term term) {
  Array<double> total(Shape{}, Device::cuda);
  cuda::sum_rows(1, count, term, cuda::on_gpu(total));
  return total.item();
}

/// y = x / norm for elements [begin, end), by the team's threads.
__device__ void divide(const cuda::Team& team, const float* x, float* y, Index begin, Index end,
                       double norm) {
  const double inverse = norm == 0 ? 0 : 1 / norm;
  for (Index i = begin + team.rank; i < end; i += team.size) {
    y[i] = static_cast<float>(x[i] * inverse);
  }
}

}  // namespace

void Sum::cuda() const {
  const float* from = cuda::on_gpu(x);
  float* to = cuda::on_gpu(y);
  if (inner > 1) {
    const auto element = [=, size = size, inner = inner] __device__(Index o, Index j, Index i) {
      return from[(o * size + j) * inner + i];
    };
    cuda::sum_columns(outer, size, inner, element, to);
  } else if (inner == 1) {
    const auto element = [=, size = size] __device__(Index o, Index j) {
      return from[o * size + j];
    };
    cuda::sum_rows(outer, size, element, to);
  }
}

void ArgMax::cuda() const {
  const float* from = cuda::on_gpu(x);
  std::int32_t* to = cuda::on_gpu(y);
  const Index n = x.shape().columns();
  cuda::for_rows(y.count(), n, [=] __device__(const cuda::Team& team, Index row) {
    const float* in = from + row * n;
    constexpr float least = -std::numeric_limits<float>::infinity();
    float top = least;
    for (Index i = team.rank; i < n; i += team.size) top = LargerOrNan{}(top, in[i]);
    top = team.reduce(top, least, LargerOrNan{});
    Index first = team.rank;
    while (first < n && !(in[first] == top || in[first] != in[first])) first += team.size;
    first = team.reduce(first, n, Smaller{});
    if (team.rank == 0) to[row] = static_cast<std::int32_t>(first);
  });
}

void FrobeniusNorm::cuda() const {
  const float* from = cuda::on_gpu(x);
  norm = std::sqrt(sum_on_host(x.count(), [=] __device__(Index, Index i) {
    const double value = from[i];
    return value * value;
  }));
}

// A large x takes two launches: the first makes sums of pieces, and every block of the second adds
// them up for itself.
void Normalize::cuda() const {
  const float* from = cuda::on_gpu(x);
  float* to = cuda::on_gpu(y);
  const Index n = x.count();
  const auto square = [=] __device__(Index, Index i) {
    const double value = from[i];
    return value * value;
  };
  const cuda::Pieces pieces = cuda::row_pieces(1, n);
  const Index count = pieces.count;
  const Index length = pieces.length;
  if (count == 1) {
    cuda::for_rows(1, n, [=] __device__(const cuda::Team& team, Index) {
      const double total = team.sum(n, [=](Index i) { return square(0, i); });
      divide(team, from, to, 0, n, std::sqrt(total));
    });
    return;
  }
  Array<double> partial({count}, Device::cuda);
  double* parts = cuda::on_gpu(partial);
  cuda::sum_pieces(1, n, pieces, square, parts);
  cuda::for_rows(count, length, [=] __device__(const cuda::Team& team, Index piece) {
    const double total = team.sum(count, [=](Index k) { return parts[k]; });
    divide(team, from, to, piece * length, std::min(n, (piece + 1) * length), std::sqrt(total));
  });
}

void AllFinite::cuda() const {
  const float* from = cuda::on_gpu(x);
  // 0 * value is 0, or NaN where the value is not finite.
  finite =
      sum_on_host(x.count(), [=] __device__(Index, Index i) { return 0.0 * double{from[i]}; }) == 0;
}

}  // namespace muonlab::kernel
