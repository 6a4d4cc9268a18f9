#pragma once

#include "muonlab/core/tensor.h"

namespace muonlab {

/// Throws unless every element is within [0, bound). On a GPU nothing is checked, because reading
/// the elements would wait for all earlier work.
inline void check_range(const char* what, const Integers& labels, Index bound) {
  if (labels.device() != Device::cpu) return;
  for (Index i = 0; i < labels.count(); ++i) {
    const Index label = labels.data()[i];
    check(0 <= label && label < bound, what, ' ', label, " at position ", i, " is not within [0, ",
          bound, ")");
  }
}

}  // namespace muonlab
