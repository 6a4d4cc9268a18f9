#pragma once

#include "muonlab/core/kernels/conv2d.h"

namespace muonlab {

/// Runs a kernel of conv2d.h by oneDNN. Returns false, and does nothing, when oneDNN has no fast
/// code for these shapes (core/cpu/onednn/convolution.cpp) or is not part of the build
/// (core/cpu/convolution.cpp).
bool convolve(const kernel::Conv2d& call);
bool convolve(const kernel::Conv2dInputGrad& call);
bool convolve(const kernel::Conv2dWeightGrad& call);

}  // namespace muonlab
