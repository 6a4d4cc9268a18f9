#pragma once

#include <string>
#include <utility>
#include <vector>

#include "muonlab/nn/module.h"

namespace muonlab::nn {

/// Layers one after the other, named "0", "1", ... in order:
///
///     nn::Sequential model;
///     model.then<nn::Linear>(784, 256, rng);
///     model.then<nn::Relu>();
///     model.then<nn::Linear>(256, 10, rng).mark(nn::Role::head);
///     const Variable logits = model(images);  // (64, 784) to (64, 10)
///
/// Its parameters are 0.weight (256, 784), 0.bias (256), 2.weight (10, 256) and 2.bias (10):
/// 203,530 numbers. Relu is layer 1 and has none.
class Sequential final : public Layer {
 public:
  /// Builds a layer from `arguments` and puts it last.
  template <class L, class... Arguments>
  L& then(Arguments&&... arguments) {
    L& layer = add<L>(std::to_string(layers_.size()), std::forward<Arguments>(arguments)...);
    layers_.push_back(&layer);
    return layer;
  }

  Variable operator()(const Variable& x) override {
    Variable y = x;
    for (Layer* layer : layers_) y = (*layer)(y);
    return y;
  }

 private:
  std::vector<Layer*> layers_;  // owned by Module
};

}  // namespace muonlab::nn
