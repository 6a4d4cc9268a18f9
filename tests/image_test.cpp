#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "muonlab/core/math.h"
#include "muonlab/core/threads.h"
#include "muonlab/nn/layers.h"
#include "tests/random.h"

namespace muonlab::test {
namespace {

using Floats = std::vector<float>;

/// 1, 2, 3, ...
Tensor counting(Shape shape) {
  Tensor t(shape);
  std::iota(t.values().begin(), t.values().end(), 1.0F);
  return t;
}

TEST_CASE("max_pool2d takes the largest, and its gradient goes there") {
  const Variable x(Tensor({1, 1, 2, 5}, {1, 5, 2, 8, 9,  //
                                         4, 3, 7, 6, 9}),
                   true);
  const Variable y = max_pool2d(x, {.size = {2, 2}});
  CHECK(values(y.value()) == Floats{5, 8});
  sum(y * Variable(Tensor({2}, {10, 20}))).backward();
  CHECK(values(*x.grad()) == Floats{0, 10, 0, 20, 0, 0, 0, 0, 0, 0});
}

TEST_CASE("max_pool2d: windows that overlap add their gradients; padding never wins") {
  const Variable x(Tensor({1, 1, 3, 3}, {-1, -2, -3,  //
                                         -4, -5, -6,  //
                                         -7, -8, -9}),
                   true);
  const Variable y = max_pool2d(x, {.size = {3, 3}, .stride = {1, 1}, .padding = {1, 1}});
  CHECK(values(y.value()) == Floats{-1, -1, -2, -1, -1, -2, -4, -4, -5});
  sum(y * Variable(counting({3, 3}))).backward();
  CHECK(values(*x.grad()) == Floats{1 + 2 + 4 + 5, 3 + 6, 0, 7 + 8, 9, 0, 0, 0, 0});
}

TEST_CASE("ReLU before max pooling or after it: the same values and gradients") {
  Rng rng(5);
  Tensor images = random_normal({2, 3, 8, 8}, rng);
  for (float& x : images.values())
    x = std::round(2 * x - 1) / 2;  // many equals, whole windows below 0
  const Tensor weights = random_normal({2, 3, 4, 4}, rng);
  const auto run_both = [&](bool relu_first) {
    const Variable x(images, true);
    const Variable y =
        relu_first ? max_pool2d(relu(x), {.size = {2, 2}}) : relu(max_pool2d(x, {.size = {2, 2}}));
    sum(y * Variable(weights)).backward();
    return std::pair(values(y.value()), values(*x.grad()));
  };
  CHECK(run_both(true) == run_both(false));
}

TEST_CASE("max_pool2d: of equals the first wins, and a NaN wins over all") {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float infinity = std::numeric_limits<float>::infinity();
  const Variable x(Tensor({1, 1, 2, 4}, {7, 7, nan, infinity,  //
                                         7, 7, 1, 2}),
                   true);
  const Variable y = max_pool2d(x, {.size = {2, 2}});
  CHECK(y.value().data()[0] == 7);
  CHECK(std::isnan(y.value().data()[1]));
  sum(y * Variable(Tensor({2}, {3, 5}))).backward();
  CHECK(values(*x.grad()) == Floats{3, 0, 5, 0, 0, 0, 0, 0});
}

TEST_CASE("max_pool2d of nothing but -infinity is -infinity") {
  const float lowest = -std::numeric_limits<float>::infinity();
  const Variable x(math::full({1, 1, 3, 3}, lowest), true);
  const Variable y = max_pool2d(x, {.size = {3, 3}, .padding = {1, 1}});
  CHECK(values(y.value()) == Floats{lowest});
  sum(y).backward();
  CHECK(values(*x.grad()) == Floats(9, 0));  // the first of equals is padding
}

TEST_CASE("avg_pool2d divides by the whole window, padding included") {
  const Variable x(counting({1, 1, 3, 3}), true);
  const Variable y = avg_pool2d(x, {.size = {2, 2}, .padding = {1, 1}});
  CHECK(values(y.value()) == Floats{0.25F, 1.25F, 2.75F, 7});
  sum(y * Variable(Tensor({2, 2}, {4, 8, 12, 16}))).backward();
  CHECK(values(*x.grad()) == Floats{1, 2, 2, 3, 4, 4, 3, 4, 4});
}

TEST_CASE("windows may be rectangles; a stride left out is their size") {
  const Variable x(counting({1, 1, 4, 6}));
  CHECK(values(max_pool2d(x, {.size = {2, 3}}).value()) == Floats{9, 12, 21, 24});
  CHECK(values(avg_pool2d(x, {.size = {4, 1}, .stride = {1, 5}}).value()) == Floats{10, 15});
  CHECK(nn::MaxPool2d(2)(x).shape() == Shape{1, 1, 2, 3});
  CHECK(nn::AvgPool2d({.size = {3, 3}, .stride = {1, 1}})(x).shape() == Shape{1, 1, 2, 4});
  CHECK(max_pool2d(Variable(Tensor({0, 3, 4, 4})), {.size = {2, 2}}).shape() == Shape{0, 3, 2, 2});
}

TEST_CASE("global_avg_pool2d is the mean of each plane") {
  const Variable y = nn::GlobalAvgPool2d()(Variable(counting({2, 1, 2, 2})));
  CHECK(y.shape() == Shape{2, 1});
  CHECK(values(y.value()) == Floats{2.5F, 6.5F});
}

TEST_CASE("batch_norm normalizes each channel by the moments of the whole batch") {
  const Variable x(Tensor({2, 2, 1, 2}, {1, 3, 10, 10,  //
                                         5, 7, 10, 10}));
  const Variable gain(Tensor({2}, {1, 1}));
  const Variable bias(Tensor({2}, {0, 5}));
  const BatchNormResult result = batch_norm(x, gain, bias, 4);
  CHECK(values(result.mean) == Floats{4, 10});
  CHECK(values(result.variance) == Floats{5, 0});
  CHECK(values(result.y.value()) == Floats{-1, -1 / 3.0F, 5, 5, 1 / 3.0F, 1, 5, 5});
}

TEST_CASE("group_norm normalizes each image by the moments of each group of channels") {
  const Variable x(Tensor({1, 4, 1, 1}, {1, 3, 10, 18}));
  const Variable gain(Tensor({4}, {1, 2, 1, 2}));
  const Variable bias(Tensor({4}, {0, 0, 1, 1}));
  CHECK(values(group_norm(x, 2, gain, bias, 0).value()) == Floats{-1, 2, 0, 3});
}

TEST_CASE("moments keep their digits when the mean is far larger than the deviation") {
  Rng rng(1);
  Tensor x = random_normal({8, 3, 5, 5}, rng);
  for (float& value : x.values()) value = std::round(value * 64) / 64;  // exact when moved by 4096
  const Variable ones(nn::init::ones({3}));
  const Variable zeros(nn::init::zeros({3}));
  const Tensor moved = math::add(x, Tensor({}, {4096}));
  CHECK(relative_error(batch_norm(Variable(moved), ones, zeros).variance,
                       batch_norm(Variable(x), ones, zeros).variance) < 1e-6);
}

TEST_CASE("BatchNorm2d keeps running statistics in training and uses them in evaluation") {
  nn::BatchNorm2d norm(1, {.momentum = 0.25F, .eps = 0});
  const nn::Buffers buffers = norm.buffers();
  REQUIRE(buffers.size() == 2);
  CHECK(buffers[0].name == "running_mean");
  CHECK(buffers[1].name == "running_var");
  CHECK(norm.parameters()[0].role == nn::Role::gain);
  CHECK(norm.parameters()[1].role == nn::Role::bias);
  const Variable x(Tensor({2, 1, 1, 2}, {0, 4, 8, 12}));  // mean 6, variance 20, unbiased 80 / 3

  norm(x);
  CHECK(buffers[0].tensor.item() == 1.5F);
  CHECK(buffers[1].tensor.item() == doctest::Approx(0.75 + 20 / 3.0));

  norm.eval();
  Tensor(buffers[1].tensor).copy_from(Tensor({1}, {4}));
  CHECK(values(norm(x).value()) == Floats{-0.75F, 1.25F, 3.25F, 5.25F});
  CHECK(buffers[0].tensor.item() == 1.5F);
}

TEST_CASE("an evaluation keeps the running statistics that it saw") {
  nn::BatchNorm2d norm(1);
  const Variable x(Tensor({2, 1, 1, 1}, {1, 3}));
  norm.eval();
  const Variable y = norm(x);  // by mean 0 and variance 1
  norm.train();
  norm(x);
  sum(y).backward();
  CHECK(norm.parameters()[0].variable.grad()->item() == doctest::Approx(4));  // 1 + 3
}

TEST_CASE("no images have gradients, too") {
  const Variable x(Tensor({0, 2, 4, 4}), true);
  const Variable gain(nn::init::ones({2}), true);
  const Variable bias(nn::init::zeros({2}), true);
  const Variable pooled = avg_pool2d(max_pool2d(x, {.size = {2, 2}}), {.size = {2, 2}});
  sum(group_norm(pooled, 1, gain, bias)).backward();
  CHECK(x.grad()->shape() == Shape{0, 2, 4, 4});
  CHECK(values(*gain.grad()) == Floats{0, 0});
}

TEST_CASE("images: results and gradients are equal to the bit for any number of threads") {
  Rng rng(3);
  const Variable x(random_normal({16, 6, 33, 31}, rng), true);
  const Variable gain(random_normal({6}, rng), true);
  const Variable bias(random_normal({6}, rng), true);
  const Pool2dOptions windows{.size = {3, 3}, .stride = {2, 2}, .padding = {1, 1}};
  const int before = threads();
  std::vector<Floats> results;
  for (const int count : {1, 2, 3}) {
    set_threads(count);
    Variable leaves[] = {x, gain, bias};
    for (Variable& leaf : leaves) leaf.zero_grad();
    const Variable normal = batch_norm(group_norm(x, 3, gain, bias), gain, bias).y;
    const Variable y = max_pool2d(normal, windows) + avg_pool2d(normal, windows);
    sum(square(y)).backward();
    Floats all = values(y.value());
    for (const Variable& leaf : leaves) {
      const Floats grad = values(*leaf.grad());
      all.insert(all.end(), grad.begin(), grad.end());
    }
    results.push_back(all);
  }
  set_threads(before);
  CHECK((results[0] == results[1]));
  CHECK((results[0] == results[2]));
}

TEST_CASE("operations on images say what does not fit") {
  const Variable x(Tensor({1, 3, 4, 4}));
  const Variable row(Tensor({3}));
  const Variable two(Tensor({2}));
  const auto message = [](const std::function<void()>& call) -> std::string {
    try {
      call();
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  const auto pool = [&](Pool2dOptions options) { return message([&] { max_pool2d(x, options); }); };
  CHECK(message([&] {
          max_pool2d(row, {.size = {2, 2}});
        }) == "max_pool2d: images (n, c, h, w) are needed, got (3)");
  CHECK(pool({.size = {2, 0}}) ==
        "max_pool2d: size and stride must be at least 1, and all sides at most 2^30, got 0 and 0 "
        "for (1, 3, 4, 4)");
  CHECK(pool({.size = {2, 3}, .padding = {0, 2}}) ==
        "max_pool2d: padding must be within [0, size / 2], got 2 for size 3");
  CHECK(pool({.size = {5, 2}}) ==
        "max_pool2d: windows (5, 2) with padding (0, 0) do not fit into (1, 3, 4, 4)");
  CHECK(pool({.size = {17, 17}, .padding = {8, 8}}) ==
        "max_pool2d: a window has at most 256 elements, got (17, 17)");
  CHECK(message([&] { global_avg_pool2d(row); }) ==
        "global_avg_pool2d: images (n, c, h, w) are needed, got (3)");
  CHECK(message([&] { batch_norm(row, row, row); }) ==
        "batch_norm: (n, channels, ...) is needed, got (3)");
  CHECK(message([&] { batch_norm(x, two, row); }) ==
        "batch_norm: (1, 3, 4, 4) needs gain and bias of shape (3), got (2) and (3)");
  CHECK(message([&] {
          batch_norm(Variable(Tensor({1, 3, 1, 1})), row, row);
        }) == "batch_norm: more than one value per channel is needed, got (1, 3, 1, 1)");
  CHECK(message([&] { batch_norm(x, row, row, two.value(), row.value()); }) ==
        "batch_norm: (1, 3, 4, 4) needs mean and variance of shape (3), got (2) and (3)");
  CHECK(message([&] { group_norm(x, 2, row, row); }) ==
        "group_norm: channels must be a multiple of groups, got 3 and 2");
  CHECK(message([&] {
          group_norm(Variable(Tensor({1, 3, 0, 1})), 3, row, row);
        }) == "group_norm: groups of at least one value are needed, got (1, 3, 0, 1)");
  CHECK(message([] { nn::GroupNorm(4, 6); }) ==
        "group_norm: channels must be a multiple of groups, got 6 and 4");
  CHECK(message([] { nn::BatchNorm2d(3, {.momentum = 2}); }) ==
        "batch_norm: momentum must be within [0, 1], got 2");
  CHECK(message([] { nn::BatchNorm2d(3, {.eps = -1}); }) ==
        "batch_norm: eps cannot be negative, got -1");
  CHECK(message([] { nn::BatchNorm2d(0); }) == "batch_norm: at least 1 channel is needed, got 0");
}

}  // namespace
}  // namespace muonlab::test
