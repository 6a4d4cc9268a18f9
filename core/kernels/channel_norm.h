#pragma once

#include "muonlab/core/tensor.h"

/// Normalization of planes x(i, c, ...) by the statistics of sets of planes. A `variance` of shape
/// (channels) belongs to the planes of a channel in the whole batch (batch norm), of shape (n,
/// groups) to a group of neighbouring channels in one image (group norm). The mean has an axis of 2
/// before these, the two floats of a Centre (core/centre.h).
namespace muonlab::kernel {

/// The mean and the biased variance of each set of planes.
struct PlaneMoments {
  const Tensor& x;   // (n, channels, ...)
  Tensor& mean;      // (2, channels) or (2, n, groups)
  Tensor& variance;  // (channels) or (n, groups)

  void cpu() const;
  void cuda() const;
};

/// y = gain xhat + bias, xhat = (x - mean) / sqrt(variance + eps).
struct ChannelNorm {
  const Tensor& x;         // (n, channels, ...)
  const Tensor& gain;      // (channels)
  const Tensor& bias;      // (channels)
  const Tensor& mean;      // (2, channels) or (2, n, groups)
  const Tensor& variance;  // (channels) or (n, groups)
  Tensor& y;               // as x
  float eps;

  void cpu() const;
  void cuda() const;
};

/// The sums over each plane that all gradients need.
struct ChannelNormSums {
  const Tensor& x;         // (n, channels, ...)
  const Tensor& mean;      // (2, channels) or (2, n, groups)
  const Tensor& variance;  // (channels) or (n, groups)
  const Tensor& dy;        // as x
  Tensor& sum;             // (n, channels), of dy
  Tensor& sum_xhat;        // (n, channels), of dy xhat
  float eps;

  void cpu() const;
  void cuda() const;
};

/// dx = (g - mean of g - xhat mean of (g xhat)) / sqrt(variance + eps), g = dy gain, with means
/// over each set of planes.
struct ChannelNormGrad {
  const Tensor& x;         // (n, channels, ...)
  const Tensor& gain;      // (channels)
  const Tensor& mean;      // (2, channels) or (2, n, groups)
  const Tensor& variance;  // (channels) or (n, groups)
  const Tensor& dy;        // as x
  const Tensor& sum;       // (n, channels), from ChannelNormSums
  const Tensor& sum_xhat;  // (n, channels), from ChannelNormSums
  Tensor& dx;              // as x
  float eps;

  void cpu() const;
  void cuda() const;
};

}  // namespace muonlab::kernel
