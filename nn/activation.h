#pragma once

#include "muonlab/nn/module.h"

namespace muonlab::nn {

/// An elementwise function as a layer, for Sequential.
template <Variable (*function)(const Variable&)>
class Activation final : public Layer {
 public:
  Variable operator()(const Variable& x) override { return function(x); }
};

using Relu = Activation<relu>;
using Gelu = Activation<gelu>;
using GeluTanh = Activation<gelu_tanh>;
using Tanh = Activation<tanh>;
using Sigmoid = Activation<sigmoid>;
using Silu = Activation<silu>;

}  // namespace muonlab::nn
