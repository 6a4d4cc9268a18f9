#pragma once

#include "core/kernels/conv2d.h"

namespace muonlab {

/// Runs a kernel of conv2d.h by a library that is made for it; false when there is none for these
/// shapes, and nothing was done. core/cpu/convolution.cpp has no library,
/// core/cpu/onednn/convolution.cpp oneDNN.
bool convolve(const kernel::Conv2d& call);
bool convolve(const kernel::Conv2dInputGrad& call);
bool convolve(const kernel::Conv2dWeightGrad& call);

}  // namespace muonlab
