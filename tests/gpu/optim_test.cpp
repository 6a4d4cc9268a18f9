#include <cmath>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "muonlab/autograd/functions.h"
#include "muonlab/core/math.h"
#include "muonlab/core/replay.h"
#include "muonlab/optim/adam.h"
#include "muonlab/optim/ademamix.h"
#include "muonlab/optim/hybrid.h"
#include "muonlab/optim/lion.h"
#include "muonlab/optim/mars_adamw.h"
#include "muonlab/optim/muon.h"
#include "muonlab/optim/schedule_free.h"
#include "muonlab/optim/sgd.h"
#include "tests/random.h"

namespace muonlab::test {
namespace {

using nn::Role;
using optim::Muon;
using Make = std::function<std::unique_ptr<optim::Optimizer>(const nn::Parameters&)>;

struct Rule {
  std::string name;
  Make make;
  double bound = 1e-5;  // of the relative difference after all steps
  int steps = 100;
};

template <class O>
Make make(typename O::Options options) {
  return [options](const nn::Parameters& p) { return std::make_unique<O>(p, options); };
}

/// Muon takes the matrices, AdamW the rest.
Make hybrid(const optim::MuonOptions& options) {
  return [options](const nn::Parameters& parameters) {
    return std::make_unique<optim::Hybrid>(
        parameters, std::vector{optim::use<Muon>({Role::hidden}, options),
                                optim::use<optim::AdamW>({Role::head, Role::bias})});
  };
}

/// A rule of Muon's family takes the matrices, AdamW the rest.
Make family(std::string_view name) {
  return [name](const nn::Parameters& parameters) {
    const optim::Rule rule = optim::rule_named(name, {.precision = Precision::float32});
    return std::make_unique<optim::Hybrid>(
        parameters, std::vector{optim::use({Role::hidden}, rule, 0.02F),
                                optim::use<optim::AdamW>({Role::head, Role::bias})});
  };
}

std::vector<Rule> with_family(std::vector<Rule> all) {
  for (const optim::NamedRule& named : optim::named_rules()) {
    all.push_back({std::string(named.name), family(named.name), 1e-4, 12});
  }
  return all;
}

const std::vector<Rule> rules = with_family({
    {"sgd", make<optim::Sgd>({.lr = 0.01F})},
    {"sgd, Nesterov and L2",
     make<optim::Sgd>({.lr = 0.01F, .momentum = 0.9F, .weight_decay = 0.01F, .nesterov = true})},
    {"sgd, dampened", make<optim::Sgd>({.lr = 0.01F, .momentum = 0.9F, .dampening = 0.5F})},
    {"adam", make<optim::Adam>({.lr = 0.001F, .weight_decay = 0.01F})},
    {"adamw", make<optim::AdamW>({.lr = 0.001F, .weight_decay = 0.1F})},
    {"muon, float32", hybrid({.precision = Precision::float32}), 1e-4},
    {"muon, float32, plain",
     hybrid(
         {.precision = Precision::float32, .products = optim::Form::plain, .weight_decay = 0.1F}),
     1e-4},
    {"adamw, cautious", make<optim::AdamW>({.weight_decay = 0.1F, .cautious = true})},
    {"lion", make<optim::Lion>({.weight_decay = 0.1F})},
    {"lion, cautious", make<optim::Lion>({.cautious = true})},
    {"ademamix", make<optim::Ademamix>({.weight_decay = 0.1F, .warmup = 30})},
    {"schedule_free", make<optim::ScheduleFree>({.weight_decay = 0.1F, .warmup = 30})},
    {"mars_adamw", make<optim::MarsAdamW>({.weight_decay = 0.1F})},
});

/// Two matrices of one shape, a tall one, a filter bank, a head and a bias.
nn::Parameters parameters(Device device) {
  Rng rng(1);
  nn::Parameters all;
  const auto add = [&](const char* name, Shape shape, Role role) {
    const Tensor start = random_normal(shape, rng);
    all.push_back({name, Variable(start.to(device), true), role});
  };
  add("first", {12, 20}, Role::hidden);
  add("second", {12, 20}, Role::hidden);
  add("tall", {30, 7}, Role::hidden);
  add("filters", {6, 3, 3, 3}, Role::hidden);
  add("head", {10, 12}, Role::head);
  add("bias", {10}, Role::bias);
  return all;
}

/// More than an update takes in one launch; in the first and in the last launch one of more
/// elements than a block of it takes.
nn::Parameters many_parameters(Device device) {
  Rng rng(1);
  nn::Parameters all;
  for (Index i = 0; i < 70; ++i) {
    const Shape shape = i % 40 == 20 ? Shape{40, 30} : Shape{3 + i % 2, 5};
    const Tensor start = random_normal(shape, rng);
    all.push_back({std::to_string(i), Variable(start.to(device), true), Role::hidden});
  }
  all.push_back({"head", Variable(random_normal({10, 12}, rng).to(device), true), Role::head});
  return all;
}

/// Where steps along random gradients lead.
std::vector<Tensor> trajectory(const Rule& rule, nn::Parameters all, int steps) {
  const Device device = all[0].variable.value().device();
  const auto optimizer = rule.make(all);
  Rng rng(2);
  for (int step = 0; step < steps; ++step) {
    for (nn::Parameter& parameter : all) {
      parameter.variable.set_grad(random_normal(parameter.variable.shape(), rng).to(device));
    }
    optimizer->set_lr_scale(2 * step < steps ? 1 : 0.5F);
    optimizer->step();
  }
  std::vector<Tensor> end;
  for (const nn::Parameter& parameter : all) {
    end.push_back(parameter.variable.value().to(Device::cpu));
  }
  return end;
}

TEST_CASE("every optimizer: many steps lead where they do on the CPU") {
  for (const Rule& rule : rules) {
    CAPTURE(rule.name);
    const std::vector<Tensor> cpu = trajectory(rule, parameters(Device::cpu), rule.steps);
    const std::vector<Tensor> cuda = trajectory(rule, parameters(Device::cuda), rule.steps);
    for (std::size_t i = 0; i < cpu.size(); ++i) {
      CAPTURE(i);
      CHECK(relative_error(cuda[i], cpu[i]) < rule.bound);
    }
  }
}

TEST_CASE(
    "orthogonalization in bfloat16 ends where it does on the CPU, and is not that in float32") {
  Rng rng(3);
  for (const Shape& shape : {Shape{64, 80}, Shape{80, 64}}) {
    const Tensor g = random_normal(shape, rng);
    const auto by = [](const Tensor& matrix, Precision precision) {
      return optim::orthogonalize(matrix, {.precision = precision, .form = optim::Form::symmetric})
          .to(Device::cpu);
    };
    const Tensor rounded = by(g.to(Device::cuda), Precision::bfloat16);
    // Sums in another order: what one device rounds up, the other may round down.
    constexpr double spacing = 0x1p-7;  // of numbers in bfloat16, relative
    CHECK(relative_error(rounded, by(g, Precision::bfloat16)) < spacing);
    CHECK(relative_error(rounded, by(g.to(Device::cuda), Precision::float32)) > 5e-3);
  }
}

TEST_CASE("the scale of what is orthogonalized does not matter, down to denormal numbers") {
  Rng rng(4);
  Tensor g({20, 30});
  for (float& x : g.values()) x = std::ldexp(static_cast<float>(rng.below(1025) - 512), 118);
  const auto orthogonal = [](const Tensor& matrix) {
    return values(optim::orthogonalize(matrix.to(Device::cuda)));
  };
  const std::vector<float> expected = orthogonal(g);
  for (int power = -89; power >= -267; power -= 89) {
    CAPTURE(power);
    Tensor small = g.clone();
    for (float& x : small.values()) x = std::ldexp(x, power);
    CHECK(orthogonal(small) == expected);
  }
}

TEST_CASE("a step between recording and backward is noticed") {
  const Variable x(math::full({2, 2}, 1, Device::cuda));
  Variable w(math::full({2, 2}, 3, Device::cuda), true);
  const Variable loss = sum(matmul(x, w) * w);
  CHECK(math::norm(w.value()) == 6);  // reading is nothing
  w.set_grad(math::full({2, 2}, 1, Device::cuda));
  optim::Sgd({{"w", w, Role::hidden}}).step();
  CHECK_THROWS_AS(loss.backward(), Error);
}

TEST_CASE("every optimizer: parameters of several launches, and of several blocks") {
  for (const Rule& rule : rules) {
    CAPTURE(rule.name);
    const std::vector<Tensor> cpu = trajectory(rule, many_parameters(Device::cpu), 3);
    const std::vector<Tensor> cuda = trajectory(rule, many_parameters(Device::cuda), 3);
    for (std::size_t i = 0; i < cpu.size(); ++i) {
      CAPTURE(i);
      CHECK(relative_error(cuda[i], cpu[i]) < rule.bound);
    }
  }
}

TEST_CASE("every optimizer: the same bits in a second run, and when it is replayed") {
  for (const Rule& rule : rules) {
    CAPTURE(rule.name);
    const std::vector<Tensor> once = trajectory(rule, parameters(Device::cuda), rule.steps);
    const std::vector<Tensor> twice = trajectory(rule, parameters(Device::cuda), rule.steps);
    set_replay(true);
    const std::vector<Tensor> replayed = trajectory(rule, parameters(Device::cuda), rule.steps);
    set_replay(false);
    for (std::size_t i = 0; i < once.size(); ++i) {
      CAPTURE(i);
      CHECK(values(once[i]) == values(twice[i]));
      CHECK(values(once[i]) == values(replayed[i]));
    }
  }
}

TEST_CASE("muon: a parameter that has no gradient for a step does not spoil the replays") {
  std::vector<std::vector<Tensor>> ends;
  for (const bool on : {false, true}) {
    set_replay(on);
    nn::Parameters all = parameters(Device::cuda);
    const auto optimizer = rules[5].make(all);
    Rng rng(2);
    for (int step = 0; step < 12; ++step) {
      for (nn::Parameter& parameter : all) {
        parameter.variable.set_grad(
            random_normal(parameter.variable.shape(), rng).to(Device::cuda));
      }
      if (step == 5) all[1].variable.zero_grad();
      optimizer->step();
    }
    ends.emplace_back();
    for (const nn::Parameter& p : all) ends.back().push_back(p.variable.value().to(Device::cpu));
  }
  set_replay(false);
  for (std::size_t i = 0; i < ends[0].size(); ++i) CHECK(values(ends[0][i]) == values(ends[1][i]));
}

}  // namespace
}  // namespace muonlab::test
