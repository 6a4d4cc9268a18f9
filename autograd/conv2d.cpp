#include "muonlab/core/kernels/conv2d.h"

#include <utility>
#include <vector>

#include "muonlab/autograd/functions.h"
#include "muonlab/core/math.h"

namespace muonlab {
namespace {

/// The largest size, stride, padding or dilation, so that their products cannot overflow.
constexpr Index most = Index{1} << 30;

/// Throws unless shapes and options fit together.
void check_fits(const Shape& x, const Shape& w, const Conv2dOptions& o) {
  check(x.rank() == 4, "conv2d: images are (n, channels, height, width), got ", x);
  check(w.rank() == 4 && w.count() > 0, "conv2d: filters are (out, in / groups, kh, kw), got ", w);
  check(o.groups >= 1 && w[0] % o.groups == 0 && x[1] % o.groups == 0 && x[1] / o.groups == w[1],
        "conv2d: filters ", w, " in ", o.groups, " groups do not fit images ", x);
  for (int axis = 0; axis < 2; ++axis) {
    const Index stride = o.stride[axis], dilation = o.dilation[axis], padding = o.padding[axis];
    check(1 <= stride && stride <= most && 1 <= dilation && dilation <= most && 0 <= padding &&
              padding <= most,
          "conv2d: stride and dilation are at least 1 and padding at least 0, all at most 2^30, "
          "got ",
          stride, ", ", dilation, " and ", padding);
    check(x[axis + 2] <= most && w[axis + 2] <= most, "conv2d: sides are at most 2^30, got ", x,
          " and ", w);
  }
}

/// How far a filter reaches along an axis of the image, in pixels.
Index reach(const Shape& w, const Conv2dOptions& o, int axis) {
  return o.dilation[axis] * (w[axis + 2] - 1) + 1;
}

/// The shape of conv2d's result. Throws unless the filters fit into the padded images.
Shape result_shape(const Shape& x, const Shape& w, const Conv2dOptions& o) {
  const Shape padded{w[1], x[2] + 2 * o.padding[0], x[3] + 2 * o.padding[1]};
  Shape y{x[0], w[0], 0, 0};
  for (int axis = 0; axis < 2; ++axis) {
    const Index room = padded[axis + 1] - reach(w, o, axis);
    check(room >= 0, "conv2d: filters ", w, " that reach over ", reach(w, o, axis),
          " pixels are larger than the padded images ", x);
    y = y.with(axis + 2, room / o.stride[axis] + 1);
  }
  return y;
}

Variable conv2d(const Variable& vx, const Variable& vw, const Variable* vbias,
                const Conv2dOptions& options) {
  const Tensor& x = vx.value();
  const Tensor& w = vw.value();
  const Tensor* bias = vbias == nullptr ? nullptr : &vbias->value();
  check_fits(x.shape(), w.shape(), options);
  check(bias == nullptr || bias->shape() == Shape{w.shape()[0]}, "conv2d: filters ", w.shape(),
        " need a bias of shape ", Shape{w.shape()[0]}, ", got ",
        bias == nullptr ? Shape{} : bias->shape());
  check_same_device("conv2d", x, w, bias == nullptr ? w : *bias);
  Tensor y(result_shape(x.shape(), w.shape(), options), x.device());
  run(x.device(), kernel::Conv2d{.x = x, .w = w, .bias = bias, .y = y, .options = options});

  auto to_x = [w = Saved(w), shape = x.shape(), options](const Tensor& dy) {
    Tensor dx(shape, dy.device());
    run(dy.device(), kernel::Conv2dInputGrad{.w = *w, .dy = dy, .dx = dx, .options = options});
    return dx;
  };
  auto to_w = [x = Saved(x), shape = w.shape(), options, watcher = vw.watcher()](const Tensor& dy) {
    if (watcher) watcher(*x, dy);
    Tensor dw(shape, dy.device());
    run(dy.device(), kernel::Conv2dWeightGrad{.x = *x, .dy = dy, .dw = dw, .options = options});
    return dw;
  };
  std::vector<Edge> edges = {{vx, to_x}, {vw, to_w}};
  if (vbias != nullptr) {
    auto to_bias = [](const Tensor& dy) {  // sum over n, i, j
      const Shape& s = dy.shape();
      return math::sum(math::sum(dy.reshape({s[0], s[1], s[2] * s[3]}), -1), 0);
    };
    edges.push_back({*vbias, to_bias});
  }
  return record("conv2d", y, std::move(edges));
}

}  // namespace

Variable conv2d(const Variable& x, const Variable& weight, const Variable& bias,
                Conv2dOptions options) {
  return conv2d(x, weight, &bias, options);
}

Variable conv2d(const Variable& x, const Variable& weight, Conv2dOptions options) {
  return conv2d(x, weight, nullptr, options);
}

}  // namespace muonlab
