// Normalization of values whose mean is far larger than their deviation, against double.
#include <cmath>

#include <doctest/doctest.h>

#include "muonlab/nn/layers.h"
#include "tests/random.h"

namespace muonlab::test {
namespace {

/// A channel or row of mean 1e4 and deviation 0.1, on which one float for the mean is off by up to
/// 5e-3 deviations.
Tensor far_from_zero(Shape shape) {
  Rng rng(1);
  Tensor x(shape);
  for (float& value : x.values()) value = 1e4F + 0.1F * rng.normal();
  return x;
}

/// The largest error of y as (x - mean) / sqrt(variance + eps), rows of `columns` each by itself.
double worst_error(const Tensor& x, const Tensor& y, Index columns) {
  double worst = 0;
  for (Index row = 0; row < x.count(); row += columns) {
    double mean = 0, variance = 0;
    for (Index i = row; i < row + columns; ++i) mean += x.data()[i];
    mean /= static_cast<double>(columns);
    for (Index i = row; i < row + columns; ++i) variance += std::pow(x.data()[i] - mean, 2);
    variance /= static_cast<double>(columns);
    for (Index i = row; i < row + columns; ++i) {
      const double expected = (x.data()[i] - mean) / std::sqrt(variance + 1e-5);
      worst = std::max(worst, std::abs(y.data()[i] - expected));
    }
  }
  return worst;
}

constexpr double tolerance = 2e-6;  // some roundings of numbers up to 4

TEST_CASE("batch_norm in evaluation keeps its digits where the mean is large") {
  nn::BatchNorm2d norm(1, {.momentum = 1});
  const Tensor x = far_from_zero({64, 1, 8, 8});
  norm(Variable(x));
  norm.eval();
  const Tensor y = norm(Variable(x)).value();
  const double mean = norm.buffers()[0].tensor.item();
  const double variance = norm.buffers()[1].tensor.item();
  double worst = 0;
  for (Index i = 0; i < y.count(); ++i) {
    const double expected = (x.data()[i] - mean) / std::sqrt(variance + 1e-5);
    worst = std::max(worst, std::abs(y.data()[i] - expected));
  }
  CHECK(worst < tolerance);
}

TEST_CASE("so do batch_norm in training, group_norm and layer_norm") {
  const Tensor x = far_from_zero({4, 1, 16, 16});
  CHECK(worst_error(x, nn::BatchNorm2d(1)(Variable(x)).value(), x.count()) < tolerance);
  CHECK(worst_error(x, nn::GroupNorm(1, 1)(Variable(x)).value(), 256) < tolerance);
  const Tensor rows = x.reshape({8, 128});
  CHECK(worst_error(rows, nn::LayerNorm(128)(Variable(rows)).value(), 128) < tolerance);
}

/// How far the gradient of x, for the loss sum(y w), is from that of x moved to mean 0.
template <class Layer>
double gradient_error(Layer&& layer, const Tensor& x) {
  Rng rng(2);
  const Variable w(random_normal(x.shape(), rng));
  const auto gradients = [&](const Tensor& at) {
    const Variable input(at, true);
    sum(layer(input) * w).backward();
    std::vector<float> all = values(*input.grad());
    for (nn::Parameter& p : layer.parameters()) {
      const std::vector<float> more = values(*p.variable.grad());
      all.insert(all.end(), more.begin(), more.end());
      p.variable.zero_grad();
    }
    return Tensor({static_cast<Index>(all.size())}, all);
  };
  Tensor moved = x.clone();
  for (float& value : moved.values()) value -= 1e4F;  // exact
  return relative_error(gradients(x), gradients(moved));
}

TEST_CASE("gradients keep their digits, too") {
  const Tensor x = far_from_zero({4, 2, 8, 8});
  CHECK(gradient_error(nn::BatchNorm2d(2), x) < 1e-5);
  CHECK(gradient_error(nn::GroupNorm(1, 2), x) < 1e-5);
  CHECK(gradient_error(nn::LayerNorm(8), x) < 1e-5);
}

TEST_CASE("the gradient of batch_norm by given statistics is that of a line") {
  const Variable x(Tensor({1, 2, 1, 2}, {1, 2, 3, 4}), true);
  const Variable gain(Tensor({2}, {2, 3}), true), bias(Tensor({2}, {0, 1}), true);
  const Tensor mean({2}, {1, 5}), variance({2}, {4, 9});
  const Variable y = batch_norm(x, gain, bias, mean, variance, 0);
  CHECK(values(y.value()) == std::vector<float>{0, 1, -1, 0});
  sum(y * Variable(Tensor({1, 2, 1, 2}, {1, 2, 3, 4}))).backward();
  CHECK(values(*x.grad()) == std::vector<float>{1, 2, 3, 4});
  CHECK(gain.grad()->data()[0] == 1);                           // 2 (2 - 1) / 2
  CHECK(gain.grad()->data()[1] == doctest::Approx(-10 / 3.0));  // (3 (3 - 5) + 4 (4 - 5)) / 3
  CHECK(values(*bias.grad()) == std::vector<float>{3, 7});
}

}  // namespace
}  // namespace muonlab::test
