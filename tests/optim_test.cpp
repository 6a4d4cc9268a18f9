#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "muonlab/core/math.h"
#include "muonlab/nn/layers.h"
#include "muonlab/optim/adam.h"
#include "muonlab/optim/clip.h"
#include "muonlab/optim/hybrid.h"
#include "muonlab/optim/muon.h"
#include "muonlab/optim/schedule.h"
#include "muonlab/optim/sgd.h"
#include "tests/random.h"

namespace muonlab::test {
namespace {

using nn::Role;

nn::Parameter parameter(const std::string& name, Tensor value, Role role = Role::hidden) {
  return {name, Variable(std::move(value), true), role};
}

/// One step of `optimizer` with these gradients.
void step(optim::Optimizer& optimizer, nn::Parameters& parameters, const std::vector<Tensor>& g) {
  for (std::size_t i = 0; i < g.size(); ++i) parameters[i].variable.set_grad(g[i]);
  optimizer.step();
}

TEST_CASE("sgd: a step by hand, with momentum, Nesterov and L2") {
  nn::Parameters p = {parameter("w", Tensor({1}, {1}))};
  optim::Sgd sgd(p, {.lr = 0.1F, .momentum = 0.5F, .weight_decay = 0.2F, .nesterov = true});
  step(sgd, p, {Tensor({1}, {1})});  // g = 1.2, b = 1.2, w -= 0.1 * (1.2 + 0.6)
  CHECK(p[0].variable.value().item() == doctest::Approx(0.82));
  step(sgd, p, {Tensor({1}, {1})});  // g = 1.164, b = 1.764, w -= 0.1 * (1.164 + 0.882)
  CHECK(p[0].variable.value().item() == doctest::Approx(0.6154));
}

TEST_CASE("adam: the first step moves by the rate against the gradient's sign") {
  nn::Parameters p = {parameter("w", Tensor({2}, {1, 1}))};
  optim::Adam adam(p, {.lr = 0.01F});
  step(adam, p, {Tensor({2}, {3, -0.001F})});
  CHECK(p[0].variable.value().data()[0] == doctest::Approx(0.99));
  CHECK(p[0].variable.value().data()[1] == doctest::Approx(1.01));
}

TEST_CASE("decoupled decay uses the unadjusted rate, and comes before the update") {
  const Tensor g = math::full({4, 1}, 1);
  nn::Parameters a = {parameter("w", math::full({4, 1}, 1))};
  nn::Parameters b = {parameter("w", math::full({4, 1}, 1))};
  optim::AdamW adamw(a, {.lr = 0.1F, .weight_decay = 0.5F});
  optim::Muon muon(b, {.lr = 0.1F, .weight_decay = 0.5F});
  step(adamw, a, {g});
  step(muon, b, {g});
  CHECK(a[0].variable.value().data()[0] == doctest::Approx(0.95 - 0.1));
  const float o = optim::orthogonalize(g).data()[0];
  CHECK(b[0].variable.value().data()[0] == doctest::Approx(0.95 - 0.1 * 2 * o));  // sqrt(4 / 1)
}

TEST_CASE("muon: average and sum momentum take the same steps") {
  Rng rng(1);
  const Tensor start = random_normal({6, 9}, rng);
  nn::Parameters a = {parameter("w", start.clone())};
  nn::Parameters b = {parameter("w", start.clone())};
  const Precision exact = Precision::float32;
  optim::Muon average(a, {.lr = 0.02F, .form = optim::Momentum::average, .precision = exact});
  optim::Muon sum(b, {.lr = 0.02F, .form = optim::Momentum::sum, .precision = exact});
  for (int i = 0; i < 20; ++i) {
    const Tensor g = random_normal({6, 9}, rng);
    step(average, a, {g});
    step(sum, b, {g});
  }
  CHECK(relative_error(a[0].variable.value(), b[0].variable.value()) < 1e-5);
}

TEST_CASE("muon: the scale rules give the published factors, a filter bank counts as its matrix") {
  using optim::scale_of;
  using optim::ScaleRule;
  CHECK(scale_of(ScaleRule::original, 256, 784) == 1);
  CHECK(scale_of(ScaleRule::original, 64, 16) == 2);
  CHECK(scale_of(ScaleRule::match_rms, 100, 25) == doctest::Approx(2));
  CHECK(scale_of(ScaleRule::spectral, 64, 16) == 2);
  CHECK(scale_of(ScaleRule::spectral, 16, 64) == 0.5);

  Rng rng(2);
  const Shape filters{36, 1, 3, 3};  // the matrix (36, 9): tall, so the scale is 2, not 1
  nn::Parameters p = {parameter("w", math::zeros(filters))};
  optim::Muon muon(p, {.lr = 1});
  const Tensor g = random_normal(filters, rng);
  step(muon, p, {g});
  const Tensor expected = math::scale(-2, optim::orthogonalize(g.reshape({36, 9})));
  CHECK(relative_error(p[0].variable.value().reshape({36, 9}), expected) < 1e-5);
}

TEST_CASE("muon: with match_rms the root-mean-square of an update is near 0.2") {
  Rng rng(3);
  nn::Parameters p = {parameter("w", math::zeros({40, 90}))};
  optim::Muon muon(p, {.lr = 1, .scale = optim::ScaleRule::match_rms});
  step(muon, p, {random_normal({40, 90}, rng)});
  const double rms = math::norm(p[0].variable.value()) / std::sqrt(40.0 * 90);
  CHECK((0.2 * 0.68 < rms && rms < 0.2 * 1.14));  // the band of the coefficients
}

TEST_CASE("no rule modifies a gradient, or touches a parameter without one") {
  Rng rng(4);
  const auto make = [](const nn::Parameters& p) {
    std::vector<std::unique_ptr<optim::Optimizer>> all;
    all.push_back(
        std::make_unique<optim::Sgd>(p, optim::SgdOptions{.momentum = 0.9F, .weight_decay = 0.1F}));
    all.push_back(std::make_unique<optim::Adam>(p, optim::AdamOptions{.weight_decay = 0.1F}));
    all.push_back(std::make_unique<optim::AdamW>(p));
    all.push_back(std::make_unique<optim::Muon>(p, optim::MuonOptions{.weight_decay = 0.1F}));
    return all;
  };
  nn::Parameters p = {parameter("a", math::full({3, 3}, 1)), parameter("b", math::full({3, 3}, 1))};
  for (const auto& optimizer : make(p)) {
    const Tensor g = random_normal({3, 3}, rng);
    const Tensor before = g.clone();
    optimizer->zero_grad();
    step(*optimizer, p, {g});
    CHECK(relative_error(g, before) == 0);
    CHECK(relative_error(p[1].variable.value(), math::full({3, 3}, 1)) == 0);
    CHECK(optimizer->state().updates == std::vector<Index>{1, 0});
  }
}

TEST_CASE("the memory of each rule is counted in copies of the parameters") {
  nn::Parameters p = {parameter("w", math::zeros({10, 10}))};
  CHECK(optim::Sgd(p).state_bytes() == 0);
  CHECK(optim::Sgd(p, {.momentum = 0.9F}).state_bytes() == 400);
  CHECK(optim::AdamW(p).state_bytes() == 800);
  CHECK(optim::Muon(p).state_bytes() == 400);
}

TEST_CASE("one schedule drives all rates of a hybrid") {
  nn::Parameters p = {parameter("w", Tensor({1}, {0}), Role::head)};
  optim::Hybrid hybrid(p, {optim::use<optim::Sgd>({Role::head}, {.lr = 0.5F})});
  hybrid.set_lr_scale(0.1F);
  step(hybrid, p, {Tensor({1}, {1})});
  CHECK(p[0].variable.value().item() == doctest::Approx(-0.05));
}

TEST_CASE("hybrid: every parameter goes to the rule that names its role") {
  Rng rng(5);
  nn::Sequential model;
  model.then<nn::Linear>(4, 3, rng);
  model.then<nn::Linear>(3, 2, rng).mark(Role::head);
  optim::Hybrid hybrid(model.parameters(), {optim::use<optim::Muon>({Role::hidden}),
                                            optim::use<optim::AdamW>({Role::head, Role::bias})});
  std::string all;
  for (const optim::Assignment& a : hybrid.assignments()) {
    all += a.parameter.name + " " + a.optimizer + "; ";
  }
  CHECK(all == "0.weight muon; 0.bias adamw; 1.weight adamw; 1.bias adamw; ");
}

TEST_CASE("hybrid refuses a model without a head, and roles that nobody or two name") {
  const nn::Parameters headless = {parameter("w", math::zeros({2, 2}))};
  const nn::Parameters p = {parameter("w", math::zeros({2, 2})),
                            parameter("h", math::zeros({2, 2}), Role::head)};
  const auto muon = optim::use<optim::Muon>({Role::hidden});
  const auto both = optim::use<optim::Sgd>({Role::hidden, Role::head});
  CHECK_THROWS_WITH_AS(optim::Hybrid(headless, {both}),
                       "hybrid: no parameter has the role head; mark the layer that makes the "
                       "logits with mark(nn::Role::head)",
                       Error);
  CHECK_THROWS_WITH_AS(
      optim::Hybrid(p, {muon}),
      "hybrid: h has the role head, which 0 optimizers name, expected 1; name it in one use<>()",
      Error);
  CHECK_THROWS_WITH_AS(
      optim::Hybrid(p, {muon, both}),
      "hybrid: w has the role hidden, which 2 optimizers name, expected 1; name it in one use<>()",
      Error);
}

TEST_CASE("options that make no sense are refused by name") {
  const nn::Parameters p = {parameter("w", math::zeros({2, 2}))};
  const nn::Parameters bias = {parameter("fc.bias", math::zeros({3}))};
  CHECK_THROWS_WITH_AS(optim::Sgd(p, {.lr = -1}), "sgd: lr must be finite and not negative, got -1",
                       Error);
  CHECK_THROWS_WITH_AS(optim::AdamW(p, {.beta1 = 1}), "adamw: beta1 must be within [0, 1), got 1",
                       Error);
  CHECK_THROWS_WITH_AS(
      optim::Sgd(p, {.nesterov = true}),
      "sgd: nesterov needs momentum and no dampening, got momentum 0 and dampening 0", Error);
  CHECK_THROWS_WITH_AS(optim::Muon{bias},
                       "muon: fc.bias is not a matrix, got (3); give it to another optimizer",
                       Error);
  CHECK_THROWS_WITH_AS(optim::Muon(p, {.steps = 0}),
                       "muon: at least 1 Newton-Schulz step is needed, got 0", Error);
}

TEST_CASE("an optimizer with a loaded state goes on with the same bits") {
  Rng rng(6);
  const Tensor start = random_normal({5, 4}, rng);
  const Tensor g1 = random_normal({5, 4}, rng);
  const Tensor g2 = random_normal({5, 4}, rng);
  const auto routes = {optim::use<optim::Muon>({Role::hidden}),
                       optim::use<optim::AdamW>({Role::head})};
  nn::Parameters a = {parameter("w", start.clone()), parameter("h", start.clone(), Role::head)};
  optim::Hybrid first(a, routes);
  step(first, a, {g1, g1});

  nn::Parameters b = {parameter("w", a[0].variable.value().clone()),
                      parameter("h", a[1].variable.value().clone(), Role::head)};
  optim::Hybrid second(b, routes);
  second.load_state(first.state());
  step(first, a, {g2, g2});
  step(second, b, {g2, g2});
  CHECK(relative_error(a[0].variable.value(), b[0].variable.value()) == 0);
  CHECK(relative_error(a[1].variable.value(), b[1].variable.value()) == 0);
}

TEST_CASE("a state of another rule is refused") {
  const nn::Parameters p = {parameter("w", math::zeros({2, 2}))};
  optim::AdamW adamw(p);
  optim::Muon muon(p);
  CHECK_THROWS_WITH_AS(muon.load_state(adamw.state()),
                       "muon: the state is of another model or rule, got 2 tensors, expected 1",
                       Error);
}

TEST_CASE("a state that does not fit changes nothing") {
  nn::Parameters p = {parameter("w", math::zeros({2, 2})),
                      parameter("h", math::zeros({2, 2}), Role::head)};
  optim::Hybrid hybrid(
      p, {optim::use<optim::Muon>({Role::hidden}), optim::use<optim::Muon>({Role::head})});
  optim::State state;
  state.tensors = {{"momentum.w", math::full({2, 2}, 1)}, {"momentum.h", math::zeros({3, 3})}};
  state.updates = {1, 1};
  CHECK_THROWS_WITH_AS(hybrid.load_state(state),
                       "hybrid: the state has momentum.h (3, 3), expected momentum.h (2, 2)",
                       Error);
  CHECK(math::norm(hybrid.state().tensors[0].tensor) == 0);
  state.tensors[1].tensor = math::zeros({2, 2});
  state.updates = {1, -1};
  CHECK_THROWS_WITH_AS(hybrid.load_state(state),
                       "hybrid: a parameter cannot have received -1 updates", Error);
}

TEST_CASE("schedules rise over the warm-up, fall, and stay") {
  const auto linear = optim::linear_schedule({.steps = 10, .warmup = 2, .last = 0.2F});
  CHECK(linear(0) == 0.5F);
  CHECK(linear(1) == 1);
  CHECK(linear(2) == 1);
  CHECK(linear(6) == doctest::Approx(0.6));
  CHECK(linear(10) == doctest::Approx(0.2));
  CHECK(linear(99) == doctest::Approx(0.2));
  CHECK(optim::linear_schedule({.steps = 5, .warmup = 5, .last = 0.1F})(5) == doctest::Approx(0.1));
  const auto cosine = optim::cosine_schedule({.steps = 4});
  CHECK(cosine(0) == 1);
  CHECK(cosine(1) == doctest::Approx(0.5 + 0.5 * std::sqrt(0.5)));
  CHECK(cosine(2) == doctest::Approx(0.5));
  CHECK(cosine(4) == doctest::Approx(0));
  CHECK(optim::constant_schedule()(5) == 1);
  CHECK(optim::constant_schedule({.warmup = 4})(1) == 0.5F);
  CHECK_THROWS_WITH_AS(optim::cosine_schedule({.steps = 3, .warmup = 4}),
                       "schedule: warmup must be within the 3 steps, got 4", Error);
}

TEST_CASE("clipping scales all gradients to one common norm, and only down") {
  nn::Parameters p = {parameter("a", math::zeros({1})), parameter("b", math::zeros({1})),
                      parameter("c", math::zeros({1}))};
  p[0].variable.set_grad(Tensor({1}, {3}));
  p[1].variable.set_grad(Tensor({1}, {4}));
  CHECK(optim::clip_grad_norm(p, 10) == 5);
  CHECK(p[0].variable.grad()->item() == 3);
  CHECK(optim::clip_grad_norm(p, 1) == 5);
  CHECK(p[0].variable.grad()->item() == doctest::Approx(0.6));
  CHECK(p[1].variable.grad()->item() == doctest::Approx(0.8));
  CHECK_FALSE(p[2].variable.grad().has_value());
}

}  // namespace
}  // namespace muonlab::test
