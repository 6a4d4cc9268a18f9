#include "muonlab/core/kernels/map.h"

#include "muonlab/autograd/functions.h"
#include "muonlab/core/math.h"

namespace muonlab {
namespace {

/// Whether the slope follows from y alone, so that x is not kept: see core/elementwise.h.
bool slope_needs_only_y(Elementwise function) {
  using enum Elementwise;
  return function == tanh || function == sigmoid || function == exp || function == sqrt;
}

Variable map(const char* name, Elementwise function, const Variable& v) {
  const Tensor y = math::map(function, v.value());
  const Tensor& x = slope_needs_only_y(function) ? y : v.value();

  auto pullback = [function, x = Saved(x), y = Saved(y)](const Tensor& dy) {
    Tensor dx(dy.shape(), dy.device());
    run(dy.device(), kernel::MapGrad{.function = function, .x = *x, .y = *y, .dy = dy, .dx = dx});
    return dx;
  };
  return record(name, y, {{v, pullback}});
}

}  // namespace

Variable relu(const Variable& x) { return map("relu", Elementwise::relu, x); }
Variable tanh(const Variable& x) { return map("tanh", Elementwise::tanh, x); }
Variable sigmoid(const Variable& x) { return map("sigmoid", Elementwise::sigmoid, x); }
Variable silu(const Variable& x) { return map("silu", Elementwise::silu, x); }
Variable gelu(const Variable& x) { return map("gelu", Elementwise::gelu, x); }
Variable gelu_tanh(const Variable& x) { return map("gelu_tanh", Elementwise::gelu_tanh, x); }
Variable exp(const Variable& x) { return map("exp", Elementwise::exp, x); }
Variable log(const Variable& x) { return map("log", Elementwise::log, x); }
Variable abs(const Variable& x) { return map("abs", Elementwise::abs, x); }
Variable square(const Variable& x) { return map("square", Elementwise::square, x); }
Variable sqrt(const Variable& x) { return map("sqrt", Elementwise::sqrt, x); }

}  // namespace muonlab
