// Options of images: one number stands for the height and the width, with every compiler.
#include "muonlab/core/pair.h"

#include <sstream>
#include <type_traits>

#include <doctest/doctest.h>

#include "muonlab/core/math.h"
#include "muonlab/nn/layers.h"

namespace muonlab::test {
namespace {

TEST_CASE("one number of a pair means both, two mean what they say") {
  const Pair one = 3, braces = {3}, two = {3, 4};
  CHECK(one == braces);
  CHECK(one == Pair(3, 3));
  CHECK(two[0] == 3);
  CHECK(two[1] == 4);
  CHECK_FALSE(one == two);
  std::ostringstream text;
  text << two;
  CHECK(text.str() == "(3, 4)");
  CHECK_FALSE(std::is_convertible_v<double, Pair>);  // 1.5 would lose its half
}

Shape conv(Conv2dOptions options) {
  const Variable x(math::zeros({1, 1, 7, 9})), w(math::zeros({1, 1, 3, 3}));
  return conv2d(x, w, options).shape();
}

TEST_CASE("conv2d: padding, stride and dilation of one number are those of both axes") {
  CHECK(conv({.padding = 1}) == Shape{1, 1, 7, 9});
  CHECK(conv({.padding = {1}}) == Shape{1, 1, 7, 9});
  CHECK(conv({.padding = {1, 1}}) == Shape{1, 1, 7, 9});
  CHECK(conv({.padding = {1, 0}}) == Shape{1, 1, 7, 7});
  CHECK(conv({.stride = 2}) == Shape{1, 1, 3, 4});
  CHECK(conv({.stride = {2}}) == Shape{1, 1, 3, 4});
  CHECK(conv({.dilation = 3}) == Shape{1, 1, 1, 3});
  CHECK(conv({.dilation = {3}}) == Shape{1, 1, 1, 3});
  CHECK(conv({.stride = 2, .padding = 1, .dilation = 2}) == Shape{1, 1, 3, 4});
}

TEST_CASE("pooling: so are size, stride and padding, and the stride is the size where left out") {
  const Variable x(math::zeros({1, 1, 7, 9}));
  CHECK(max_pool2d(x, {.size = 2}).shape() == Shape{1, 1, 3, 4});
  CHECK(max_pool2d(x, {.size = {2}}).shape() == Shape{1, 1, 3, 4});
  CHECK(max_pool2d(x, {.size = {2, 3}}).shape() == Shape{1, 1, 3, 3});
  CHECK(avg_pool2d(x, {.size = 3, .stride = 1}).shape() == Shape{1, 1, 5, 7});
  CHECK(avg_pool2d(x, {.size = 3, .stride = 1, .padding = 1}).shape() == Shape{1, 1, 7, 9});
  CHECK(avg_pool2d(x, {.size = {3}, .stride = {1}, .padding = {1}}).shape() == Shape{1, 1, 7, 9});
}

TEST_CASE("layers take one number or two") {
  Rng rng(1);
  const Variable x(math::zeros({1, 2, 7, 9}));
  CHECK(nn::Conv2d(2, 3, 3, rng, {.padding = 1})(x).shape() == Shape{1, 3, 7, 9});
  CHECK(nn::Conv2d(2, 3, {1, 3}, rng)(x).shape() == Shape{1, 3, 7, 7});
  CHECK(nn::MaxPool2d(2)(x).shape() == Shape{1, 2, 3, 4});
  CHECK(nn::MaxPool2d({.size = 3, .stride = 2})(x).shape() == Shape{1, 2, 3, 4});
  CHECK(nn::AvgPool2d(Pair(7, 9))(x).shape() == Shape{1, 2, 1, 1});
  nn::Sequential model;
  model.then<nn::Conv2d>(2, 3, 3, rng, Conv2dOptions{.padding = 1});
  model.then<nn::MaxPool2d>(2);
  CHECK(model(x).shape() == Shape{1, 3, 3, 4});
}

}  // namespace
}  // namespace muonlab::test
