#include "core/kernels/update.h"

#include <algorithm>
#include <cmath>

#include "core/cuda/launch.cuh"

namespace muonlab::kernel {
namespace {

constexpr Index threads = 256;
constexpr Index piece = 4 * threads;  // elements of a block
constexpr int most_parts = 32;        // of a launch: what fits into a kernel's arguments

/// Parts, and how many blocks those up to each take together.
template <class Part>
struct Table {
  Part part[most_parts];
  Index blocks[most_parts];
};

template <class Part, class Body>
__global__ void update_parts(Table<Part> table, Body body) {
  int k = 0;
  while (blockIdx.x >= table.blocks[k]) ++k;
  const Part& part = table.part[k];
  const Index block = blockIdx.x - (k == 0 ? 0 : table.blocks[k - 1]);
  const Index end = std::min(part.count, (block + 1) * piece);
  for (Index i = block * piece + threadIdx.x; i < end; i += threads) body(part, i);
}

/// Calls body(part, i) for every element i of every part, in as few launches as can be.
template <class Part, class Body>
void for_parts(std::span<const Part> parts, Body body) {
  while (!parts.empty()) {
    const std::size_t size = std::min<std::size_t>(parts.size(), most_parts);
    Table<Part> table{};
    Index blocks = 0;
    for (std::size_t k = 0; k < size; ++k) {
      blocks += (parts[k].count + piece - 1) / piece;
      table.part[k] = parts[k];
      table.blocks[k] = blocks;
    }
    cuda::launch(blocks, threads, update_parts<Part, Body>, table, body);
    parts = parts.subspan(size);
  }
}

}  // namespace

// The lambdas copy the kernel for its numbers; `parts` in it lies on the host, and the addresses in
// the parts on the GPU.

void SgdUpdate::cuda() const {
  for_parts(parts, [k = *this] __device__(const Part& p, Index i) {
    const float g = p.grad[i] + k.l2 * p.value[i];
    if (p.buffer == nullptr) {
      p.value[i] -= k.lr * g;
      return;
    }
    const float kept = p.first ? 0 : k.momentum;
    const float fresh = p.first ? 1 : 1 - k.dampening;
    const float b = p.buffer[i] = kept * p.buffer[i] + fresh * g;
    p.value[i] -= k.lr * (k.nesterov ? g + k.momentum * b : b);
  });
}

void AdamUpdate::cuda() const {
  for_parts(parts, [k = *this] __device__(const Part& p, Index i) {
    const float g = p.grad[i] + k.l2 * p.value[i];
    const float m = p.m[i] = k.beta1 * p.m[i] + (1 - k.beta1) * g;
    const float v = p.v[i] = k.beta2 * p.v[i] + (1 - k.beta2) * g * g;
    p.value[i] = k.decay * p.value[i] - p.step * m / (std::sqrt(v) / p.root + k.eps);
  });
}

void MomentumUpdate::cuda() const {
  for_parts(parts, [k = *this] __device__(const Part& p, Index i) {
    const float g = k.fresh * p.grad[i];
    const float b = p.buffer[i] = k.momentum * p.buffer[i] + g;
    p.direction[i] = k.nesterov ? k.momentum * b + g : b;
  });
}

void DirectionUpdate::cuda() const {
  for_parts(parts, [k = *this] __device__(const Part& p, Index i) {
    p.value[i] = k.decay * p.value[i] - p.step * p.direction[i];
  });
}

}  // namespace muonlab::kernel
