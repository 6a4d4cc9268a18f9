#include "muonlab/core/kernels/pool.h"

#include "muonlab/autograd/functions.h"

namespace muonlab {
namespace {

/// The shape of the pooled x. Throws unless the windows fit into x.
Shape pooled(const char* op, const Shape& x, const Pool2dOptions& options) {
  const auto& [size, stride, padding] = options;
  check(x.rank() == 4, op, ": images (n, c, h, w) are needed, got ", x);
  Shape y = x;
  for (int axis = 0; axis < 2; ++axis) {
    constexpr Index most = Index{1} << 30;  // so that no sum or product overflows
    check(1 <= size[axis] && size[axis] <= most && 1 <= stride[axis] && stride[axis] <= most &&
              x[2 + axis] <= most,
          op, ": size and stride must be at least 1, and all sides at most 2^30, got ", size[axis],
          " and ", stride[axis], " for ", x);
    check(0 <= padding[axis] && padding[axis] <= size[axis] / 2, op,
          ": padding must be within [0, size / 2], got ", padding[axis], " for size ", size[axis]);
    const Index room = x[2 + axis] - (size[axis] - 2 * padding[axis]);
    check(x[2 + axis] >= 1 && room >= 0, op, ": windows ", size, " with padding ", padding,
          " do not fit into ", x);
    y = y.with(2 + axis, room / stride[axis] + 1);
  }
  return y;
}

}  // namespace

Variable max_pool2d(const Variable& v, Pool2dOptions options) {
  const Tensor& x = v.value();
  const Shape shape = pooled("max_pool2d", x.shape(), options);
  check(options.size[0] * options.size[1] <= 256,
        "max_pool2d: a window has at most 256 elements, got ", options.size);
  Tensor y(shape, x.device());
  Bytes position(shape, x.device());
  run(x.device(), kernel::MaxPool{.x = x, .y = y, .position = position, .options = options});

  auto pullback = [position, options, shape = x.shape()](const Tensor& dy) {
    Tensor dx(shape, dy.device());
    run(dy.device(),
        kernel::MaxPoolGrad{.dy = dy, .position = position, .dx = dx, .options = options});
    return dx;
  };
  return record("max_pool2d", y, {{v, pullback}});
}

Variable avg_pool2d(const Variable& v, Pool2dOptions options) {
  const Tensor& x = v.value();
  Tensor y(pooled("avg_pool2d", x.shape(), options), x.device());
  run(x.device(), kernel::AvgPool{.x = x, .y = y, .options = options});

  auto pullback = [options, shape = x.shape()](const Tensor& dy) {
    Tensor dx(shape, dy.device());
    run(dy.device(), kernel::AvgPoolGrad{.dy = dy, .dx = dx, .options = options});
    return dx;
  };
  return record("avg_pool2d", y, {{v, pullback}});
}

Variable global_avg_pool2d(const Variable& x) {
  const Shape& shape = x.shape();
  check(shape.rank() == 4, "global_avg_pool2d: images (n, c, h, w) are needed, got ", shape);
  return mean(reshape(x, {shape[0], shape[1], shape[2] * shape[3]}), -1);
}

}  // namespace muonlab
