#include "muonlab/core/precision.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <thread>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "muonlab/autograd/functions.h"
#include "muonlab/core/kernels/matmul.h"
#include "muonlab/core/math.h"
#include "muonlab/core/threads.h"
#include "tests/random.h"

namespace muonlab::test {
namespace {

using kernel::Op;

/// To 8 significant bits, ties to even, by arithmetic alone.
float rounded(float x) {
  int exponent = 0;
  const float fraction = std::frexp(x, &exponent);
  return std::ldexp(std::nearbyint(std::ldexp(fraction, 8)), exponent - 8);
}

Tensor rounded(const Tensor& x) {
  Tensor y = x.clone();
  for (float& value : y.values()) value = rounded(value);
  return y;
}

/// op(a) op(b) in double, of operands as the precision takes them.
Tensor product_in_double(const Tensor& a, const Tensor& b, Op op_a, Op op_b) {
  const Tensor left = op_a == Op::none ? a : math::transpose(a);
  const Tensor right = op_b == Op::none ? b : math::transpose(b);
  const Index m = left.shape()[0], k = left.shape()[1], n = right.shape()[1];
  Tensor c({m, n});
  for (Index i = 0; i < m; ++i) {
    for (Index j = 0; j < n; ++j) {
      double sum = 0;
      for (Index l = 0; l < k; ++l) {
        sum += double{left.data()[i * k + l]} * right.data()[l * n + j];
      }
      c.data()[i * n + j] = static_cast<float>(sum);
    }
  }
  return c;
}

TEST_CASE("products in bfloat16 are those of rounded operands, with sums in float32") {
  Rng rng(1);
  for (const auto& [m, n, k] : std::vector<std::array<Index, 3>>{
           {1, 1, 1}, {3, 5, 7}, {64, 10, 128}, {130, 257, 70}, {200, 300, 513}}) {
    for (const Op op_a : {Op::none, Op::transpose}) {
      for (const Op op_b : {Op::none, Op::transpose}) {
        const Tensor a = random_normal(op_a == Op::none ? Shape{m, k} : Shape{k, m}, rng);
        const Tensor b = random_normal(op_b == Op::none ? Shape{k, n} : Shape{n, k}, rng);
        const ProductPrecision scope(Precision::bfloat16);
        const Tensor c = math::matmul(a, b, op_a, op_b);
        CAPTURE(c.shape());
        CHECK(relative_error(c, product_in_double(rounded(a), rounded(b), op_a, op_b)) < 1e-6);
      }
    }
  }
}

TEST_CASE("a symmetric product, scaled and added to, is what the whole one is") {
  Rng rng(2);
  for (const Precision precision : {Precision::float32, Precision::bfloat16}) {
    for (const Index n : {1, 17, 150, 256}) {
      const Tensor x = random_normal({n, 40}, rng);
      const Tensor d = math::matmul(x, x, Op::none, Op::transpose);
      Tensor whole({n, n});
      Tensor half({n, n});
      for (Tensor* c : {&whole, &half}) {
        run(Device::cpu, kernel::MatMul{.a = x,
                                        .b = x,
                                        .c = *c,
                                        .op_b = Op::transpose,
                                        .alpha = -2.5F,
                                        .d = &d,
                                        .beta = 0.75F,
                                        .symmetric = c == &half,
                                        .precision = precision});
      }
      CAPTURE(n);
      CHECK(relative_error(half, whole) < 1e-6);
      CHECK(relative_error(math::transpose(half), half) == 0);
    }
  }
}

TEST_CASE("rounding to bfloat16 keeps what is special") {
  const float infinity = std::numeric_limits<float>::infinity();
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const ProductPrecision scope(Precision::bfloat16);
  const auto through = [](float x) {  // a product with 1
    return math::matmul(Tensor({1, 1}, {x}), Tensor({1, 1}, {1})).item();
  };
  CHECK(through(infinity) == infinity);
  CHECK(through(-infinity) == -infinity);
  CHECK(std::isnan(through(nan)));
  CHECK(std::isnan(through(std::bit_cast<float>(std::uint32_t{0x7F800001}))));  // low bits only
  CHECK(through(0) == 0);
  CHECK(through(1.00390625F) == 1);          // 1 + 2^-8, a tie: to even
  CHECK(through(1.01171875F) == 1.015625F);  // 1 + 3 2^-8, a tie: to even
  CHECK(through(-3.14159274F) == -3.140625F);
}

TEST_CASE("a scope ends where it ends, and belongs to its thread") {
  CHECK(product_precision() == Precision::float32);
  {
    const ProductPrecision outer(Precision::bfloat16);
    CHECK(product_precision() == Precision::bfloat16);
    std::thread([] { CHECK(product_precision() == Precision::float32); }).join();
    {
      const ProductPrecision inner(Precision::float32);
      CHECK(product_precision() == Precision::float32);
    }
    CHECK(product_precision() == Precision::bfloat16);
  }
  CHECK(product_precision() == Precision::float32);
}

/// A product y = w x, and the gradients of sum(dy y), with dy exact in bfloat16 and the forward
/// pass and backward() in these precisions.
struct Gradients {
  using Function = Variable (*)(const Variable&, const Variable&);
  Gradients(const Tensor& x_value, const Tensor& w_value, Function product, Precision forward,
            Precision backward)
      : x(x_value, true), w(w_value, true) {
    Variable loss(Tensor({}, {0}));
    {
      const ProductPrecision scope(forward);
      const Variable y = product(x, w);
      Tensor dy(y.shape());
      for (Index i = 0; i < dy.count(); ++i) dy.data()[i] = static_cast<float>(i % 7 - 3);
      loss = sum(y * Variable(dy));
    }
    const ProductPrecision scope(backward);
    loss.backward();
  }
  Variable x, w;
};

TEST_CASE("gradients have the precision of their forward pass, whatever that of backward()") {
  Rng rng(3);
  const Gradients::Function convolution = [](const Variable& x, const Variable& w) {
    return conv2d(x, w, {.padding = {1, 1}});
  };
  const Gradients::Function product = [](const Variable& x, const Variable& w) {
    return linear(x, w);
  };
  struct Case {
    Shape x, w;
    Gradients::Function function;
  };
  constexpr auto float32 = Precision::float32;
  constexpr auto bfloat16 = Precision::bfloat16;
  for (const auto& [xs, ws, function] :
       {Case{{6, 40}, {30, 40}, product}, Case{{3, 16, 9, 7}, {32, 16, 3, 3}, convolution},
        Case{{2, 3, 8, 8}, {5, 3, 3, 3}, convolution}}) {
    const Tensor x = random_normal(xs, rng);
    const Tensor w = random_normal(ws, rng);
    const Gradients exact(x, w, function, float32, float32);
    const Gradients still_exact(x, w, function, float32, bfloat16);
    const Gradients coarse(x, w, function, bfloat16, float32);
    const Gradients expected(rounded(x), rounded(w), function, float32, float32);
    CAPTURE(w.shape());
    CHECK(relative_error(*still_exact.x.grad(), *exact.x.grad()) == 0);
    CHECK(relative_error(*still_exact.w.grad(), *exact.w.grad()) == 0);
    CHECK(relative_error(*coarse.x.grad(), *exact.x.grad()) > 1e-4);
    CHECK(relative_error(*coarse.x.grad(), *expected.x.grad()) < 1e-6);
    CHECK(relative_error(*coarse.w.grad(), *exact.w.grad()) > 1e-4);
    CHECK(relative_error(*coarse.w.grad(), *expected.w.grad()) < 1e-6);
  }
}

TEST_CASE("tasks that run together have the precision of their caller") {
  const ProductPrecision scope(Precision::bfloat16);
  std::vector<Precision> seen(64, Precision::float32);
  run_together(Device::cpu, 64,
               [&seen](Index i) { seen[static_cast<std::size_t>(i)] = product_precision(); });
  CHECK(std::ranges::count(seen, Precision::bfloat16) == 64);
}

TEST_CASE("threads that come one after the other multiply alike") {
  Rng rng(5);
  const Tensor a = random_normal({70, 90}, rng);
  const Tensor x = random_normal({3, 16, 9, 7}, rng);
  const Tensor w = random_normal({16, 16, 3, 3}, rng);
  const Tensor product = math::matmul(a, a, Op::none, Op::transpose);
  const Tensor images = conv2d(Variable(x), Variable(w)).value();
  for (int i = 0; i < 5; ++i) {
    std::thread([&] {
      CHECK(relative_error(math::matmul(a, a, Op::none, Op::transpose), product) == 0);
      CHECK(relative_error(conv2d(Variable(x), Variable(w)).value(), images) == 0);
    }).join();
  }
}

TEST_CASE("the bits of products in bfloat16 do not depend on the number of threads") {
  const int before = threads();
  Rng rng(4);
  const Tensor a = random_normal({300, 200}, rng);
  const Tensor x = random_normal({20, 16, 12, 12}, rng);
  const Tensor w = random_normal({32, 16, 3, 3}, rng);
  const ProductPrecision scope(Precision::bfloat16);
  std::vector<Tensor> products;
  std::vector<Tensor> images;
  for (const int count : {1, 2, 5}) {
    set_threads(count);
    products.push_back(math::matmul(a, a, Op::none, Op::transpose));
    images.push_back(conv2d(Variable(x), Variable(w)).value());
  }
  set_threads(before);
  for (const auto* results : {&products, &images}) {
    CHECK(relative_error((*results)[1], (*results)[0]) == 0);
    CHECK(relative_error((*results)[2], (*results)[0]) == 0);
  }
}

TEST_CASE("what multiplies is named") {
  CHECK(product_library() != "");
  CHECK(name_of(Precision::bfloat16) == "bfloat16");
  CHECK(name_of(fastest_precision()) != "");
}

}  // namespace
}  // namespace muonlab::test
