#include "muonlab/nn/conv2d.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <doctest/doctest.h>

#include "muonlab/core/math.h"
#include "muonlab/core/threads.h"
#include "tests/random.h"

namespace muonlab::test {
namespace {

/// y, dx and dw of one convolution without bias.
struct Result {
  Tensor y, dx, dw;
};

Result convolve(const Tensor& x, const Tensor& w, const Tensor& dy, const Conv2dOptions& options) {
  const Variable vx(x, true);
  const Variable vw(w, true);
  const Variable y = conv2d(vx, vw, options);
  sum(y * Variable(dy)).backward();
  return {y.value(), *vx.grad(), *vw.grad()};
}

TEST_CASE("a filter slides over an image without being turned around") {
  const Tensor x({1, 1, 3, 3}, {1, 2, 3,  //
                                4, 5, 6,  //
                                7, 8, 9});
  const Tensor w({1, 1, 2, 2}, {1, 0,  //
                                0, 10});
  const auto [y, dx, dw] = convolve(x, w, Tensor({1, 1, 2, 2}, {1, 0, 0, 2}), {});
  CHECK(values(y) == std::vector<float>{51, 62, 84, 95});
  CHECK(values(dx) == std::vector<float>{1, 0, 0,   //
                                         0, 12, 0,  //
                                         0, 0, 20});
  CHECK(values(dw) == std::vector<float>{11, 14, 20, 23});
}

TEST_CASE("padding is zeros, stride skips positions, dilation skips pixels") {
  const Tensor x({1, 1, 1, 5}, {1, 2, 3, 4, 5});
  const Tensor w({1, 1, 1, 2}, {1, 10});
  const auto y = [&](const Conv2dOptions& options) {
    return values(conv2d(Variable(x), Variable(w), options).value());
  };
  CHECK(y({}) == std::vector<float>{21, 32, 43, 54});
  CHECK(y({.padding = {0, 1}}) == std::vector<float>{10, 21, 32, 43, 54, 5});
  CHECK(y({.stride = {1, 2}}) == std::vector<float>{21, 43});
  CHECK(y({.dilation = {1, 3}}) == std::vector<float>{41, 52});
  CHECK(y({.stride = {1, 3}, .padding = {0, 2}, .dilation = {1, 2}}) ==
        std::vector<float>{10, 42, 5});
}

TEST_CASE("channels of a group see their own inputs only, and the bias is added everywhere") {
  const Tensor x({1, 2, 1, 2}, {1, 2, 3, 4});
  const Tensor w({2, 1, 1, 1}, {10, 100});
  const Variable y = conv2d(Variable(x), Variable(w), Variable(Tensor({2}, {5, 7})), {.groups = 2});
  CHECK(values(y.value()) == std::vector<float>{15, 25, 307, 407});
}

Tensor tensor(Shape shape, const std::vector<double>& numbers) {
  Tensor t(shape);
  std::ranges::transform(numbers, t.data(), [](double value) { return static_cast<float>(value); });
  return t;
}

/// The sums as they are written in core/kernels/conv2d.h, added in double, with a bias of 0.
Result by_the_formula(const Tensor& x, const Tensor& w, const Tensor& dy, const Conv2dOptions& o) {
  const Shape& ys = dy.shape();
  const Shape& ws = w.shape();
  const Shape& xs = x.shape();
  std::vector<double> y(dy.count()), dx(x.count()), dw(w.count());
  const auto add_tap = [&](Index q, Index t) {
    const Index j = q % ys[3], i = q / ys[3] % ys[2], k = q / ys[3] / ys[2] % ys[1];
    const Index v = t % ws[3], u = t / ws[3] % ws[2], c = t / ws[3] / ws[2];
    const Index row = i * o.stride[0] + u * o.dilation[0] - o.padding[0];
    const Index column = j * o.stride[1] + v * o.dilation[1] - o.padding[1];
    if (row < 0 || row >= xs[2] || column < 0 || column >= xs[3]) return;
    const Index n = q / ys[3] / ys[2] / ys[1];
    const Index channel = k / (ws[0] / o.groups) * ws[1] + c;
    const Index from = ((n * xs[1] + channel) * xs[2] + row) * xs[3] + column;
    const Index tap = k * ws[1] * ws[2] * ws[3] + t;
    y[q] += double{w.data()[tap]} * x.data()[from];
    dx[from] += double{w.data()[tap]} * dy.data()[q];
    dw[tap] += double{x.data()[from]} * dy.data()[q];
  };
  for (Index q = 0; q < dy.count(); ++q) {
    for (Index t = 0; t < ws[1] * ws[2] * ws[3]; ++t) add_tap(q, t);
  }
  return {tensor(ys, y), tensor(xs, dx), tensor(ws, dw)};
}

TEST_CASE("sizes around those of vectors and panels give what the formula gives") {
  struct Case {
    Shape x, w;
    Conv2dOptions options;
  };
  const std::vector<Case> cases = {
      {{2, 3, 8, 8}, {7, 3, 3, 3}, {.padding = {1, 1}}},     // a panel of AVX-512, exactly
      {{17, 2, 5, 13}, {3, 2, 2, 2}, {}},                    // more images than pieces
      {{1, 4, 16, 16}, {70, 4, 3, 3}, {.padding = {1, 1}}},  // more channels than a panel is wide
      {{2, 70, 9, 9}, {70, 1, 3, 3}, {.padding = {2, 2}, .groups = 70}},  // a group a channel
      {{2, 6, 11, 35}, {4, 3, 1, 4}, {.stride = {2, 3}, .padding = {0, 5}, .groups = 2}},
      {{1, 1, 1, 1}, {1, 1, 1, 1}, {}},
      {{3, 2, 40, 3}, {5, 2, 4, 1}, {.stride = {1, 1}, .dilation = {9, 1}}},
      {{20, 1, 7, 7}, {6, 1, 7, 7}, {}},  // a single position, and pieces of one image and of two
      {{150, 16, 4, 4}, {16, 16, 3, 3}, {}},                 // pieces of more than eight images
      {{64, 2, 24, 24}, {3, 2, 3, 3}, {.padding = {1, 1}}},  // 36864 terms in each sum of dw
  };
  Rng rng(5);
  for (const Case& c : cases) {
    CAPTURE(c.x);
    CAPTURE(c.w);
    const Tensor x = random_normal(c.x, rng);
    const Tensor w = random_normal(c.w, rng);
    const Shape y_shape = conv2d(Variable(x), Variable(w), c.options).shape();
    const Tensor dy = random_normal(y_shape, rng);
    const Result expected = by_the_formula(x, w, dy, c.options);
    const Result got = convolve(x, w, dy, c.options);
    CHECK(relative_error(got.y, expected.y) < 1e-6);
    CHECK(relative_error(got.dx, expected.dx) < 1e-6);
    CHECK(relative_error(got.dw, expected.dw) < 1e-6);
  }
}

TEST_CASE("the bits of a convolution do not depend on the number of threads") {
  const int before = threads();
  Rng rng(6);
  const Tensor x = random_normal({20, 6, 64, 64}, rng);
  const Tensor w = random_normal({10, 3, 3, 3}, rng);
  const Tensor dy = random_normal({20, 10, 62, 62}, rng);
  set_threads(1);
  const Result one = convolve(x, w, dy, {.groups = 2});
  set_threads(3);
  const Result three = convolve(x, w, dy, {.groups = 2});
  set_threads(before);
  CHECK(std::ranges::equal(one.y.values(), three.y.values()));
  CHECK(std::ranges::equal(one.dx.values(), three.dx.values()));
  CHECK(std::ranges::equal(one.dw.values(), three.dw.values()));
}

TEST_CASE("no images give no results and gradients of zero") {
  const auto [y, dx, dw] =
      convolve(Tensor({0, 2, 4, 4}), Tensor({3, 2, 3, 3}), Tensor({0, 3, 2, 2}), {});
  CHECK(y.shape() == Shape{0, 3, 2, 2});
  CHECK(dx.count() == 0);
  CHECK(std::ranges::all_of(dw.values(), [](float value) { return value == 0; }));
}

TEST_CASE("the layer's parameters have the names, shapes and roles of the field") {
  Rng rng(1);
  nn::Conv2d layer(4, 6, 3, rng, {.padding = {1, 1}, .groups = 2});
  const nn::Parameters parameters = layer.parameters();
  REQUIRE(parameters.size() == 2);
  CHECK(parameters[0].name == "weight");
  CHECK(parameters[0].variable.shape() == Shape{6, 2, 3, 3});
  CHECK(parameters[0].role == nn::Role::hidden);
  CHECK(parameters[1].name == "bias");
  CHECK(parameters[1].variable.shape() == Shape{6});
  for (const nn::Parameter& parameter : parameters) {
    for (const float value : parameter.variable.value().values()) {
      CHECK(std::abs(value) <= 1 / std::sqrt(18.0F));  // fan_in: 2 * 3 * 3
    }
  }
  CHECK(layer(Variable(Tensor({2, 4, 5, 7}))).shape() == Shape{2, 6, 5, 7});
}

TEST_CASE("convolutions that do not fit are refused") {
  const auto conv = [](Shape x, Shape w, const Conv2dOptions& options = {}) {
    conv2d(Variable(math::zeros(x)), Variable(math::zeros(w)), options);
  };
  CHECK_THROWS_WITH_AS(conv({3, 8, 8}, {4, 3, 3, 3}),
                       "conv2d: images are (n, channels, height, width), got (3, 8, 8)", Error);
  CHECK_THROWS_WITH_AS(conv({1, 3, 8, 8}, {4, 27}),
                       "conv2d: filters are (out, in / groups, kh, kw), got (4, 27)", Error);
  CHECK_THROWS_WITH_AS(conv({1, 3, 8, 8}, {4, 2, 3, 3}),
                       "conv2d: filters (4, 2, 3, 3) in 1 groups do not fit images (1, 3, 8, 8)",
                       Error);
  CHECK_THROWS_WITH_AS(
      conv({1, 3, 8, 8}, {4, 3, 3, 3}, {.stride = {1, 0}}),
      "conv2d: stride and dilation are at least 1 and padding at least 0, all at most 2^30, got "
      "0, 1 and 0",
      Error);
  const Index huge = std::numeric_limits<Index>::max();
  CHECK_THROWS_AS(conv({1, 1, 8, 8}, {1, 1, 5, 5}, {.dilation = {huge / 4 + 1, 1}}), Error);
  CHECK_THROWS_AS(conv({1, 1, 8, 8}, {1, 1, 3, 3}, {.padding = {huge, 0}}), Error);
  CHECK_THROWS_AS(conv({1, 64, 8, 8}, {1, 64, 3, 3}, {.padding = {1 << 30, 1 << 30}}), Error);
  CHECK_THROWS_WITH_AS(conv({1, 3, 4, 8}, {4, 3, 3, 3}, {.dilation = {2, 1}}),
                       "conv2d: filters (4, 3, 3, 3) that reach over 5 pixels are larger than the "
                       "padded images (1, 3, 4, 8)",
                       Error);
  const Variable bias(math::zeros({3}));
  CHECK_THROWS_WITH_AS(
      conv2d(Variable(math::zeros({1, 3, 8, 8})), Variable(math::zeros({4, 3, 3, 3})), bias),
      "conv2d: filters (4, 3, 3, 3) need a bias of shape (4), got (3)", Error);
  Rng rng(1);
  CHECK_THROWS_WITH_AS(
      nn::Conv2d(4, 6, 0, rng),
      "conv2d: channels and sides of the kernel must be at least 1, got 4, 6, 0 and 0", Error);
  CHECK_THROWS_WITH_AS(nn::Conv2d(4, 6, 3, rng, {.groups = 3}),
                       "conv2d: 4 and 6 channels cannot be cut into 3 groups", Error);
}

}  // namespace
}  // namespace muonlab::test
