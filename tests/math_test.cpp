#include "muonlab/core/math.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <doctest/doctest.h>

#include "muonlab/core/kernels/matmul.h"
#include "muonlab/core/kernels/reduce.h"
#include "muonlab/core/linalg.h"
#include "muonlab/core/threads.h"
#include "tests/random.h"

namespace muonlab::test {
namespace {

using math::Op;

/// The definition, in double: what every product is compared with.
Tensor slow_matmul(const Tensor& a, const Tensor& b) {
  const Index m = a.shape()[0], k = a.shape()[1], n = b.shape()[1];
  Tensor c({m, n});
  for (Index i = 0; i < m; ++i) {
    for (Index j = 0; j < n; ++j) {
      double total = 0;
      for (Index l = 0; l < k; ++l) total += double{a.data()[i * k + l]} * b.data()[l * n + j];
      c.data()[i * n + j] = static_cast<float>(total);
    }
  }
  return c;
}

/// |c - expected| in units of what a product of random (m, k) and (k, n) has itself, so that one
/// unlucky cancellation does not count.
double product_error(const Tensor& c, const Tensor& expected, const Tensor& a, const Tensor& b) {
  const double usual = math::norm(a) * math::norm(b) / std::sqrt(static_cast<double>(a.shape()[1]));
  return math::norm(math::sub(c, expected)) / usual;
}

TEST_CASE(
    "products agree with their definition, for sizes around the tiles and every transposition") {
  Rng rng(1);
  for (const Index m : {1, 2, 64, 129, 300}) {
    for (const Index n : {1, 10, 128, 257}) {
      const Index k = 150;
      const Tensor a = random_normal({m, k}, rng);
      const Tensor b = random_normal({k, n}, rng);
      const Tensor expected = slow_matmul(a, b);
      const Tensor at = math::transpose(a);
      const Tensor bt = math::transpose(b);
      CAPTURE(m);
      CAPTURE(n);
      CHECK(product_error(math::matmul(a, b), expected, a, b) < 1e-6);
      CHECK(product_error(math::matmul(at, b, Op::transpose), expected, a, b) < 1e-6);
      CHECK(product_error(math::matmul(a, bt, Op::none, Op::transpose), expected, a, b) < 1e-6);
      CHECK(product_error(math::matmul(at, bt, Op::transpose, Op::transpose), expected, a, b) <
            1e-6);
    }
  }
}

TEST_CASE("a product scales, adds a matrix or a row, and mirrors what is symmetric") {
  Rng rng(2);
  const Tensor a = random_normal({200, 90}, rng);
  const Tensor d = random_normal({200, 200}, rng);
  const Tensor row = random_normal({200}, rng);
  const Tensor product = slow_matmul(a, math::transpose(a));
  Tensor c({200, 200});
  Tensor expected({200, 200});

  const kernel::MatMul call{.a = a, .b = a, .c = c, .op_b = Op::transpose, .symmetric = true};
  run(Device::cpu, call);
  CHECK(relative_error(c, product) < 1e-6);
  CHECK((values(c) == values(math::transpose(c))));

  run(Device::cpu,
      kernel::MatMul{
          .a = a, .b = a, .c = c, .op_b = Op::transpose, .alpha = -2, .d = &d, .beta = 0.5F});
  math::combine(-2, product, 0.5F, d, expected);
  CHECK(relative_error(c, expected) < 1e-6);

  run(Device::cpu, kernel::MatMul{.a = a, .b = a, .c = c, .op_b = Op::transpose, .d = &row});
  CHECK(relative_error(c, math::add(product, row)) < 1e-6);
}

TEST_CASE("results are equal to the bit for any number of threads") {
  Rng rng(3);
  const Tensor a = random_normal({300, 784}, rng);
  const Tensor b = random_normal({784, 260}, rng);
  const Tensor x = random_normal({1 << 20}, rng);
  std::vector<std::vector<float>> results;
  for (const int count : {1, 2, 3}) {
    set_threads(count);
    std::vector<float> all = values(math::matmul(a, b));
    all.push_back(math::sum(x).item());
    all.push_back(static_cast<float>(math::norm(x)));
    for (const float value : values(math::sum(a, 0))) all.push_back(value);
    results.push_back(all);
  }
  set_threads(2);
  CHECK(results[0] == results[1]);
  CHECK(results[0] == results[2]);
}

TEST_CASE("a long product of two vectors is cut like any other") {
  const Tensor ones = math::full({1, 1 << 20}, 1);
  CHECK(math::matmul(ones, ones, Op::none, Op::transpose).item() == 1 << 20);
}

TEST_CASE("sums over nothing, and of nothing, touch nothing") {
  CHECK(math::sum(math::zeros({3, 0}), 1).values()[2] == 0);
  CHECK(math::sum(math::zeros({2000, 3, 0}), 1).count() == 0);
  CHECK(math::sum(math::zeros({0, 3}), 1).count() == 0);
  constexpr Index huge = Index{1} << 32;
  CHECK_THROWS_AS(math::sum(Tensor({huge, 0, huge}), 1), Error);
}

TEST_CASE("shapes broadcast as in NumPy") {
  const Tensor column({2, 1}, {10, 20});
  const Tensor row({3}, {1, 2, 3});
  const Tensor y = math::add(column, row);
  CHECK(y.shape() == Shape{2, 3});
  CHECK(values(y) == std::vector<float>{11, 12, 13, 21, 22, 23});
  CHECK(values(math::sub(row, Tensor({}, {1}))) == std::vector<float>{0, 1, 2});
  CHECK_THROWS_WITH_AS(math::add(Tensor({2}), row), "broadcast: (2) and (3) do not agree", Error);
}

TEST_CASE("sum_to undoes broadcasting") {
  const Tensor x({2, 2, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
  CHECK(values(math::sum_to(x, {3})) == std::vector<float>{22, 26, 30});
  CHECK(values(math::sum_to(x, {2, 1})) == std::vector<float>{30, 48});
  CHECK(values(math::sum_to(x, {})) == std::vector<float>{78});
  CHECK(values(math::sum_to(x, {2, 1, 1})) == std::vector<float>{21, 57});
  CHECK_THROWS_WITH_AS(math::sum_to(x, {2}), "broadcast: (2) and (2, 2, 3) do not agree", Error);
}

TEST_CASE("axes are summed, permuted, cut and joined") {
  const Tensor x({2, 3}, {1, 2, 3, 4, 5, 6});
  CHECK(values(math::sum(x, 0)) == std::vector<float>{5, 7, 9});
  CHECK(values(math::sum(x, -1)) == std::vector<float>{6, 15});
  CHECK(values(math::transpose(x)) == std::vector<float>{1, 4, 2, 5, 3, 6});
  CHECK(values(math::slice(x, 1, 1, 3)) == std::vector<float>{2, 3, 5, 6});
  CHECK(values(math::concatenate({x, math::slice(x, 1, 0, 1)}, 1)) ==
        std::vector<float>{1, 2, 3, 1, 4, 5, 6, 4});
  CHECK(math::permute(Tensor({2, 3, 4, 5}), {3, 0, 2, 1}).shape() == Shape{5, 2, 4, 3});
  CHECK_THROWS_WITH_AS(math::permute(x, {0, 0}), "permute: each axis of (2, 3) must be named once",
                       Error);
  CHECK_THROWS_WITH_AS(math::sum(x, 2), "sum: (2, 3) has no axis 2", Error);
  CHECK_THROWS_WITH_AS(math::concatenate({x, Tensor({3, 3})}, 1),
                       "concatenate: all sizes but axis 1 must agree, got (2, 3) and (3, 3)",
                       Error);
}

TEST_CASE("argmax is the first of the largest, and a NaN wins") {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const Integers y = math::argmax(Tensor({3, 3}, {1, 3, 3, 5, nan, 9, -1, -2, -3}));
  CHECK(y.data()[0] == 1);
  CHECK(y.data()[1] == 1);
  CHECK(y.data()[2] == 0);
}

TEST_CASE("norms neither underflow nor overflow") {
  CHECK(math::norm(Tensor({2}, {3e-30F, 4e-30F})) == doctest::Approx(5e-30));
  CHECK(math::norm(Tensor({2}, {3e30F, 4e30F})) == doctest::Approx(5e30));
}

TEST_CASE("what is not finite is found") {
  CHECK(math::all_finite(Tensor({2}, {1, -3e38F})));
  CHECK_FALSE(math::all_finite(Tensor({2}, {1, std::numeric_limits<float>::infinity()})));
  CHECK_FALSE(math::all_finite(Tensor({2}, {std::nanf(""), 1})));
}

TEST_CASE("softmax survives large numbers, and its rows add up to 1") {
  const Tensor y = math::softmax(Tensor({2, 2}, {1000, 1000, -1000, 0}));
  CHECK(values(y) == std::vector<float>{0.5, 0.5, 0, 1});
}

TEST_CASE("products refuse sizes that disagree") {
  CHECK_THROWS_WITH_AS(math::matmul(Tensor({2, 3}), Tensor({2, 3})),
                       "matmul: inner sizes must agree, got (2, 3) and (2, 3)", Error);
  CHECK_THROWS_WITH_AS(math::matmul(Tensor({3}), Tensor({3, 2})),
                       "matmul: matrices are needed, got (3) and (3, 2)", Error);
  CHECK_THROWS_WITH_AS(math::matmul(Tensor({2, 3, 4}), Tensor({3, 4, 5})),
                       "matmul: leading axes must agree, got (2, 3, 4) and (3, 4, 5)", Error);
}

TEST_CASE("decompositions: Q is orthonormal, and the polar factor U V^T") {
  Rng rng(4);
  const Tensor a = random_normal({7, 4}, rng);
  const Tensor identity({4, 4}, {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1});
  for (const Tensor& q : {linalg::orthonormal_columns(a), linalg::polar_factor(a)}) {
    CHECK(relative_error(math::matmul(q, q, Op::transpose), identity) < 1e-6);
  }
  const auto s = linalg::singular_values(Tensor({2, 2}, {0, 2, -3, 0}));
  CHECK(s[0] == doctest::Approx(3));
  CHECK(s[1] == doctest::Approx(2));
  CHECK_THROWS_WITH_AS(linalg::polar_factor(Tensor({2, 2}, {1, 2, 3, std::nanf("")})),
                       "polar_factor: no decomposition found of a matrix (2, 2); are all its "
                       "elements finite?",
                       Error);
}

TEST_CASE("decompositions of symmetric matrices give them back") {
  Rng rng(3);
  const Tensor x = random_normal({5, 8}, rng);
  const Tensor a = math::matmul(x, x, math::Op::none, math::Op::transpose);
  const linalg::SymmetricEigen eigen = linalg::symmetric_eigen(a);
  CHECK(std::ranges::is_sorted(eigen.values));
  const std::vector<double> s = linalg::singular_values(x);  // their squares, largest first
  for (std::size_t i = 0; i < 5; ++i) {
    CHECK(eigen.values[i] == doctest::Approx(s[4 - i] * s[4 - i]).epsilon(1e-6));
  }
  Tensor scaled = eigen.vectors.clone();  // V diag(values)
  for (Index i = 0; i < 25; ++i) {
    scaled.data()[i] *= static_cast<float>(eigen.values[static_cast<std::size_t>(i % 5)]);
  }
  CHECK(relative_error(math::matmul(scaled, eigen.vectors, math::Op::none, math::Op::transpose),
                       a) < 1e-6);
  const Tensor l = linalg::cholesky(a);
  CHECK(l.data()[1] == 0);
  CHECK(relative_error(math::matmul(l, l, math::Op::none, math::Op::transpose), a) < 1e-6);
  CHECK_THROWS_WITH_AS(linalg::cholesky(Tensor({2, 2}, {1, 2, 2, 1})),
                       "cholesky: a matrix (2, 2) is not positive definite", Error);
  CHECK_THROWS_AS(linalg::cholesky(Tensor({1, 1}, {std::nanf("")})), Error);
  CHECK_THROWS_WITH_AS(linalg::symmetric_eigen(x),
                       "symmetric_eigen: a square matrix is needed, got (5, 8)", Error);
}

TEST_CASE("no singular value is lost of a block of equal elements beside another") {
  Tensor a = math::zeros({79, 79});
  for (Index i = 0; i < 78; ++i) std::fill_n(a.data() + 79 * i, 78, 0x1.a4497ap-7F);
  a.data()[79 * 79 - 1] = 0x1.00071ap+0F;  // Eigen 3.4's BDCSVD finds half of it
  const std::vector<double> s = linalg::singular_values(a);
  CHECK(s[0] == doctest::Approx(78 * 0x1.a4497ap-7));
  CHECK(s[1] == doctest::Approx(0x1.00071ap+0));
  CHECK(s[2] < 1e-12);
  CHECK(dot(a, linalg::polar_factor(a)) == doctest::Approx(s[0] + s[1]));
}

}  // namespace
}  // namespace muonlab::test
