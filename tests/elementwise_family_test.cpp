// Optimizers that treat every element alike, against what their authors' code does: tests/family.h.
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "muonlab/optim/adam.h"
#include "muonlab/optim/ademamix.h"
#include "muonlab/optim/lion.h"
#include "muonlab/optim/mars_adamw.h"
#include "muonlab/optim/schedule_free.h"
#include "muonlab/optim/weight_average.h"
#include "tests/family.h"
#include "tests/random.h"

namespace muonlab::test {
namespace {

using optim::Optimizer;

template <class O>
std::function<std::unique_ptr<Optimizer>(nn::Parameters)> make(typename O::Options options) {
  return [options](nn::Parameters parameters) {
    return std::make_unique<O>(std::move(parameters), options);
  };
}

struct Case {
  std::string file;
  std::string name;
  std::function<std::unique_ptr<Optimizer>(nn::Parameters)> make;
};

const std::vector<Case> cases = {
    {"lion", "lion", make<optim::Lion>({.lr = 0.01F, .weight_decay = 0.1F})},
    {"lion", "cautious",
     make<optim::Lion>(
         {.lr = 0.01F, .beta1 = 0.95F, .beta2 = 0.98F, .weight_decay = 0.1F, .cautious = true})},
    {"ademamix", "no warmup",
     make<optim::Ademamix>(
         {.lr = 0.02F, .beta2 = 0.99F, .beta3 = 0.999F, .alpha = 5, .weight_decay = 0.1F})},
    {"schedule_free", "adamw",
     make<optim::ScheduleFree>({.lr = 0.05F, .beta2 = 0.99F, .weight_decay = 0.1F, .warmup = 4})},
    {"mars", "mars-adamw", make<optim::MarsAdamW>({.lr = 0.02F, .weight_decay = 0.1F})},
    {"cautious_decay", "adamw",
     make<optim::AdamW>({.lr = 0.02F, .beta2 = 0.95F, .weight_decay = 0.5F, .cautious = true})},
};

void step(Optimizer& optimizer, nn::Parameters& parameters, const Values& gradients) {
  for (nn::Parameter& p : parameters) {
    p.variable.set_grad(Tensor(p.variable.shape(), gradients.at(p.name)));
  }
  optimizer.step();
}

TEST_CASE("elementwise optimizers follow the trajectories of their authors' code") {
  const Problem problem = make_problem();
  for (const Case& of : cases) {
    CAPTURE(of.file);
    CAPTURE(of.name);
    const json golden = read_golden(of.file).at("cases").at(of.name);
    const double tolerance = golden.at("tolerance");
    nn::Parameters parameters = parameters_of(golden, problem);
    const auto optimizer = of.make(parameters);
    double worst = 0;
    for (std::size_t t = 1; t <= problem.gradients.size(); ++t) {
      step(*optimizer, parameters, problem.gradients[t - 1]);
      const auto expected = golden.at("after").find(std::to_string(t));
      if (expected == golden.at("after").end()) continue;
      for (const nn::Parameter& p : parameters) {
        const Tensor& value = p.variable.value();
        worst =
            std::max(worst, relative_error(value, tensor_of(expected->at(p.name), value.shape())));
      }
    }
    CHECK(worst < tolerance);
    MESSAGE(of.file, ", ", of.name, ": largest relative error ", worst, " of ", tolerance);
  }
}

TEST_CASE("schedule-free: parameters go to the average for evaluation, and back to the bit") {
  const Problem problem = make_problem();
  const json golden = read_golden("schedule_free").at("cases").at("adamw");
  nn::Parameters parameters = parameters_of(golden, problem);
  const auto optimizer = cases[3].make(parameters);
  for (const Values& gradients : problem.gradients) step(*optimizer, parameters, gradients);
  std::vector<Tensor> y;
  for (const nn::Parameter& p : parameters) y.push_back(p.variable.value().clone());
  optimizer->train(false);
  optimizer->train(false);
  for (const nn::Parameter& p : parameters) {
    const Tensor& x = p.variable.value();
    CHECK(relative_error(x, tensor_of(golden.at("state").at("12").at("x." + p.name), x.shape())) <
          2e-6);
  }
  CHECK_THROWS_WITH_AS(optimizer->step(),
                       "schedule_free: the parameters are where they are evaluated; call train()",
                       Error);
  optimizer->train();
  for (std::size_t i = 0; i < y.size(); ++i) {
    CHECK(relative_error(parameters[i].variable.value(), y[i]) == 0);
  }
}

TEST_CASE("AdEMAMix's warm-up raises alpha linearly, and beta3 linearly in half-life") {
  // With the first gradient 1 and all later ones 0, the slow mean is a product of the beta3.
  nn::Parameters one = {{"w", Variable(Tensor({1}, {0.0F}), true), nn::Role::hidden}};
  optim::Ademamix optimizer(one, {.lr = 0, .beta1 = 0.5F, .beta3 = 0.75F, .warmup = 2});
  one[0].variable.set_grad(Tensor({1}, {1.0F}));
  optimizer.step();
  // Half-lives: of 0.5 one step, of 0.75 log 0.5 / log 0.75 = 2.40942; half the way 1.70471.
  const double beta = std::pow(0.5, 1 / 1.70471);
  for (const auto& named : optimizer.state().tensors) {
    if (named.name == "slow.w") CHECK(named.tensor.item() == doctest::Approx(1 - beta));
  }
}

TEST_CASE("an average of weights is the mean of all, and later of a window") {
  nn::Parameters one = {{"w", Variable(Tensor({2}, {0.0F, 8.0F}), true), nn::Role::hidden}};
  optim::WeightAverage average(one, 2);
  const auto at = [&one](float first) {
    one[0].variable.value().copy_from(Tensor({2}, {first, 8.0F}));
  };
  at(1);
  average.update();
  at(3);
  average.update();
  average.exchange();
  CHECK(values(one[0].variable.value()) == std::vector<float>{2, 8});
  CHECK_THROWS_WITH_AS(average.update(),
                       "weight average: the model has the average; call exchange() first", Error);
  average.exchange();
  CHECK(values(one[0].variable.value()) == std::vector<float>{3, 8});
  at(4);
  average.update();  // 2 + (4 - 2) / 2
  average.exchange();
  CHECK(values(one[0].variable.value()) == std::vector<float>{3, 8});
  CHECK_THROWS_AS(optim::WeightAverage(one, 0), Error);
}

}  // namespace
}  // namespace muonlab::test
