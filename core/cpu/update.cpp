#include "core/kernels/update.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/cpu/parallel.h"

namespace muonlab::kernel {
namespace {

/// Calls body(part, begin, end) for pieces of [0, part.count) of every part. Pieces are cut as if
/// the parts lay end to end, so a thread is woken for their sum, not for each.
template <class Part, class Body>
void for_parts(std::span<const Part> parts, const Body& body) {
  std::vector<Index> ends;  // of each part in that order
  Index total = 0;
  for (const Part& part : parts) ends.push_back(total += part.count);
  parallel_for(total, elementwise_grain, [&](Index begin, Index end) {
    auto i = static_cast<std::size_t>(std::ranges::upper_bound(ends, begin) - ends.begin());
    for (; begin < end; begin = ends[i++]) {
      const Index start = ends[i] - parts[i].count;
      body(parts[i], begin - start, std::min(end, ends[i]) - start);
    }
  });
}

}  // namespace

void SgdUpdate::cpu() const {
  for_parts(parts, [k = *this](Part p, Index begin, Index end) {
    if (p.buffer == nullptr) {
      for (Index i = begin; i < end; ++i) p.value[i] -= k.lr * (p.grad[i] + k.l2 * p.value[i]);
      return;
    }
    const float kept = p.first ? 0 : k.momentum;
    const float fresh = p.first ? 1 : 1 - k.dampening;
    for (Index i = begin; i < end; ++i) {
      const float g = p.grad[i] + k.l2 * p.value[i];
      const float b = p.buffer[i] = kept * p.buffer[i] + fresh * g;
      p.value[i] -= k.lr * (k.nesterov ? g + k.momentum * b : b);
    }
  });
}

void AdamUpdate::cpu() const {
  for_parts(parts, [k = *this](Part p, Index begin, Index end) {
    const float inverse_root = 1 / p.root;
    for (Index i = begin; i < end; ++i) {
      const float g = p.grad[i] + k.l2 * p.value[i];
      const float m = p.m[i] = k.beta1 * p.m[i] + (1 - k.beta1) * g;
      const float v = p.v[i] = k.beta2 * p.v[i] + (1 - k.beta2) * g * g;
      p.value[i] = k.decay * p.value[i] - p.step * m / (std::sqrt(v) * inverse_root + k.eps);
    }
  });
}

void MomentumUpdate::cpu() const {
  for_parts(parts, [k = *this](Part p, Index begin, Index end) {
    for (Index i = begin; i < end; ++i) {
      const float g = k.fresh * p.grad[i];
      const float b = p.buffer[i] = k.momentum * p.buffer[i] + g;
      p.direction[i] = k.nesterov ? k.momentum * b + g : b;
    }
  });
}

void DirectionUpdate::cpu() const {
  for_parts(parts, [k = *this](Part p, Index begin, Index end) {
    for (Index i = begin; i < end; ++i) {
      p.value[i] = k.decay * p.value[i] - p.step * p.direction[i];
    }
  });
}

}  // namespace muonlab::kernel
