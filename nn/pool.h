#pragma once

#include "muonlab/nn/module.h"

namespace muonlab::nn {

/// The largest of each window: (n, c, h, w) to (n, c, (h + 2 padding - size) / stride + 1, ...),
/// rounded down. Windows of size 2 halve a plane:
///
///     1 2 5 6    with MaxPool2d(2):        4 8
///     3 4 7 8    with AvgPool2d(2):        2.5 6.5
///                with GlobalAvgPool2d():   4.5
class MaxPool2d final : public Layer {
 public:
  explicit MaxPool2d(Pool2dOptions options) : options_(options) {}

  /// Windows side by side: the stride is the size.
  explicit MaxPool2d(Pair size) : MaxPool2d(Pool2dOptions{.size = size}) {}

  Variable operator()(const Variable& x) override { return max_pool2d(x, options_); }

 private:
  Pool2dOptions options_;
};

/// The mean of each window: shapes as for MaxPool2d; padding counts as zeros.
class AvgPool2d final : public Layer {
 public:
  explicit AvgPool2d(Pool2dOptions options) : options_(options) {}

  /// Windows side by side: the stride is the size.
  explicit AvgPool2d(Pair size) : AvgPool2d(Pool2dOptions{.size = size}) {}

  Variable operator()(const Variable& x) override { return avg_pool2d(x, options_); }

 private:
  Pool2dOptions options_;
};

/// The mean of each plane: (n, c, h, w) to (n, c).
class GlobalAvgPool2d final : public Layer {
 public:
  Variable operator()(const Variable& x) override { return global_avg_pool2d(x); }
};

}  // namespace muonlab::nn
