#pragma once

#include <cuda_runtime.h>

#include "muonlab/core/shape.h"

namespace muonlab::cuda {

/// Finds the element of an operand that belongs to element i of an array y: `step` says how far one
/// step along each axis of y moves in the operand.
struct Walk {
  Index size[Shape::max_rank] = {};  // of y's axes
  Index step[Shape::max_rank] = {};  // in the operand; 0 where it repeats
  int rank = 0;

  __device__ Index offset(Index i) const {
    Index result = 0;
    for (int axis = Shape::max_rank - 1; axis >= 0; --axis) {  // unrolled, so all is in registers
      if (axis >= rank) continue;
      result += i % size[axis] * step[axis];
      i /= size[axis];
    }
    return result;
  }
};

}  // namespace muonlab::cuda
