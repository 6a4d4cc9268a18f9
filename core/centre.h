#pragma once

#include "muonlab/core/elementwise.h"

namespace muonlab {

/// A mean as two floats, whose sum has twice the digits of one. Rounded to one float, a mean of 1e4
/// would be off by up to 5e-4, which shows where the deviation is 0.1.
struct Centre {
  float mean;
  float rest;  // the exact mean minus `mean`

  MUONLAB_HOST_DEVICE static Centre of(double mean) {
    const auto rounded = static_cast<float>(mean);
    return {rounded, static_cast<float>(mean - rounded)};
  }

  /// x minus the mean; exact where x is near it.
  MUONLAB_HOST_DEVICE float distance(float x) const { return (x - mean) - rest; }
};

}  // namespace muonlab
