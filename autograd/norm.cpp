#include "muonlab/core/kernels/norm.h"

#include "muonlab/autograd/functions.h"
#include "muonlab/core/math.h"

namespace muonlab {

Variable layer_norm(const Variable& vx, const Variable& vgain, const Variable& vbias, float eps) {
  const Tensor& x = vx.value();
  const Tensor& gain = vgain.value();
  const Tensor& bias = vbias.value();
  const Shape row{x.shape().columns()};
  check(x.shape().rank() >= 1 && row.count() > 0,
        "layer_norm: rows of at least one are needed, got ", x.shape());
  check(gain.shape() == row && bias.shape() == row, "layer_norm: ", x.shape(),
        " needs gain and bias of shape ", row, ", got ", gain.shape(), " and ", bias.shape());
  check(eps >= 0, "layer_norm: eps cannot be negative, got ", eps);

  check_same_device("layer_norm", x, gain, bias);
  Tensor y(x.shape(), x.device());
  Tensor mean({2, x.shape().rows()}, x.device());
  Tensor rstd({x.shape().rows()}, x.device());
  run(x.device(),
      kernel::LayerNorm{
          .x = x, .gain = gain, .bias = bias, .y = y, .mean = mean, .rstd = rstd, .eps = eps});

  auto to_x = [x = Saved(x), gain = Saved(gain), mean, rstd](const Tensor& dy) {
    Tensor dx(dy.shape(), dy.device());
    run(dy.device(), kernel::LayerNormGrad{
                         .x = *x, .gain = *gain, .mean = mean, .rstd = rstd, .dy = dy, .dx = dx});
    return dx;
  };
  auto to_gain = [x = Saved(x), mean, rstd, row](const Tensor& dy) {
    Tensor dgain(row, dy.device());
    run(dy.device(),
        kernel::LayerNormGainGrad{.x = *x, .mean = mean, .rstd = rstd, .dy = dy, .dgain = dgain});
    return dgain;
  };
  auto to_bias = [row](const Tensor& dy) { return math::sum_to(dy, row); };
  return record("layer_norm", y, {{vx, to_x}, {vgain, to_gain}, {vbias, to_bias}});
}

}  // namespace muonlab
