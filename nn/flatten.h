#pragma once

#include "muonlab/nn/module.h"

namespace muonlab::nn {

/// All axes but the first as one: (batch, ...) to (batch, features). For example,
/// (8, 16, 4, 4) becomes (8, 256).
class Flatten final : public Layer {
 public:
  Variable operator()(const Variable& x) override {
    const Shape& shape = x.shape();
    check(shape.rank() >= 1, "flatten: a batch is needed, got ", shape);
    Index features = 1;
    for (int axis = 1; axis < shape.rank(); ++axis) features *= shape[axis];
    return reshape(x, {shape[0], features});
  }
};

}  // namespace muonlab::nn
