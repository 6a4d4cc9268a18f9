#include <algorithm>
#include <cmath>

#include <doctest/doctest.h>

#include "tests/op_cases.h"
#include "tests/random.h"

namespace muonlab::test {
namespace {

Tensor moved(const Tensor& x, double h, const Tensor& direction) {
  Tensor t(x.shape());
  for (Index i = 0; i < t.count(); ++i) {
    t.data()[i] = static_cast<float>(x.data()[i] + h * direction.data()[i]);
  }
  return t;
}

/// Relative error between backward() and a five-point finite difference of the loss <op(x),
/// weights> along a random direction of input `which`. Outputs are float32 and the loss is summed
/// in double.
double gradient_error(const OpCase& c, std::size_t which) {
  Rng rng(42, which);
  std::vector<Tensor> x = random_inputs(c, rng);
  const Tensor direction = random_uniform(c.inputs[which], -1, 1, rng);

  std::vector<Variable> leaves;
  for (const Tensor& t : x) leaves.emplace_back(t, true);
  const Variable y = c.op(leaves);
  const Tensor weights = random_uniform(y.shape(), 0.2F, 1, rng);
  sum(y * Variable(weights)).backward();
  const double expected = dot(*leaves[which].grad(), direction);

  const Tensor start = x[which];
  const auto loss = [&](double h) {
    x[which] = moved(start, h, direction);
    std::vector<Variable> inputs;
    for (const Tensor& t : x) inputs.emplace_back(t);
    return dot(c.op(inputs).value(), weights);
  };
  constexpr double h = 0.02;  // the formula's own error is of order h^4, rounding's of 1e-7 / h
  const double numeric = (8 * (loss(h) - loss(-h)) - (loss(2 * h) - loss(-2 * h))) / (12 * h);
  return std::abs(numeric - expected) / std::abs(expected);
}

TEST_CASE("every op: backward agrees with finite differences for every input") {
  double worst = 0;
  for (const OpCase& c : op_cases) {
    for (std::size_t i = 0; i < c.inputs.size(); ++i) {
      CAPTURE(c.name);
      CAPTURE(i);
      const double error = gradient_error(c, i);
      CHECK(error < 1e-3);
      worst = std::max(worst, error);
    }
  }
  MESSAGE("largest relative error of a gradient: ", worst);
}

TEST_CASE("every op: every input that requires a gradient receives one that is not zero") {
  for (const OpCase& c : op_cases) {
    CAPTURE(c.name);
    Rng rng(7);
    std::vector<Variable> leaves;
    for (const Tensor& t : random_inputs(c, rng)) leaves.emplace_back(t, true);
    const Variable y = c.op(leaves);
    sum(y * Variable(random_uniform(y.shape(), 0.2F, 1, rng))).backward();
    for (const Variable& leaf : leaves) {
      REQUIRE(leaf.grad().has_value());
      CHECK(dot(*leaf.grad(), *leaf.grad()) > 0);
    }
  }
}

TEST_CASE("every op: nothing is recorded when no input requires a gradient") {
  for (const OpCase& c : op_cases) {
    CAPTURE(c.name);
    Rng rng(7);
    std::vector<Variable> inputs;
    for (const Tensor& t : random_inputs(c, rng)) inputs.emplace_back(t);
    CHECK_FALSE(c.op(inputs).requires_grad());
  }
}

}  // namespace
}  // namespace muonlab::test
