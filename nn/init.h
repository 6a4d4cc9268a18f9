#pragma once

#include "muonlab/core/rng.h"
#include "muonlab/core/tensor.h"

/// Initial values for parameters, on the CPU, under their usual names. fan_in is the product of all
/// sizes but the first, fan_out the first times the sizes after the second: a weight is
/// (out, in) or (out, in, kh, kw).
namespace muonlab::nn::init {

Tensor zeros(Shape shape);
Tensor ones(Shape shape);
Tensor uniform(Shape shape, float low, float high, Rng& rng);  ///< from low to high
Tensor normal(Shape shape, float deviation, Rng& rng);         ///< mean 0

/// Uniform in +-1 / sqrt(fan_in): the default of linear layers in PyTorch. For (256, 784) that is
/// +-0.0357. A bias passes the fan_in of its weight.
Tensor uniform_fan_in(Shape shape, Rng& rng);
Tensor uniform_fan_in(Shape shape, Index fan_in, Rng& rng);

/// Variance 2 / fan_in: keeps the variance through relu. He et al. 2015, arXiv:1502.01852. For
/// (256, 784) the deviation is 0.0505.
Tensor kaiming_uniform(Shape shape, Rng& rng);
Tensor kaiming_normal(Shape shape, Rng& rng);

/// Variance 2 / (fan_in + fan_out): for (256, 784) the deviation is 0.0439. Glorot, Bengio 2010.
Tensor xavier_uniform(Shape shape, Rng& rng);
Tensor xavier_normal(Shape shape, Rng& rng);

/// As the matrix (out, fan_in): orthonormal rows or, when out > fan_in, orthonormal columns,
/// uniform among all such matrices. Saxe, McClelland, Ganguli 2013, arXiv:1312.6120.
Tensor orthogonal(Shape shape, Rng& rng);

}  // namespace muonlab::nn::init
