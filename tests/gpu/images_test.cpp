#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "muonlab/core/kernels/conv2d.h"
#include "muonlab/core/kernels/pool.h"
#include "tests/random.h"

namespace muonlab::test {
namespace {

struct Convolution {
  std::string name;
  Shape x, w, y;
  Conv2dOptions options;
};

const std::vector<Convolution> convolutions = {
    {"cifar_compare's first layer",
     {4, 3, 32, 32},
     {32, 3, 3, 3},
     {4, 32, 32, 32},
     {.padding = {1, 1}}},
    {"its second", {5, 32, 16, 16}, {64, 32, 3, 3}, {5, 64, 16, 16}, {.padding = {1, 1}}},
    {"its third", {8, 64, 8, 8}, {128, 64, 3, 3}, {8, 128, 8, 8}, {.padding = {1, 1}}},
    {"odd sizes, a sum with a rest",
     {7, 3, 13, 11},
     {5, 3, 3, 3},
     {7, 5, 13, 11},
     {.padding = {1, 1}}},
    {"all options",
     {3, 6, 13, 11},
     {4, 3, 3, 5},
     {3, 4, 6, 5},
     {.stride = {2, 3}, .padding = {1, 4}, .dilation = {2, 1}, .groups = 2}},
    {"a stride longer than the filter",
     {2, 2, 9, 9},
     {3, 2, 2, 1},
     {2, 3, 2, 3},
     {.stride = {4, 4}}},
    {"padding that no pixel reaches",
     {2, 1, 2, 2},
     {3, 1, 2, 2},
     {2, 3, 9, 9},
     {.padding = {4, 4}}},
    {"1x1", {3, 8, 5, 7}, {12, 4, 1, 1}, {3, 12, 5, 7}, {.groups = 2}},
    {"1x1 with a stride", {3, 8, 5, 7}, {4, 8, 1, 1}, {3, 4, 3, 4}, {.stride = {2, 2}}},
    {"1x1 with a dilation", {3, 8, 5, 7}, {4, 8, 1, 1}, {3, 4, 5, 7}, {.dilation = {3, 3}}},
    {"a group for each channel",
     {2, 5, 9, 9},
     {5, 1, 3, 3},
     {2, 5, 9, 9},
     {.padding = {1, 1}, .groups = 5}},
    // More columns than are made at a time: 45 x 98 x 4096.
    {"a run of 41 images and one of 4",
     {45, 2, 64, 64},
     {2, 2, 7, 7},
     {45, 2, 64, 64},
     {.padding = {3, 3}}},
};

/// y with a bias and without, dx and dw, on the CPU.
std::vector<Tensor> results(const Convolution& c, Precision precision, Device device) {
  Rng rng(7);
  const Tensor x = random_normal(c.x, rng).to(device);
  const Tensor w = random_normal(c.w, rng).to(device);
  const Tensor bias = random_normal({c.w[0]}, rng).to(device);
  const Tensor dy = random_normal(c.y, rng).to(device);
  Tensor y(c.y, device), plain(c.y, device), dx(c.x, device), dw(c.w, device);
  const Conv2dOptions& o = c.options;
  run(device, kernel::Conv2d{x, w, &bias, y, o, precision});
  run(device, kernel::Conv2d{x, w, nullptr, plain, o, precision});
  run(device, kernel::Conv2dInputGrad{w, dy, dx, o, precision});
  run(device, kernel::Conv2dWeightGrad{x, dy, dw, o, precision});
  return {y.to(Device::cpu), plain.to(Device::cpu), dx.to(Device::cpu), dw.to(Device::cpu)};
}

/// To the bit.
template <class T>
bool equal(const Array<T>& a, const Array<T>& b) {
  return a.shape() == b.shape() &&
         std::memcmp(a.data(), b.data(), static_cast<std::size_t>(a.count()) * sizeof(T)) == 0;
}

/// Checks all convolutions against the CPU, and that a second run has the same bits.
void check_convolutions(Precision precision, double bound) {
  for (const Convolution& c : convolutions) {
    CAPTURE(c.name);
    const std::vector<Tensor> cpu = results(c, precision, Device::cpu);
    const std::vector<Tensor> cuda = results(c, precision, Device::cuda);
    const std::vector<Tensor> again = results(c, precision, Device::cuda);
    for (std::size_t i = 0; i < cpu.size(); ++i) {
      CAPTURE(i);  // y, y without a bias, dx, dw
      CHECK(relative_error(cuda[i], cpu[i]) <= bound);
      CHECK(equal(again[i], cuda[i]));
    }
  }
}

TEST_CASE("convolutions of the apps' sizes and odd ones: as on the CPU, in float32") {
  check_convolutions(Precision::float32, 1e-5);
}

// Both round the operands alike, which costs 2e-3; a GPU's sums are then less exact than float32's.
TEST_CASE("convolutions of the apps' sizes and odd ones: as on the CPU, in bfloat16") {
  check_convolutions(Precision::bfloat16, 1e-3);
}

TEST_CASE("no images: y is empty, dw is 0") {
  const Tensor x({0, 2, 4, 4}, Device::cuda);
  const Tensor w({3, 2, 3, 3}, Device::cuda);
  Tensor y({0, 3, 2, 2}, Device::cuda), dx(x.shape(), Device::cuda), dw(w.shape(), Device::cuda);
  run(Device::cuda, kernel::Conv2d{.x = x, .w = w, .bias = nullptr, .y = y, .options = {}});
  run(Device::cuda, kernel::Conv2dInputGrad{.w = w, .dy = y, .dx = dx, .options = {}});
  run(Device::cuda, kernel::Conv2dWeightGrad{.x = x, .dy = y, .dw = dw, .options = {}});
  CHECK(values(dw.to(Device::cpu)) == std::vector<float>(54));
}

struct Pooling {
  Shape x, y;
  Pool2dOptions options;
};

const std::vector<Pooling> poolings = {
    {{8, 32, 32, 32}, {8, 32, 16, 16}, {.size = {2, 2}}},
    {{3, 5, 13, 11}, {3, 5, 6, 5}, {.size = {2, 2}}},
    {{3, 5, 13, 11}, {3, 5, 7, 6}, {.size = {3, 3}, .stride = {2, 2}, .padding = {1, 1}}},
    {{2, 3, 9, 14}, {2, 3, 9, 11}, {.size = {5, 4}, .stride = {1, 1}, .padding = {2, 0}}},
    {{2, 3, 9, 14}, {2, 3, 3, 3}, {.size = {2, 3}, .stride = {4, 5}, .padding = {1, 0}}},
    {{2, 1, 16, 16}, {2, 1, 1, 1}, {.size = {16, 16}}},
};

/// Few values, so that the largest is often there twice, and now and then a NaN or -infinity.
Tensor with_ties(Shape shape, Rng& rng) {
  Tensor x = random_uniform(shape, 0, 20, rng);
  for (float& value : x.values()) {
    value = std::floor(value);
    if (value == 19) value = std::numeric_limits<float>::quiet_NaN();
    if (value == 18) value = -std::numeric_limits<float>::infinity();
  }
  return x;
}

struct Pooled {
  Tensor y;
  Bytes position;
  Tensor dx;
};

Pooled max_pool(const Pooling& p, const Tensor& x, const Tensor& dy, Device device) {
  Tensor y(p.y, device), dx(p.x, device);
  Bytes position(p.y, device);
  run(device, kernel::MaxPool{x.to(device), y, position, p.options});
  run(device, kernel::MaxPoolGrad{dy.to(device), position, dx, p.options});
  return {y.to(Device::cpu), position.to(Device::cpu), dx.to(Device::cpu)};
}

TEST_CASE("max pooling: the values, places and gradients of the CPU, with ties and NaN") {
  for (const Pooling& p : poolings) {
    CAPTURE(p.x);
    CAPTURE(p.y);
    Rng rng(3);
    const Tensor x = with_ties(p.x, rng);
    const Tensor dy = random_normal(p.y, rng);
    const Pooled cpu = max_pool(p, x, dy, Device::cpu);
    const Pooled cuda = max_pool(p, x, dy, Device::cuda);
    CHECK(equal(cuda.y, cpu.y));
    CHECK(equal(cuda.position, cpu.position));
    CHECK(relative_error(cuda.dx, cpu.dx) <= 1e-6);
  }
}

TEST_CASE("mean pooling: the values and gradients of the CPU") {
  for (const Pooling& p : poolings) {
    CAPTURE(p.x);
    CAPTURE(p.y);
    Rng rng(3);
    const Tensor x = random_normal(p.x, rng);
    const Tensor dy = random_normal(p.y, rng);
    const auto pool = [&](Device device) {
      Tensor y(p.y, device), dx(p.x, device);
      run(device, kernel::AvgPool{x.to(device), y, p.options});
      run(device, kernel::AvgPoolGrad{dy.to(device), dx, p.options});
      return std::vector<Tensor>{y.to(Device::cpu), dx.to(Device::cpu)};
    };
    const std::vector<Tensor> cpu = pool(Device::cpu);
    const std::vector<Tensor> cuda = pool(Device::cuda);
    CHECK(relative_error(cuda[0], cpu[0]) <= 1e-6);
    CHECK(relative_error(cuda[1], cpu[1]) <= 1e-6);
  }
}

}  // namespace
}  // namespace muonlab::test
