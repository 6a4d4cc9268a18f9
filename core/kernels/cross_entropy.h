#pragma once

#include "muonlab/core/tensor.h"

namespace muonlab::kernel {

/// loss = scale * sum over rows of -(sum over classes of t log p), p = softmax(x), and the target t
/// is 1 - smoothing at the label plus smoothing / n everywhere.
struct CrossEntropy {
  const Tensor& x;         // logits (..., n)
  const Integers& labels;  // (rows), each within [0, n); others make the loss NaN on the GPU
  Tensor& p;               // as x, kept for the gradient
  Tensor& loss;            // ()
  float smoothing;         // within [0, 1]
  float scale;             // 1 / rows for the mean, 1 for the sum

  void cpu() const;
  void cuda() const;
};

/// dx = dloss scale (p - t).
struct CrossEntropyGrad {
  const Tensor& p;         // (..., n)
  const Integers& labels;  // (rows), as above; on the GPU others make their row of dx NaN
  const Tensor& dloss;     // ()
  Tensor& dx;              // as p
  float smoothing;
  float scale;

  void cpu() const;
  void cuda() const;
};

}  // namespace muonlab::kernel
