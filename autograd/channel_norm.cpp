#include "muonlab/core/kernels/channel_norm.h"

#include <vector>

#include "muonlab/autograd/functions.h"
#include "muonlab/core/math.h"

namespace muonlab {
namespace {

void check_channels(const char* op, const Shape& x, const Shape& gain, const Shape& bias) {
  check(x.rank() >= 2, op, ": (n, channels, ...) is needed, got ", x);
  const Shape channels{x[1]};
  check(gain == channels && bias == channels, op, ": ", x, " needs gain and bias of shape ",
        channels, ", got ", gain, " and ", bias);
}

/// The mean, (2, channels) or (2, n, groups), and the variance, (channels) or (n, groups).
struct Moments {
  Tensor mean;
  Tensor variance;
};

Moments moments(const Tensor& x, Shape mean, Shape variance) {
  Moments result{Tensor(mean, x.device()), Tensor(variance, x.device())};
  run(x.device(), kernel::PlaneMoments{.x = x, .mean = result.mean, .variance = result.variance});
  return result;
}

/// gain (x - mean) / sqrt(variance + eps) + bias.
Tensor normalized(const Tensor& x, const Tensor& gain, const Tensor& bias, const Tensor& mean,
                  const Tensor& variance, float eps) {
  Tensor y(x.shape(), x.device());
  run(x.device(), kernel::ChannelNorm{.x = x,
                                      .gain = gain,
                                      .bias = bias,
                                      .mean = mean,
                                      .variance = variance,
                                      .y = y,
                                      .eps = eps});
  return y;
}

/// Sums over each plane, (n, channels).
struct Sums {
  Tensor dy;
  Tensor dy_xhat;
};

Sums sums_of(const Tensor& x, const Moments& of, const Tensor& dy, float eps) {
  const Shape planes{dy.shape()[0], dy.shape()[1]};
  Sums sums{Tensor(planes, dy.device()), Tensor(planes, dy.device())};
  run(dy.device(), kernel::ChannelNormSums{.x = x,
                                           .mean = of.mean,
                                           .variance = of.variance,
                                           .dy = dy,
                                           .sum = sums.dy,
                                           .sum_xhat = sums.dy_xhat,
                                           .eps = eps});
  return sums;
}

/// The gradient of x when the moments are constants: gain dy / sqrt(variance + eps).
Tensor through_constants(const Tensor& gain, const Moments& given, const Tensor& dy, float eps) {
  return normalized(dy, gain, math::zeros(gain.shape(), dy.device()),
                    math::zeros(given.mean.shape(), dy.device()), given.variance, eps);
}

/// The gradient of x when the moments depend on x.
Tensor through_moments(const Tensor& x, const Tensor& gain, const Moments& own, const Tensor& dy,
                       const Sums& sums, float eps) {
  Tensor dx(dy.shape(), dy.device());
  run(dy.device(), kernel::ChannelNormGrad{.x = x,
                                           .gain = gain,
                                           .mean = own.mean,
                                           .variance = own.variance,
                                           .dy = dy,
                                           .sum = sums.dy,
                                           .sum_xhat = sums.dy_xhat,
                                           .dx = dx,
                                           .eps = eps});
  return dx;
}

enum class Statistics { own, constant };  // computed from x, or not

Variable normalize(const char* op, const Variable& vx, const Variable& vgain, const Variable& vbias,
                   const Moments& of, Statistics statistics, float eps) {
  check(eps >= 0, op, ": eps cannot be negative, got ", eps);
  const Tensor& x = vx.value();
  const Tensor& gain = vgain.value();
  check_same_device(op, x, gain, vbias.value(), of.mean, of.variance);
  const Tensor y = normalized(x, gain, vbias.value(), of.mean, of.variance, eps);
  const auto pullback = [x = Saved(x), gain = Saved(gain), mean = Saved(of.mean),
                         variance = Saved(of.variance), needs_dx = vx.requires_grad(),
                         needs_line = vgain.requires_grad() || vbias.requires_grad(), statistics,
                         eps](const Tensor& dy) -> std::vector<Tensor> {
    const Moments moments{*mean, *variance};
    const bool is_own = statistics == Statistics::own;
    Sums sums;
    if (needs_line || is_own) sums = sums_of(*x, moments, dy, eps);
    std::vector<Tensor> gradients(3);
    if (needs_dx) {
      gradients[0] = is_own ? through_moments(*x, *gain, moments, dy, sums, eps)
                            : through_constants(*gain, moments, dy, eps);
    }
    if (needs_line) {
      gradients[1] = math::sum(sums.dy_xhat, 0);
      gradients[2] = math::sum(sums.dy, 0);
    }
    return gradients;
  };
  return record(op, y, {vx, vgain, vbias}, pullback);
}

}  // namespace

BatchNormResult batch_norm(const Variable& x, const Variable& gain, const Variable& bias,
                           float eps) {
  check_channels("batch_norm", x.shape(), gain.shape(), bias.shape());
  const Index channels = x.shape()[1];
  check(x.shape().count() > channels, "batch_norm: more than one value per channel is needed, got ",
        x.shape());
  const Moments batch = moments(x.value(), {2, channels}, {channels});
  return {normalize("batch_norm", x, gain, bias, batch, Statistics::own, eps),
          batch.mean.slice(0, 1).reshape({channels}), batch.variance};
}

Variable batch_norm(const Variable& x, const Variable& gain, const Variable& bias,
                    const Tensor& mean, const Tensor& variance, float eps) {
  check_channels("batch_norm", x.shape(), gain.shape(), bias.shape());
  check(mean.shape() == gain.shape() && variance.shape() == gain.shape(), "batch_norm: ", x.shape(),
        " needs mean and variance of shape ", gain.shape(), ", got ", mean.shape(), " and ",
        variance.shape());
  check_same_device("batch_norm", x.value(), mean, variance);
  const Tensor row = mean.reshape({1, mean.count()});
  const Tensor rest = math::zeros(row.shape(), row.device());
  const Moments given{math::concatenate({row, rest}, 0),
                      variance.clone()};  // copies: training writes into both
  return normalize("batch_norm", x, gain, bias, given, Statistics::constant, eps);
}

Variable group_norm(const Variable& x, Index groups, const Variable& gain, const Variable& bias,
                    float eps) {
  check_channels("group_norm", x.shape(), gain.shape(), bias.shape());
  const Index n = x.shape()[0], channels = x.shape()[1];
  check(groups >= 1 && channels % groups == 0,
        "group_norm: channels must be a multiple of groups, got ", channels, " and ", groups);
  check(x.shape().with(0, 1).count() > 0,
        "group_norm: groups of at least one value are needed, got ", x.shape());
  return normalize("group_norm", x, gain, bias, moments(x.value(), {2, n, groups}, {n, groups}),
                   Statistics::own, eps);
}

}  // namespace muonlab
