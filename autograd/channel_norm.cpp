#include "core/kernels/channel_norm.h"

#include <memory>
#include <optional>

#include "autograd/functions.h"
#include "core/math.h"

namespace muonlab {
namespace {

void check_channels(const char* op, const Shape& x, const Shape& gain, const Shape& bias) {
  check(x.rank() >= 2, op, ": (n, channels, ...) is needed, got ", x);
  const Shape channels{x[1]};
  check(gain == channels && bias == channels, op, ": ", x, " needs gain and bias of shape ",
        channels, ", got ", gain, " and ", bias);
}

struct Moments {
  Tensor mean;
  Tensor variance;
};

Moments moments(const Tensor& x, Shape sets) {
  Moments result{Tensor(sets, x.device()), Tensor(sets, x.device())};
  run(x.device(), kernel::PlaneMoments{.x = x, .mean = result.mean, .variance = result.variance});
  return result;
}

struct Sums {
  Tensor dy;
  Tensor dy_xhat;
};

/// gain (x - mean) / sqrt(variance + eps) + bias, where mean and variance are those of x.
Variable normalize(const char* op, const Variable& vx, const Variable& vgain, const Variable& vbias,
                   const Moments& given, float eps) {
  const Tensor& x = vx.value();
  const Tensor& gain = vgain.value();
  const Tensor& mean = given.mean;
  const Tensor& variance = given.variance;
  check_same_device(op, x, gain, vbias.value(), mean, variance);
  Tensor y(x.shape(), x.device());
  run(x.device(), kernel::ChannelNorm{.x = x,
                                      .gain = gain,
                                      .bias = vbias.value(),
                                      .mean = mean,
                                      .variance = variance,
                                      .y = y,
                                      .eps = eps});

  // A recording is used once, so all pullbacks see one dy, and the first to run sums for all.
  auto sums = [x, mean, variance, eps,
               known = std::make_shared<std::optional<Sums>>()](const Tensor& dy) {
    if (*known) return **known;
    const Shape planes{x.shape()[0], x.shape()[1]};
    Sums result{Tensor(planes, x.device()), Tensor(planes, x.device())};
    run(x.device(), kernel::ChannelNormSums{.x = x,
                                            .mean = mean,
                                            .variance = variance,
                                            .dy = dy,
                                            .sum = result.dy,
                                            .sum_xhat = result.dy_xhat,
                                            .eps = eps});
    *known = result;
    return result;
  };
  auto to_x = [x, gain, mean, variance, eps, sums](const Tensor& dy) {
    const Sums known = sums(dy);
    Tensor dx(x.shape(), x.device());
    run(x.device(), kernel::ChannelNormGrad{.x = x,
                                            .gain = gain,
                                            .mean = mean,
                                            .variance = variance,
                                            .dy = dy,
                                            .sum = known.dy,
                                            .sum_xhat = known.dy_xhat,
                                            .dx = dx,
                                            .eps = eps});
    return dx;
  };
  auto to_gain = [sums](const Tensor& dy) { return math::sum(sums(dy).dy_xhat, 0); };
  auto to_bias = [sums](const Tensor& dy) { return math::sum(sums(dy).dy, 0); };
  return record(op, y, {{vx, to_x}, {vgain, to_gain}, {vbias, to_bias}});
}

}  // namespace

BatchNormResult batch_norm(const Variable& x, const Variable& gain, const Variable& bias,
                           float eps) {
  check_channels("batch_norm", x.shape(), gain.shape(), bias.shape());
  const Index channels = x.shape()[1];
  check(x.shape().count() > channels, "batch_norm: more than one value per channel is needed, got ",
        x.shape());
  const Moments batch = moments(x.value(), {channels});
  return {normalize("batch_norm", x, gain, bias, batch, eps), batch.mean, batch.variance};
}

Variable batch_norm(const Variable& x, const Variable& gain, const Variable& bias,
                    const Tensor& mean, const Tensor& variance, float eps) {
  check_channels("batch_norm", x.shape(), gain.shape(), bias.shape());
  check(mean.shape() == gain.shape() && variance.shape() == gain.shape(), "batch_norm: ", x.shape(),
        " needs mean and variance of shape ", gain.shape(), ", got ", mean.shape(), " and ",
        variance.shape());
  const Tensor sum = math::add(variance, math::full({}, eps, variance.device()));
  const Variable scale = gain / Variable(math::map(Elementwise::sqrt, sum));
  const Variable shift = bias - scale * Variable(mean.clone());  // training changes it

  const Index n = x.shape()[0], channels = x.shape()[1];
  const Index size = n * channels == 0 ? 0 : x.shape().count() / (n * channels);
  const Variable planes = reshape(x, {n, channels, size});
  const Variable y = planes * reshape(scale, {channels, 1}) + reshape(shift, {channels, 1});
  return reshape(y, x.shape());
}

Variable group_norm(const Variable& x, Index groups, const Variable& gain, const Variable& bias,
                    float eps) {
  check_channels("group_norm", x.shape(), gain.shape(), bias.shape());
  const Index n = x.shape()[0], channels = x.shape()[1];
  check(groups >= 1 && channels % groups == 0,
        "group_norm: channels must be a multiple of groups, got ", channels, " and ", groups);
  check(x.shape().with(0, 1).count() > 0,
        "group_norm: groups of at least one value are needed, got ", x.shape());
  return normalize("group_norm", x, gain, bias, moments(x.value(), {n, groups}), eps);
}

}  // namespace muonlab
