// The invariants that a Newton-Schulz orthogonalization N must keep.
#include "muonlab/optim/orthogonalize.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include <doctest/doctest.h>

#include "muonlab/core/linalg.h"
#include "muonlab/core/math.h"
#include "tests/random.h"
#include "tests/spectra.h"

namespace muonlab::test {
namespace {

using optim::Coefficients;
using optim::Form;

/// In float32, in which the invariants hold up to rounding.
Tensor orthogonalize(const Tensor& g, optim::OrthogonalizeOptions options = {}) {
  options.precision = Precision::float32;
  return optim::orthogonalize(g, options);
}

/// A shape for each form of the products.
struct Way {
  Shape shape;
  Form form;
};
const std::array ways = {Way{{24, 40}, Form::symmetric}, Way{{18, 70}, Form::gram},
                         Way{{20, 30}, Form::plain}};

TEST_CASE("singular vectors stay: N(g) = U p(S / |g|) V^T, against the decomposition in double") {
  Rng rng(2);
  for (const Coefficients set : optim::all_coefficients()) {
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
  for (const auto& [shape, form] : ways) {
    const Tensor g = random_normal(shape, rng);
    const Tensor o = orthogonalize(g, {.form = form});
    for (const float c : {1e-12F, 1e-6F, 1e6F, 1e12F, 1e-30F, 1e30F}) {
      CAPTURE(c);
      CHECK(relative_error(orthogonalize(math::scale(c, g), {.form = form}), o) < 1e-5);
      CHECK(relative_error(orthogonalize(math::scale(-c, g), {.form = form}), math::scale(-1, o)) <
            1e-5);
    }
  }
}

TEST_CASE("from the smallest denormal number to the largest float, the scale does not matter") {
  const float most = std::numeric_limits<float>::max();
  const float least = std::numeric_limits<float>::denorm_min();
  Rng rng(4);
  for (const auto& [shape, form] : ways) {
    Tensor g(shape);  // of multiples of the largest over 2^10, so that 2^-260 leaves integers
    for (float& x : g.values()) x = std::ldexp(static_cast<float>(rng.below(1025) - 512), 118);
    const Tensor o = orthogonalize(g, {.form = form});
    for (int power = 0; power >= -267; power -= 89) {
      CAPTURE(power);
      Tensor small = g.clone();
      for (float& x : small.values()) x = std::ldexp(x, power);
      CHECK(values(orthogonalize(small, {.form = form})) == values(o));
    }
    CHECK(math::norm(math::zeros(shape)) == 0);
  }
  for (const Coefficients set : optim::all_coefficients()) {
    const double p1 = composed(1, set, 5);
    for (const float x : {least, -least, 1e-40F, -1e-38F, most, -most}) {
      CAPTURE(x);
      const double o = orthogonalize(math::full({1, 1}, x), {.coefficients = set}).item();
      CHECK(o == doctest::Approx(std::copysign(p1, x)).epsilon(1e-3));
      const Tensor all = orthogonalize(math::full({7, 5}, x), {.coefficients = set});
      CHECK(all.data()[3] * std::sqrt(35) == doctest::Approx(o).epsilon(1e-3));
    }
  }
}

TEST_CASE("transposing and rotating commute with N") {
  Rng rng(5);
  for (const auto& [shape, form] : ways) {
    const Tensor g = random_normal(shape, rng);
    const Tensor o = orthogonalize(g, {.form = form});
    CHECK(relative_error(orthogonalize(math::transpose(g), {.form = form}), math::transpose(o)) <
          1e-5);

    const Tensor q = linalg::orthonormal_columns(random_normal({shape[0], shape[0]}, rng));
    const Tensor p = linalg::orthonormal_columns(random_normal({shape[1], shape[1]}, rng));
    const Tensor rotated = orthogonalize(math::matmul(math::matmul(q, g), p), {.form = form});
    CHECK(relative_error(rotated, math::matmul(math::matmul(q, o), p)) < 1e-4);
  }
}

TEST_CASE("zero rows and columns around a matrix change nothing") {
  Rng rng(6);
  for (const auto& [shape, form] : ways) {
    const Index m = shape[0];
    const Index n = shape[1];
    const Tensor g = random_normal(shape, rng);
    const Tensor wider = math::concatenate({g, math::zeros({m, 5})}, 1);
    const Tensor o =
        orthogonalize(math::concatenate({wider, math::zeros({3, n + 5})}, 0), {.form = form});
    CHECK(relative_error(math::slice(math::slice(o, 0, 0, m), 1, 0, n),
                         orthogonalize(g, {.form = form})) < 1e-5);
    CHECK(math::norm(math::slice(o, 0, m, m + 3)) == 0);
  }
}

TEST_CASE("zero gives exactly zero") {
  for (const Coefficients set : optim::all_coefficients()) {
    for (const auto& [shape, form] : ways) {
      CHECK(math::norm(orthogonalize(math::zeros(shape), {.coefficients = set, .form = form})) ==
            0);
    }
  }
}

TEST_CASE("a matrix of rank 1 keeps its sign and its null space, with every set") {
  Rng rng(7);
  for (const Coefficients set : optim::all_coefficients()) {
    for (int i = 0; i < 21; ++i) {
      const auto& [shape, form] = ways[i % ways.size()];
      const Tensor g =
          math::matmul(random_normal({shape[0], 1}, rng), random_normal({1, shape[1]}, rng));
      const Tensor o = orthogonalize(g, {.coefficients = set, .form = form});
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
  for (const auto& [shape, form] : ways) {
    Tensor g = random_normal(shape, rng);
    const Tensor before = g.clone();
    orthogonalize(g, {.form = form});
    CHECK(relative_error(g, before) == 0);
    g.data()[7] = std::numeric_limits<float>::quiet_NaN();
    CHECK_FALSE(math::all_finite(orthogonalize(g, {.form = form})));
    g.data()[7] = std::numeric_limits<float>::infinity();
    CHECK_FALSE(math::all_finite(orthogonalize(g, {.form = form})));
  }
}

TEST_CASE("orthogonalize says what it needs") {
  CHECK_THROWS_WITH_AS(orthogonalize(Tensor({3})), "orthogonalize: a matrix is needed, got (3)",
                       Error);
  CHECK_THROWS_WITH_AS(orthogonalize(Tensor({3, 3}), {.steps = 0}),
                       "orthogonalize: at least 1 step is needed, got 0", Error);
  const std::vector<Tensor> mixed = {Tensor({3, 3}), Tensor({3, 4})};
  CHECK_THROWS_WITH_AS(optim::orthogonalize(mixed),
                       "orthogonalize: matrices of one shape are needed, got (3, 4), "
                       "expected (3, 3)",
                       Error);
}

}  // namespace
}  // namespace muonlab::test
