#include <cmath>

#include <doctest/doctest.h>

#include "muonlab/autograd/functions.h"
#include "muonlab/core/math.h"
#include "muonlab/core/threads.h"
#include "tests/random.h"

namespace muonlab::test {
namespace {

TEST_CASE("matmul: gradients are dy b^T and a^T dy") {
  const Variable a(Tensor({1, 2}, {1, 2}), true);
  const Variable b(Tensor({2, 1}, {3, 4}), true);
  matmul(a, b).backward();
  CHECK(a.grad()->data()[0] == 3);
  CHECK(a.grad()->data()[1] == 4);
  CHECK(b.grad()->data()[0] == 1);
  CHECK(b.grad()->data()[1] == 2);
}

TEST_CASE("a variable used twice receives both gradients") {
  const Variable a(Tensor({1, 1}, {3}), true);
  matmul(a, a).backward();
  CHECK(a.grad()->item() == 6);
}

TEST_CASE("gradients add up over backward passes until zero_grad") {
  Variable a(Tensor({}, {2}), true);
  square(a).backward();
  square(a).backward();
  CHECK(a.grad()->item() == 8);
  a.zero_grad();
  CHECK_FALSE(a.grad().has_value());
}

TEST_CASE("a gradient that reaches two leaves is not shared between them") {
  const Variable a(Tensor({}, {2}), true);
  const Variable b(Tensor({}, {3}), true);
  (a + b).backward();
  (2.0F * a).backward();
  CHECK(a.grad()->item() == 3);
  CHECK(b.grad()->item() == 1);
}

TEST_CASE("200,000 ops deep, backward does not overflow the stack") {
  const Variable x(Tensor({}, {0.5F}), true);
  Variable y = x;
  for (int i = 0; i < 200000; ++i) y = tanh(y);
  y.backward();
  CHECK(x.grad().has_value());
}

TEST_CASE("200,000 ops deep, a graph that is dropped does not overflow the stack") {
  Variable y(Tensor({}, {0.5F}), true);
  for (int i = 0; i < 200000; ++i) y = tanh(y);
  CHECK(y.requires_grad());
}

TEST_CASE("nothing is recorded while a NoGrad lives") {
  const Variable a(Tensor({}, {2}), true);
  {
    const NoGrad no_grad;
    CHECK_FALSE(square(a).requires_grad());
  }
  CHECK(square(a).requires_grad());
}

TEST_CASE("backward says what is wrong") {
  const Variable constant(Tensor({}, {2}));
  const Variable leaf(Tensor({2}, {1, 2}), true);
  const Variable loss = sum(leaf);
  loss.backward();
  CHECK_THROWS_WITH_AS(constant.backward(),
                       "backward: nothing below this variable requires a gradient", Error);
  CHECK_THROWS_WITH_AS(leaf.backward(), "backward: needs a single number, got shape (2)", Error);
  CHECK_THROWS_WITH_AS(loss.backward(),
                       "backward: this graph was already used; compute the loss again", Error);
  CHECK_THROWS_WITH_AS((2.0F * loss).backward(),
                       "scale: an input's graph was already used by another backward", Error);
}

TEST_CASE("a pullback that returns another shape is caught") {
  const Variable x(Tensor({2}, {1, 2}), true);
  const auto wrong = [](const Tensor&) { return Tensor({3}); };
  const Variable y = record("wrong", Tensor({}, {1}), {{x, wrong}});
  CHECK_THROWS_WITH_AS(y.backward(), "wrong: pullback returned (3) for an input of shape (2)",
                       Error);
}

TEST_CASE("a joint pullback is called once, for the gradients of all inputs") {
  const Variable a(Tensor({2}, {1, 2}), true);
  const Variable b(Tensor({2}, {3, 4}));
  const Variable c(Tensor({2}, {5, 6}), true);
  int calls = 0;
  const auto pullback = [&calls](const Tensor& dy) {
    ++calls;
    return std::vector{math::scale(2, dy), Tensor(), math::scale(3, dy)};
  };
  sum(record("joint", math::full({2}, 0), {a, b, c}, pullback)).backward();
  CHECK(calls == 1);
  CHECK(values(*a.grad()) == std::vector<float>{2, 2});
  CHECK_FALSE(b.grad());
  CHECK(values(*c.grad()) == std::vector<float>{3, 3});

  const Variable few = sum(
      record("few", math::full({2}, 0), {a, c}, [](const Tensor& dy) { return std::vector{dy}; }));
  CHECK_THROWS_WITH_AS(few.backward(),
                       "backward: few: the joint pullback returned 1 gradients, expected 2", Error);
}

TEST_CASE("who watches a weight sees inputs and the gradients of outputs, until it ends") {
  Rng rng(4);
  Variable w(random_normal({3, 4}, rng), true);
  const Variable x(random_normal({2, 5, 4}, rng));
  int calls = 0;
  const auto loss = [&] { return sum(square(linear(x, w))); };
  w.watch([&](const Tensor& inputs, const Tensor& gradients) {
    ++calls;
    CHECK(inputs.shape() == Shape{10, 4});
    CHECK(gradients.shape() == Shape{10, 3});
    // What they make is the weight's own gradient.
    const Tensor dw = math::matmul(gradients, inputs, kernel::Op::transpose);
    Variable again(w.value(), true);
    sum(square(linear(x, again))).backward();
    CHECK(relative_error(dw, *again.grad()) < 1e-6);
  });
  loss().backward();
  CHECK(calls == 1);
  w.watch({});
  loss().backward();
  CHECK(calls == 1);

  Variable filters(random_normal({2, 1, 3, 3}, rng), true);
  const Variable images(random_normal({4, 1, 5, 5}, rng));
  filters.watch([&](const Tensor& inputs, const Tensor& gradients) {
    ++calls;
    CHECK(inputs.shape() == images.shape());
    CHECK(gradients.shape() == Shape{4, 2, 3, 3});
  });
  sum(conv2d(images, filters)).backward();
  CHECK(calls == 2);
}

TEST_CASE("ops say what does not fit") {
  const Variable ones(math::full({2, 3}, 1));
  const Variable row(math::full({3}, 1));
  CHECK_THROWS_WITH_AS(layer_norm(ones, row, row, -1.0F),
                       "layer_norm: eps cannot be negative, got -1", Error);
  CHECK_THROWS_WITH_AS(group_norm(ones, 1, row, row, -1.0F),
                       "group_norm: eps cannot be negative, got -1", Error);
  const Variable x(Tensor({2, 3}, {1, 2, 3, 4, 5, 6}));
  Rng rng(0);
  CHECK_THROWS_WITH_AS(linear(x, Variable(Tensor({4, 2}))),
                       "linear: weight (4, 2) needs 2 features, got (2, 3)", Error);
  CHECK_THROWS_WITH_AS(linear(x, Variable(Tensor({4, 3})), Variable(Tensor({3}))),
                       "linear: weight (4, 3) needs a bias of shape (4), got (3)", Error);
  CHECK_THROWS_WITH_AS(layer_norm(x, Variable(Tensor({2})), Variable(Tensor({3}))),
                       "layer_norm: (2, 3) needs gain and bias of shape (3), got (2) and (3)",
                       Error);
  CHECK_THROWS_WITH_AS(dropout(x, 1, rng), "dropout: p must be within [0, 1), got 1", Error);
  CHECK_THROWS_WITH_AS(embedding(x, Integers({2}, {0, 2})),
                       "embedding: index 2 at position 1 is not within [0, 2)", Error);
  CHECK_THROWS_WITH_AS(cross_entropy(x, Integers({2}, {0, 3})),
                       "cross_entropy: label 3 at position 1 is not within [0, 3)", Error);
  CHECK_THROWS_WITH_AS(cross_entropy(x, Integers({1}, {0})),
                       "cross_entropy: logits (2, 3) need 2 labels, got (1)", Error);
}

TEST_CASE("cross entropy of equal logits is log(classes), and survives huge ones") {
  const Variable equal(math::zeros({2, 10}));
  CHECK(cross_entropy(equal, Integers({2}, {3, 7})).value().item() ==
        doctest::Approx(std::log(10)));
  const Variable huge(Tensor({1, 2}, {1e4F, -1e4F}));
  CHECK(cross_entropy(huge, Integers({1}, {1})).value().item() == doctest::Approx(2e4));
}

TEST_CASE("dropout keeps the mean, and the same mask for any number of threads") {
  const Variable ones(math::full({1000, 1000}, 1));
  Tensor first;
  for (const int count : {1, 2}) {
    set_threads(count);
    Rng rng(5);
    const Tensor y = dropout(ones, 0.3F, rng).value();
    CHECK(math::sum(y).item() / 1e6 == doctest::Approx(1).epsilon(0.005));
    if (count == 1) first = y;
    CHECK(math::norm(math::sub(y, first)) == 0);
  }
}

}  // namespace
}  // namespace muonlab::test
