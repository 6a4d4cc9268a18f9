#pragma once

#include <limits>

#include "muonlab/core/cuda/launch.cuh"
#include "muonlab/core/cuda/reduce.cuh"

/// Work on rows, each done by a team of threads that suits its length.
namespace muonlab::cuda {

/// The threads that share a row: one, a warp, or a block. Neighbouring threads take neighbouring
/// elements. The functions below return the same to every thread of the team, and all of them must
/// call.
struct Team {
  int size;     // threads of the team
  int rank;     // this thread's within it
  Index index;  // the team's within the grid
  Index teams;  // in the grid

  __device__ explicit Team(int threads)
      : size(threads), rank(static_cast<int>(threadIdx.x) % threads) {
    const int of_block = static_cast<int>(blockDim.x) / threads;
    index = Index{blockIdx.x} * of_block + static_cast<int>(threadIdx.x) / threads;
    teams = Index{gridDim.x} * of_block;
  }

  /// Combines the values of the team's threads; combining with `identity` changes nothing.
  template <class T, class Combine>
  __device__ T reduce(T value, T identity, Combine combine) const {
    if (size == 1) return value;
    return size == warpSize ? warp_reduce(value, combine) : block_reduce(value, identity, combine);
  }

  /// term(0) + ... + term(count - 1) in double.
  template <class Term>
  __device__ double sum(Index count, const Term& term) const {
    double own = 0;
    for (Index i = rank; i < count; i += size) own += term(i);
    return reduce(own, 0.0, Plus{});
  }

  /// The sum divided by `count`.
  template <class Term>
  __device__ double mean(Index count, const Term& term) const {
    return sum(count, term) / static_cast<double>(count);
  }

  /// The largest of x[0], ..., x[count - 1]; NaNs do not count.
  __device__ float largest(Index count, const float* x) const {
    constexpr float least = -std::numeric_limits<float>::infinity();
    float own = least;
    for (Index i = rank; i < count; i += size) own = Larger{}(own, x[i]);
    return reduce(own, least, Larger{});
  }
};

/// Threads of the team for a row of n elements.
inline int team_size(Index n) {
  if (n <= 16) return 1;  // most of a warp would wait
  return n <= 512 ? 32 : reduce_threads;
}

template <class Body>
__global__ void call_for_rows(Index rows, int size, Body body) {
  const Team team(size);
  if (team.index < rows) body(team, team.index);
}

/// Calls body(team, row) on the GPU for every row in [0, rows), with all threads of a team that
/// suits rows of n elements. `body` captures no references, as in for_each().
template <class Body>
void for_rows(Index rows, Index n, Body body) {
  const int size = team_size(n);
  const Index teams = reduce_threads / size;  // of a block
  launch((rows + teams - 1) / teams, reduce_threads, call_for_rows<Body>, rows, size, body);
}

}  // namespace muonlab::cuda
