#include "muonlab/core/kernels/softmax.h"

#include "muonlab/autograd/functions.h"
#include "muonlab/core/math.h"

namespace muonlab {

Variable softmax(const Variable& v) {
  const Tensor y = math::softmax(v.value());
  auto pullback = [y = Saved(y)](const Tensor& dy) {
    Tensor dx(dy.shape(), dy.device());
    run(dy.device(), kernel::SoftmaxGrad{.y = *y, .dy = dy, .dx = dx});
    return dx;
  };
  return record("softmax", y, {{v, pullback}});
}

Variable log_softmax(const Variable& v) {
  const Tensor& x = v.value();
  check(x.shape().columns() > 0, "log_softmax: rows of at least one are needed, got ", x.shape());
  Tensor y(x.shape(), x.device());
  run(x.device(), kernel::LogSoftmax{.x = x, .y = y});
  auto pullback = [y = Saved(y)](const Tensor& dy) {
    Tensor dx(dy.shape(), dy.device());
    run(dy.device(), kernel::LogSoftmaxGrad{.y = *y, .dy = dy, .dx = dx});
    return dx;
  };
  return record("log_softmax", y, {{v, pullback}});
}

}  // namespace muonlab
