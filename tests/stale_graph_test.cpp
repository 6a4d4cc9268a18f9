// What happens between recording and backward(): writes that a gradient needs are noticed, and
// nothing else is.
#include <functional>
#include <string>

#include <doctest/doctest.h>

#include "muonlab/core/math.h"
#include "muonlab/nn/checkpoint.h"
#include "muonlab/nn/layers.h"
#include "muonlab/optim/adam.h"
#include "muonlab/optim/hybrid.h"
#include "muonlab/optim/muon.h"
#include "muonlab/optim/sgd.h"
#include "tests/folder.h"
#include "tests/op_cases.h"
#include "tests/random.h"

namespace muonlab::test {
namespace {

/// What backward() complains of, "" if of nothing.
std::string complaint(const Variable& loss) {
  try {
    loss.backward();
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

std::string stale(const std::string& op, const std::string& shape) {
  return "backward: " + op + ": an array of shape " + shape +
         " was written after it was recorded, by a step of an optimizer or by values() or data() "
         "that are not const; compute the loss again before backward()";
}

Variable parameter(Shape shape, float value) { return Variable(math::full(shape, value), true); }

TEST_CASE("a step between forward and a second backward is an error that says what to do") {
  Variable w(Tensor({1, 1}, {3}), true), x(Tensor({1, 1}, {1}));
  optim::Sgd sgd({{"w", w, nn::Role::hidden}}, {.lr = 1});
  const Variable first = sum(matmul(matmul(x, w), w)), second = sum(matmul(matmul(x, w), w));
  first.backward();
  CHECK(w.grad()->item() == 6);
  sgd.step();
  sgd.zero_grad();
  CHECK_THROWS_WITH_AS(second.backward(), stale("matmul", "(1, 1)").c_str(), Error);
  sgd.zero_grad();
  sum(matmul(matmul(x, w), w)).backward();  // as the message says
  CHECK(w.grad()->item() == -6);
}

TEST_CASE("whatever writes into a weight is noticed") {
  const Folder folder;
  nn::Sequential model;
  Rng rng(1);
  model.then<nn::Linear>(3, 3, rng).mark(nn::Role::head);
  model.then<nn::Linear>(3, 2, rng);
  const auto file = folder.path / "model.safetensors";
  nn::save(model, file);
  nn::Parameters parameters = model.parameters();
  Variable& w = parameters[2].variable;
  const Variable x(math::full({1, 3}, 0.5F));
  for (nn::Parameter& p : parameters) p.variable.set_grad(math::full(p.variable.shape(), 1));
  optim::AdamW adamw(parameters);
  optim::Muon muon({parameters[0], parameters[2]});
  optim::Hybrid hybrid(parameters, {optim::use<optim::Muon>({nn::Role::hidden}),
                                    optim::use<optim::Sgd>({nn::Role::head, nn::Role::bias})});
  const std::vector<std::function<void()>> writes = {
      [&] { adamw.step(); },
      [&] { muon.step(); },
      [&] { hybrid.step(); },
      [&] { nn::load(model, file); },
      [&] {
        w.value().copy_from(math::zeros({2, 3}));
      },
      [&] { w.value().values()[0] = 1; },
      [&] { w.value().reshape({6}).slice(2, 4).data()[0] = 1; },
      [&] { math::combine(1, w.value(), 1, w.value(), w.value()); },
  };
  for (std::size_t i = 0; i < writes.size(); ++i) {
    CAPTURE(i);
    const Variable loss = sum(model(x));
    writes[i]();
    CHECK(complaint(loss) == stale("linear", "(2, 3)"));
  }
}

TEST_CASE("a step is fine where the gradient does not need the weight") {
  Variable w = parameter({2, 2}, 3), x = parameter({2, 2}, 1);
  const auto step = [&w] { w.value().values()[0] = 7; };
  const Integers rows({2}, {0, 1});
  const std::vector<std::function<Variable()>> losses = {
      [&] { return sum(w + x); },
      [&] { return sum(x - w); },
      [&] { return sum(2.0F * w); },
      [&] {
        return mean(reshape(permute(w, {1, 0}), {4}));
      },
      [&] {
        return sum(concatenate({slice(w, 0, 0, 1), x}, 0));
      },
      [&] { return sum(embedding(w, rows)); },
      [&] { return sum(exp(w)) + sum(tanh(w)) + sum(sigmoid(w)) + sum(sqrt(w)); },
      [&] { return sum(softmax(w)) + cross_entropy(w, rows); },
      [&] {
        return sum(max_pool2d(reshape(w, {1, 1, 2, 2}), {.size = 2}));
      },
      [&] {
        return sum(matmul(Variable(math::full({2, 2}, 1)), w));
      },  // only w's gradient
      [&] {
        return sum(linear(Variable(math::full({2, 2}, 1)), w));
      },
      [&] {
        return sum(Variable(math::full({2, 2}, 1)) * w);
      },
  };
  for (std::size_t i = 0; i < losses.size(); ++i) {
    CAPTURE(i);
    const Variable loss = losses[i]();
    step();
    CHECK(complaint(loss) == "");
    CHECK(w.grad().has_value());
    w.zero_grad();
  }
}

TEST_CASE("reading a weight, replacing it and training on is no write to what was recorded") {
  Variable w = parameter({2, 2}, 3), x = parameter({2, 2}, 1);
  const Variable loss = sum(matmul(x, w) * w);
  const Tensor& reader = w.value();
  CHECK(reader.data()[0] + reader.values()[1] == 6);
  CHECK(values(w.value()) == values(w.value().clone()));
  CHECK(math::norm(w.value()) == 6);
  w.set_grad(math::zeros({2, 2}));
  const Variable other = sum(square(w) + relu(w));
  other.backward();
  w.zero_grad();
  w.value() = math::zeros({2, 2});  // the recording keeps the old memory
  loss.backward();
  CHECK(values(*x.grad()) == std::vector<float>(4, 18));
}

TEST_CASE("inputs, labels and outputs that are overwritten are noticed, too") {
  Tensor x = math::full({2, 2}, 1);
  Integers labels({2}, {0, 1});
  const Variable w = parameter({2, 2}, 3);
  const Variable product = sum(matmul(Variable(x), w));
  x.values()[0] = 2;
  CHECK(complaint(product) == stale("matmul", "(2, 2)"));
  const Variable loss = cross_entropy(w, labels);
  labels.values()[0] = 1;
  CHECK(complaint(loss) == stale("cross_entropy", "(2)"));
  Variable y = exp(w);
  y.value().values()[0] = 0;
  CHECK(complaint(sum(y)) == stale("exp", "(2, 2)"));
}

TEST_CASE("evaluation, then training, then the gradient of the evaluation") {
  nn::BatchNorm2d norm(1);
  const Variable x(math::full({2, 1, 2, 2}, 1), true);
  norm.eval();
  const Variable loss = sum(square(norm(x)));
  norm.train();
  norm(Variable(math::full({2, 1, 2, 2}, 5)));  // moves the running statistics
  CHECK(complaint(loss) == "");
}

TEST_CASE("no op takes another forward pass for a write") {
  for (const OpCase& c : op_cases) {
    CAPTURE(c.name);
    Rng rng(3);
    std::vector<Variable> inputs;
    for (const Tensor& input : random_inputs(c, rng)) inputs.emplace_back(input, true);
    const Variable first = sum(c.op(inputs));
    c.op(inputs);
    CHECK(complaint(first) == "");
  }
}

}  // namespace
}  // namespace muonlab::test
