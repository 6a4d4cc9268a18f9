// The invariants that a Newton-Schulz orthogonalization N must keep.
#include "optim/orthogonalize.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include <doctest/doctest.h>

#include "core/linalg.h"
#include "core/math.h"
#include "tests/random.h"

namespace muonlab::test {
namespace {

using math::Op;
using optim::Coefficients;
using optim::orthogonalize;

constexpr auto all_sets = {Coefficients::standard, Coefficients::quintic,
                           Coefficients::polar_express, Coefficients::cubic};

/// One shape for each form of the iteration: twice as many columns as rows, or less.
const std::array both_forms = {Shape{24, 40}, Shape{18, 70}};

/// The scalar that N makes of a singular value s, |g| = 1, in double.
double composed(double s, Coefficients set, int count) {
  const auto steps = optim::steps_of(set);
  for (int i = 0; i < count; ++i) {
    const auto [a, b, c] = steps[std::min<std::size_t>(i, steps.size() - 1)];
    s = a * s + b * s * s * s + c * s * s * s * s * s;
  }
  return s;
}

/// A matrix (m, n) with these singular values and random singular vectors.
Tensor with_singular_values(Index m, Index n, const std::vector<double>& values, Rng& rng) {
  const auto k = static_cast<Index>(values.size());
  const Tensor u = linalg::orthonormal_columns(random_normal({m, k}, rng));
  const Tensor v = linalg::orthonormal_columns(random_normal({n, k}, rng));
  Tensor scaled = u.clone();
  for (Index i = 0; i < m; ++i) {
    for (Index j = 0; j < k; ++j) scaled.data()[i * k + j] *= static_cast<float>(values[j]);
  }
  return math::matmul(scaled, v, Op::none, Op::transpose);
}

/// k values from 1 down to `smallest`, evenly on a logarithmic axis, then divided by their norm;
/// those that end below `smallest` are lifted to it.
std::vector<double> spectrum(int k, double smallest) {
  std::vector<double> values;
  double squares = 0;
  for (int i = 0; i < k; ++i) {
    values.push_back(std::pow(smallest, i / (k - 1.0)));
    squares += values.back() * values.back();
  }
  for (double& value : values) value = std::max(value / std::sqrt(squares), smallest);
  return values;
}

struct Band {
  Coefficients set;
  double low, high, smallest;  // for singular values from `smallest` to 1
};

// Of the composed polynomial after five steps.
constexpr Band bands[] = {
    {Coefficients::standard, 0.682, 1.134, 0.01},
    {Coefficients::quintic, 0.978, 1.032, 0.01},
    {Coefficients::polar_express, 0.859, 1.141, 0.001},
};

TEST_CASE("five steps bring all singular values into the band of the set, for any shape") {
  Rng rng(1);
  for (const Band& band : bands) {
    for (const Shape& shape : {Shape{40, 40}, Shape{20, 300}, Shape{300, 20}, Shape{64, 65}}) {
      const Index m = shape[0];
      const Index n = shape[1];
      const auto k = static_cast<int>(std::min(m, n));
      const Tensor g = with_singular_values(m, n, spectrum(k, 1.1 * band.smallest), rng);
      const auto result = linalg::singular_values(orthogonalize(g, {.coefficients = band.set}));
      CAPTURE(name_of(band.set));
      CAPTURE(m);
      CHECK(result.front() < band.high + 0.001);
      CHECK(result.back() > band.low - 0.001);
    }
  }
}

TEST_CASE("the bands are those of the composed polynomial") {
  for (const Band& band : bands) {
    double low = 2, high = 0;
    for (int i = 0; i <= 100000; ++i) {
      const double s = band.smallest + (1 - band.smallest) * i / 1e5;
      low = std::min(low, composed(s, band.set, 5));
      high = std::max(high, composed(s, band.set, 5));
    }
    CAPTURE(name_of(band.set));
    CHECK(low == doctest::Approx(band.low).epsilon(0.001));
    CHECK(high == doctest::Approx(band.high).epsilon(0.001));
  }
}

TEST_CASE("singular vectors stay: N(g) = U p(S / |g|) V^T, against the decomposition in double") {
  Rng rng(2);
  for (const Coefficients set : all_sets) {
    for (const Shape& shape : {Shape{12, 30}, Shape{30, 12}, Shape{17, 17}}) {
      const std::vector<double> values = spectrum(12, 0.05);
      Rng same(9);
      const Tensor g = with_singular_values(shape[0], shape[1], values, same);
      std::vector<double> expected_values;
      const double norm = math::norm(g);
      for (const double s : values) expected_values.push_back(composed(s / norm, set, 5));
      Rng again(9);
      const Tensor expected = with_singular_values(shape[0], shape[1], expected_values, again);
      CHECK(relative_error(orthogonalize(g, {.coefficients = set}), expected) < 1e-4);
    }
  }
}

TEST_CASE("many cubic steps converge to the polar factor U V^T") {
  Rng rng(3);
  for (const Shape& shape : {Shape{10, 25}, Shape{25, 10}, Shape{16, 16}}) {
    const Tensor g = random_normal(shape, rng);
    const Tensor o = orthogonalize(g, {.steps = 40, .coefficients = Coefficients::cubic});
    CHECK(relative_error(o, linalg::polar_factor(g)) < 1e-4);
  }
}

TEST_CASE("the scale of the input does not matter, its sign does") {
  Rng rng(4);
  for (const Shape& shape : both_forms) {
    const Tensor g = random_normal(shape, rng);
    const Tensor o = orthogonalize(g);
    for (const float c : {1e-12F, 1e-6F, 1e6F, 1e12F, 1e-30F, 1e30F}) {
      CAPTURE(c);
      CHECK(relative_error(orthogonalize(math::scale(c, g)), o) < 1e-5);
      CHECK(relative_error(orthogonalize(math::scale(-c, g)), math::scale(-1, o)) < 1e-5);
    }
  }
}

TEST_CASE("transposing and rotating commute with N") {
  Rng rng(5);
  for (const Shape& shape : both_forms) {
    const Tensor g = random_normal(shape, rng);
    const Tensor o = orthogonalize(g);
    CHECK(relative_error(orthogonalize(math::transpose(g)), math::transpose(o)) < 1e-5);

    const Tensor q = linalg::orthonormal_columns(random_normal({shape[0], shape[0]}, rng));
    const Tensor p = linalg::orthonormal_columns(random_normal({shape[1], shape[1]}, rng));
    const Tensor rotated = orthogonalize(math::matmul(math::matmul(q, g), p));
    CHECK(relative_error(rotated, math::matmul(math::matmul(q, o), p)) < 1e-4);
  }
}

TEST_CASE("zero rows and columns around a matrix change nothing") {
  Rng rng(6);
  for (const Shape& shape : both_forms) {
    const Index m = shape[0];
    const Index n = shape[1];
    const Tensor g = random_normal(shape, rng);
    const Tensor wider = math::concatenate({g, math::zeros({m, 5})}, 1);
    const Tensor o = orthogonalize(math::concatenate({wider, math::zeros({3, n + 5})}, 0));
    CHECK(relative_error(math::slice(math::slice(o, 0, 0, m), 1, 0, n), orthogonalize(g)) < 1e-5);
    CHECK(math::norm(math::slice(o, 0, m, m + 3)) == 0);
  }
}

TEST_CASE("zero gives exactly zero") {
  for (const Coefficients set : all_sets) {
    for (const Shape& shape : both_forms) {
      CHECK(math::norm(orthogonalize(math::zeros(shape), {.coefficients = set})) == 0);
    }
  }
}

TEST_CASE("a matrix of rank 1 keeps its sign and its null space, with every set") {
  Rng rng(7);
  for (const Coefficients set : all_sets) {
    for (int i = 0; i < 20; ++i) {
      const Shape& shape = both_forms[i % 2];
      const Tensor g =
          math::matmul(random_normal({shape[0], 1}, rng), random_normal({1, shape[1]}, rng));
      const Tensor o = orthogonalize(g, {.coefficients = set});
      CHECK(dot(g, o) > 0);
      CHECK(linalg::singular_values(o)[1] < 1e-3);
    }
  }
}

TEST_CASE("a row or a column becomes a vector of length p(1)") {
  Rng rng(8);
  const double p1 = composed(1, Coefficients::standard, 5);
  for (const Shape& shape : {Shape{1, 50}, Shape{50, 1}, Shape{1, 1}}) {
    const Tensor g = random_normal(shape, rng);
    const Tensor expected = math::scale(static_cast<float>(p1 / math::norm(g)), g);
    CHECK(relative_error(orthogonalize(g), expected) < 1e-5);
  }
}

TEST_CASE("what is not finite stays visible, and the input is not modified") {
  Rng rng(9);
  for (const Shape& shape : both_forms) {
    Tensor g = random_normal(shape, rng);
    const Tensor before = g.clone();
    orthogonalize(g);
    CHECK(relative_error(g, before) == 0);
    g.data()[7] = std::numeric_limits<float>::quiet_NaN();
    CHECK_FALSE(math::all_finite(orthogonalize(g)));
    g.data()[7] = std::numeric_limits<float>::infinity();
    CHECK_FALSE(math::all_finite(orthogonalize(g)));
  }
}

TEST_CASE("orthogonalize says what it needs") {
  CHECK_THROWS_WITH_AS(orthogonalize(Tensor({3})), "orthogonalize: a matrix is needed, got (3)",
                       Error);
  CHECK_THROWS_WITH_AS(orthogonalize(Tensor({3, 3}), {.steps = 0}),
                       "orthogonalize: at least 1 step is needed, got 0", Error);
}

}  // namespace
}  // namespace muonlab::test
