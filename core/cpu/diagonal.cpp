#include "muonlab/core/kernels/diagonal.h"

namespace muonlab::kernel {

void AddToDiagonal::cpu() const {
  const Index n = x.shape().columns();
  float* matrix = x.data();
  for (Index left = x.count(); left > 0; left -= n * n, matrix += n * n) {
    for (Index i = 0; i < n; ++i) matrix[i * (n + 1)] += value;
  }
}

}  // namespace muonlab::kernel
