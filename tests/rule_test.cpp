#include "muonlab/optim/rule.h"

#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "muonlab/core/math.h"
#include "muonlab/optim/orthogonalize.h"
#include "muonlab/optim/rules.h"
#include "tests/random.h"

namespace muonlab::test {
namespace {

using optim::MatrixRule;
using optim::Rule;

constexpr float lr = 0.1F;

/// u = u / (1 + n) in the n-th step of a matrix, which it keeps in a tensor of one number that
/// starts at 1.
class Slower final : public optim::Stage {
 public:
  const char* name() const override { return "slower"; }
  std::vector<optim::Kept> keeps(Index /*rows*/, Index /*columns*/) const override {
    return {{.name = "divisor", .shape = {1, 1}, .start = 1}};
  }
  void operator()(optim::Matrices& m, std::span<Tensor> kept) const override {
    math::combine(1, kept[0], 1, math::full(kept[0].shape(), 1), kept[0]);
    m.u = math::div(m.u, kept[0]);
  }
};

Rule slower() {
  return {.name = "slower",
          .stages = {std::make_shared<optim::MomentumStage>(0.0F, false, optim::Momentum::sum),
                     std::make_shared<Slower>()}};
}

nn::Parameter parameter(const std::string& name, const Shape& shape, Rng& rng) {
  return {.name = name,
          .variable = Variable(random_normal(shape, rng), true),
          .role = nn::Role::hidden};
}

void set_gradients(nn::Parameters& parameters, Rng& rng) {
  for (nn::Parameter& p : parameters) p.variable.set_grad(random_normal(p.variable.shape(), rng));
}

TEST_CASE("a stage of one's own rewrites updates, and what it keeps is saved by name") {
  Rng rng(1);
  nn::Parameters parameters = {parameter("a", {2, 3}, rng), parameter("filters", {2, 3, 1, 1}, rng),
                               parameter("b", {3, 2}, rng)};
  MatrixRule optimizer(parameters, slower(), lr);
  const optim::State state = optimizer.state();
  REQUIRE(state.tensors.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(state.tensors[i].name == "divisor." + parameters[i].name);
    CHECK(state.tensors[i].tensor.shape() == Shape{1, 1});
    CHECK(state.tensors[i].tensor.item() == 1);
    CHECK_FALSE(state.tensors[i].is_momentum);
  }
  for (int step = 1; step <= 3; ++step) {
    set_gradients(parameters, rng);
    std::vector<Tensor> expected;
    for (const nn::Parameter& p : parameters) {
      const Tensor u = math::scale(1 / static_cast<float>(1 + step), *p.variable.grad());
      expected.push_back(math::sub(p.variable.value(), math::scale(lr, u)));
    }
    optimizer.step();
    for (std::size_t i = 0; i < 3; ++i) {
      CHECK(relative_error(parameters[i].variable.value(), expected[i]) < 1e-6);
      CHECK(state.tensors[i].tensor.item() == 1 + static_cast<float>(step));
    }
  }
}

void check_left_alone(const Rule& rule) {
  Rng rng(2);
  nn::Parameters parameters;
  for (const char* name : {"a", "b", "c", "d"}) parameters.push_back(parameter(name, {3, 4}, rng));
  MatrixRule optimizer(parameters, rule, lr);
  set_gradients(parameters, rng);
  optimizer.step();
  set_gradients(parameters, rng);
  parameters[1].variable.zero_grad();
  const optim::State state = optimizer.state();
  std::vector<Tensor> before;
  for (const auto& named : state.tensors) before.push_back(named.tensor.clone());
  const Tensor b = parameters[1].variable.value().clone();
  optimizer.step();
  CHECK(relative_error(parameters[1].variable.value(), b) == 0);
  for (std::size_t i = 0; i < before.size(); ++i) {
    CAPTURE(state.tensors[i].name);
    const bool is_same = relative_error(state.tensors[i].tensor, before[i]) == 0;
    CHECK(is_same == (state.tensors[i].parameter == "b"));
  }
}

/// One optimizer for more matrices than are worked on at a time, and one for each, of which the
/// first goes on in another.
void check_alone(const Rule& rule) {
  Rng rng(3);
  nn::Parameters together;
  const Shape shape{70, 80};
  const auto count = optim::stack_size(shape, Device::cpu) + 2;
  for (std::size_t i = 0; i < count; ++i) {
    together.push_back(parameter("w" + std::to_string(i), shape, rng));
  }
  nn::Parameters apart;
  for (const nn::Parameter& p : together) {
    apart.push_back({p.name, Variable(p.variable.value().clone(), true), p.role});
  }
  MatrixRule all(together, rule, lr);
  std::vector<std::unique_ptr<MatrixRule>> each;
  for (const nn::Parameter& p : apart) {
    each.push_back(std::make_unique<MatrixRule>(nn::Parameters{p}, rule, lr));
  }
  for (int step = 0; step < 2; ++step) {
    set_gradients(together, rng);
    for (std::size_t i = 0; i < count; ++i) {
      apart[i].variable.set_grad(together[i].variable.grad()->clone());
    }
    all.step();
    for (const auto& one : each) one->step();
    for (std::size_t i = 0; i < count; ++i) {
      CHECK(relative_error(apart[i].variable.value(), together[i].variable.value()) == 0);
    }
    if (step == 0) {
      const optim::State state = each[0]->state();
      each[0] = std::make_unique<MatrixRule>(nn::Parameters{apart[0]}, rule, lr);
      each[0]->load_state(state);
    }
  }
}

TEST_CASE("every rule leaves a matrix without a gradient alone, also between others of its shape") {
  for (const optim::NamedRule& named : optim::named_rules()) {
    CAPTURE(named.name);
    check_left_alone(optim::rule_named(named.name));
  }
}

TEST_CASE(
    "every rule moves matrices alike alone and beside others, and when its state was loaded") {
  for (const optim::NamedRule& named : optim::named_rules()) {
    CAPTURE(named.name);
    check_alone(optim::rule_named(named.name, {.weight_decay = 0.1F}));
  }
}

TEST_CASE("what comes after the step sees all weights moved") {
  Rng rng(4);
  nn::Parameters parameters = {parameter("a", {2, 3}, rng), parameter("b", {3, 3}, rng)};
  Rule rule = slower();
  int calls = 0;
  rule.after = [&calls](const nn::Parameters& moved) {
    ++calls;
    for (const nn::Parameter& p : moved) {
      Variable weights = p.variable;
      math::combine(0, weights.value(), 0, weights.value(), weights.value());
    }
  };
  MatrixRule optimizer(parameters, rule, lr);
  set_gradients(parameters, rng);
  optimizer.step();
  CHECK(calls == 1);
  for (const nn::Parameter& p : parameters) CHECK(math::norm(p.variable.value()) == 0);
}

TEST_CASE("rules are found by name, and one without stages is refused") {
  for (const optim::NamedRule& named : optim::named_rules()) {
    CAPTURE(named.name);
    const Rule rule = optim::rule_named(named.name);
    CHECK(rule.name == named.name);
    CHECK_FALSE(named.about.empty());
  }
  CHECK(optim::rule_named("muon").operations(64, 128).written ==
        5 * (4 * 64 * 64 * 128 + 2 * 64 * 64 * 64));
  CHECK_THROWS_WITH_AS(optim::rule_named("moun"), "there is no rule called 'moun'", Error);
  Rng rng(5);
  CHECK_THROWS_WITH_AS(
      MatrixRule({parameter("a", {2, 2}, rng)}, {.name = "none", .stages = {}}, lr),
      "none: a rule has at least one stage", Error);
}

}  // namespace
}  // namespace muonlab::test
