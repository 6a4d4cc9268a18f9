#include "core/kernels/conv2d.h"

#include "autograd/functions.h"
#include "core/math.h"

namespace muonlab {
namespace {

/// The shape of conv2d's result. Throws unless everything fits.
Shape result_shape(const Shape& x, const Shape& w, const Conv2dOptions& o) {
  check(x.rank() == 4, "conv2d: images are (n, channels, height, width), got ", x);
  check(w.rank() == 4 && w.count() > 0, "conv2d: filters are (out, in / groups, kh, kw), got ", w);
  check(o.groups >= 1 && w[0] % o.groups == 0 && x[1] == w[1] * o.groups, "conv2d: filters ", w,
        " in ", o.groups, " groups do not fit images ", x);
  std::array<Index, 2> size{};
  for (int axis = 0; axis < 2; ++axis) {
    check(o.stride[axis] >= 1 && o.padding[axis] >= 0 && o.dilation[axis] >= 1,
          "conv2d: stride and dilation are at least 1 and padding at least 0, got ", o.stride[axis],
          ", ", o.dilation[axis], " and ", o.padding[axis]);
    const Index reach = o.dilation[axis] * (w[axis + 2] - 1) + 1;
    const Index room = x[axis + 2] + 2 * o.padding[axis] - reach;
    check(room >= 0, "conv2d: filters ", w, " that reach over ", reach,
          " pixels are larger than the padded images ", x);
    size[axis] = room / o.stride[axis] + 1;
  }
  return {x[0], w[0], size[0], size[1]};
}

Variable conv2d(const Variable& vx, const Variable& vw, const Variable* vbias,
                const Conv2dOptions& options) {
  const Tensor& x = vx.value();
  const Tensor& w = vw.value();
  const Tensor* bias = vbias == nullptr ? nullptr : &vbias->value();
  Tensor y(result_shape(x.shape(), w.shape(), options), x.device());
  check(bias == nullptr || bias->shape() == Shape{w.shape()[0]}, "conv2d: filters ", w.shape(),
        " need a bias of shape ", Shape{w.shape()[0]}, ", got ",
        bias == nullptr ? Shape{} : bias->shape());
  run(x.device(), kernel::Conv2d{.x = x, .w = w, .bias = bias, .y = y, .options = options});

  auto to_x = [w, shape = x.shape(), options](const Tensor& dy) {
    Tensor dx(shape, dy.device());
    run(dy.device(), kernel::Conv2dInputGrad{.w = w, .dy = dy, .dx = dx, .options = options});
    return dx;
  };
  auto to_w = [x, shape = w.shape(), options](const Tensor& dy) {
    Tensor dw(shape, dy.device());
    run(dy.device(), kernel::Conv2dWeightGrad{.x = x, .dy = dy, .dw = dw, .options = options});
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
