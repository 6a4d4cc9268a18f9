#include <cmath>
#include <limits>
#include <vector>

#include <doctest/doctest.h>

#include "muonlab/autograd/functions.h"
#include "muonlab/core/kernels/reduce.h"
#include "muonlab/core/math.h"
#include "tests/random.h"

/// Kernels that sum or walk rows, at sizes that take each of their ways: one thread for a row, a
/// warp, a block; one launch or two.
namespace muonlab::test {
namespace {

using Tensors = std::vector<Tensor>;

constexpr float infinity = std::numeric_limits<float>::infinity();
constexpr float nan = std::numeric_limits<float>::quiet_NaN();

Tensors to(Device device, const Tensors& tensors) {
  Tensors result;
  for (const Tensor& tensor : tensors) result.push_back(tensor.to(device));
  return result;
}

/// Checks that compute(inputs) gives the CPU's results on the GPU, and the same bits twice.
template <class Compute>
void check_parity(const Tensors& inputs, double bound, const Compute& compute) {
  const Tensors cpu = compute(inputs);
  const Tensors once = to(Device::cpu, compute(to(Device::cuda, inputs)));
  const Tensors twice = to(Device::cpu, compute(to(Device::cuda, inputs)));
  for (std::size_t i = 0; i < cpu.size(); ++i) {
    CAPTURE(i);
    REQUIRE(once[i].shape() == cpu[i].shape());
    CHECK(difference(once[i], cpu[i]) <= bound);
    CHECK(difference(once[i], twice[i]) == 0);
  }
}

/// The op's output and the gradients of all inputs.
template <class Op>
void check_op(const Tensors& inputs, double bound, const Op& op) {
  check_parity(inputs, bound, [&op](const Tensors& x) {
    std::vector<Variable> leaves;
    for (const Tensor& input : x) leaves.emplace_back(input, true);
    const Variable y = op(leaves);
    Rng rng(11);
    const Tensor weights = random_uniform(y.shape(), 0.2F, 1, rng);
    sum(y * Variable(weights.to(x[0].device()))).backward();
    Tensors all = {y.value()};
    for (const Variable& leaf : leaves) all.push_back(*leaf.grad());
    return all;
  });
}

std::vector<std::int32_t> argmax(const Tensor& x, Device device) {
  const Integers y = math::argmax(x.to(device)).to(Device::cpu);
  return {y.values().begin(), y.values().end()};
}

const std::vector<Shape> row_shapes = {{1, 1},   {3, 10},   {700, 10},  {5, 16},
                                       {5, 17},  {300, 17}, {8200, 17}, {2, 33},
                                       {2, 512}, {2, 513},  {3, 1500},  {40, 600}};

TEST_CASE("sums have the CPU's values and the same bits twice") {
  struct Sizes {
    Index outer, size, inner;
  };
  const std::vector<Sizes> all = {
      {1, 1, 1},     {1, 0, 1},     {3, 0, 4},     {0, 5, 3},     {2, 1, 5},       {1, 8192, 1},
      {1, 8193, 1},  {7, 33, 1},    {900, 3, 1},   {3, 20000, 1}, {1, 1000000, 1}, {1, 64, 10},
      {1, 5000, 10}, {1, 100, 513}, {1, 1025, 33}, {4, 700, 31},  {2, 3, 70000},   {600, 5, 7}};
  Rng rng(1);
  for (const auto& s : all) {
    CAPTURE(s.outer);
    CAPTURE(s.size);
    CAPTURE(s.inner);
    const Tensor x = random_uniform({s.outer, s.size, s.inner}, 0.5F, 1.5F, rng);
    check_parity({x}, 1e-6, [&s](const Tensors& in) {
      Tensor y({s.outer, s.inner}, in[0].device());
      run(y.device(),
          kernel::Sum{.x = in[0], .y = y, .outer = s.outer, .size = s.size, .inner = s.inner});
      return Tensors{y};
    });
  }
}

TEST_CASE("a sum of large terms that cancel keeps the small ones") {
  for (const Shape& shape : {Shape{3}, Shape{30000}}) {
    Tensor x = math::zeros(shape);
    x.data()[0] = 1e12F;
    x.data()[1] = 1;
    x.data()[shape.count() - 1] = -1e12F;
    CHECK(math::sum(x.to(Device::cuda)).item() == 1);
  }
}

TEST_CASE("rows of every length: softmax, layer_norm and cross_entropy") {
  Rng rng(2);
  for (const Shape& shape : row_shapes) {
    CAPTURE(shape);
    const Shape row{shape[1]};
    const Tensor x = random_normal(shape, rng);
    check_op({x}, 1e-5, [](const auto& v) { return softmax(v[0]); });
    check_op({x}, 1e-5, [](const auto& v) { return log_softmax(v[0]); });
    if (shape[1] > 1) {  // else the gradient is nothing but rounding
      check_op({x, random_normal(row, rng), random_normal(row, rng)}, 1e-5,
               [](const auto& v) { return layer_norm(v[0], v[1], v[2]); });
    }
    Integers labels(Shape{shape[0]});
    for (std::int32_t& label : labels.values())
      label = static_cast<std::int32_t>(rng.below(row[0]));
    for (const float smoothing : {0.0F, 0.2F}) {
      check_op({x}, 1e-5, [&](const auto& v) {
        return cross_entropy(v[0], labels.to(v[0].value().device()),
                             {.label_smoothing = smoothing});
      });
    }
  }
}

TEST_CASE("normalization keeps its digits where the mean is large") {
  Rng rng(4);
  Tensor x = random_normal({4, 2, 8, 8}, rng);
  for (float& value : x.values()) value = 1e4F + 0.1F * value;
  const auto parameters = [&rng](Index n) { return random_uniform({n}, 0.5F, 1.5F, rng); };
  const Tensors inputs = {x, parameters(2), parameters(2)};
  check_op(inputs, 1e-5, [](const auto& v) { return batch_norm(v[0], v[1], v[2]).y; });
  check_op(inputs, 1e-5, [](const auto& v) { return group_norm(v[0], 2, v[1], v[2]); });
  check_op(inputs, 1e-5, [](const auto& v) {
    const Device device = v[0].value().device();
    return batch_norm(v[0], v[1], v[2], Tensor({2}, {1e4F, 10001}).to(device),
                      Tensor({2}, {0.01F, 0.02F}).to(device));
  });
  check_op({x.reshape({64, 8}), parameters(8), parameters(8)}, 1e-5,
           [](const auto& v) { return layer_norm(v[0], v[1], v[2]); });
}

TEST_CASE("layer_norm of many rows, and batch_norm and group_norm of planes of every size") {
  Rng rng(3);
  const auto parameters = [&rng](Index n) { return random_uniform({n}, 0.5F, 1.5F, rng); };
  check_op({random_normal({3000, 20}, rng), parameters(20), parameters(20)}, 1e-5,
           [](const auto& v) { return layer_norm(v[0], v[1], v[2]); });
  const std::vector<Shape> shapes = {
      {6, 4, 4, 5}, {3, 2, 30, 31}, {600, 2, 3, 3}, {2, 2, 1, 17}, {50, 6}};
  for (const Shape& shape : shapes) {
    CAPTURE(shape);
    const Tensors inputs = {random_normal(shape, rng), parameters(shape[1]), parameters(shape[1])};
    check_op(inputs, 1e-5, [](const auto& v) { return batch_norm(v[0], v[1], v[2]).y; });
    if (shape.rank() == 4) {
      check_op(inputs, 1e-5, [](const auto& v) { return group_norm(v[0], 2, v[1], v[2]); });
    }
  }
}

TEST_CASE("a NaN or an infinity in a row spoils what it spoils on the CPU") {
  for (const Index n : {4, 40, 600}) {
    CAPTURE(n);
    Tensor x = math::full({6, n}, 0.5F);
    x.data()[0 * n + n - 1] = nan;
    x.data()[1 * n + 2] = infinity;
    x.data()[2 * n + 2] = -infinity;
    for (Index i = 0; i < n; ++i) {
      x.data()[3 * n + i] = nan;
      x.data()[4 * n + i] = -infinity;
    }
    check_parity({x}, 1e-6, [](const Tensors& in) {
      const Variable v(in[0]);
      return Tensors{softmax(v).value(), log_softmax(v).value()};
    });
    CHECK(argmax(x, Device::cuda) == argmax(x, Device::cpu));
  }
}

TEST_CASE("argmax names the first of equals, and of NaNs") {
  for (const Index n : {4, 40, 600}) {
    CAPTURE(n);
    Tensor x = math::full({5, n}, -infinity);
    x.data()[0 * n + 1] = -0.0F;
    x.data()[0 * n + 3] = 0;
    x.data()[1 * n + n - 2] = x.data()[1 * n + n - 1] = infinity;
    x.data()[2 * n + 1] = infinity;
    x.data()[2 * n + 2] = x.data()[2 * n + 3] = nan;
    x.data()[3 * n + n - 1] = -1;
    const auto last = static_cast<std::int32_t>(n - 1);
    CHECK(argmax(x, Device::cuda) == std::vector<std::int32_t>{1, last - 1, 2, last, 0});
  }
}

TEST_CASE("norm, all_finite and division by the norm") {
  Rng rng(4);
  for (const Index n : {0, 1, 9, 300, 8192, 8193, 100001}) {
    CAPTURE(n);
    for (const float size : {1e-30F, 1.0F, 1e30F}) {
      const Tensor x = random_uniform({n}, -size, size, rng);
      const double expected = math::norm(x);
      CHECK(std::abs(math::norm(x.to(Device::cuda)) - expected) <= 1e-12 * expected);
      CHECK(math::all_finite(x.to(Device::cuda)));
      check_parity({x}, 1e-6, [](const Tensors& in) {
        Tensor y(in[0].shape(), in[0].device());
        run(y.device(), kernel::Normalize{.x = in[0], .y = y});
        Tensor itself = in[0].clone();
        run(y.device(), kernel::Normalize{.x = itself, .y = itself});
        return Tensors{y, itself};
      });
    }
    for (const float bad : {nan, infinity, -infinity}) {
      Tensor x = math::zeros({n + 1});
      x.data()[n] = bad;
      CHECK_FALSE(math::all_finite(x.to(Device::cuda)));
    }
    Tensor zero = math::zeros({n}, Device::cuda);
    run(Device::cuda, kernel::Normalize{.x = zero, .y = zero});
    CHECK(math::norm(zero) == 0);
  }
}

TEST_CASE("cross_entropy: a label outside makes the loss NaN, and the gradient of its row") {
  for (const Index n : {3, 40}) {
    for (const std::int32_t label : {-1, static_cast<std::int32_t>(n), 2000000000}) {
      CAPTURE(n);
      CAPTURE(label);
      const Variable x(math::zeros({2, n}, Device::cuda), true);
      const Variable loss = cross_entropy(x, Integers({2}, {1, label}).to(Device::cuda));
      loss.backward();
      const Tensor grad = x.grad()->to(Device::cpu);
      CHECK(std::isnan(loss.value().item()));
      for (Index i = 0; i < n; ++i) {
        CHECK(std::isfinite(grad.data()[i]));
        CHECK(std::isnan(grad.data()[n + i]));
      }
    }
  }
}

}  // namespace
}  // namespace muonlab::test
