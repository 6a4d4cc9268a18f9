#pragma once

#include "nn/module.h"

namespace muonlab::nn {

/// All axes but the first as one: (batch, ...) to (batch, features).
class Flatten final : public Layer {
 public:
  Variable operator()(const Variable& x) override {
    const Index batch = x.shape().rank() == 0 ? 1 : x.shape()[0];
    return reshape(x, {batch, batch == 0 ? 0 : x.value().count() / batch});
  }
};

}  // namespace muonlab::nn
