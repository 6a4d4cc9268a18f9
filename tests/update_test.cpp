#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "muonlab/core/math.h"
#include "muonlab/core/threads.h"
#include "muonlab/optim/adam.h"
#include "muonlab/optim/ademamix.h"
#include "muonlab/optim/lion.h"
#include "muonlab/optim/mars_adamw.h"
#include "muonlab/optim/muon.h"
#include "muonlab/optim/schedule_free.h"
#include "muonlab/optim/sgd.h"
#include "tests/random.h"

namespace muonlab::test {
namespace {

using Make = std::unique_ptr<optim::Optimizer> (*)(const nn::Parameters&);

constexpr Make rules[] = {
    [](const nn::Parameters& p) -> std::unique_ptr<optim::Optimizer> {
      return std::make_unique<optim::Sgd>(
          p, optim::SgdOptions{.momentum = 0.9F, .weight_decay = 0.1F, .nesterov = true});
    },
    [](const nn::Parameters& p) -> std::unique_ptr<optim::Optimizer> {
      return std::make_unique<optim::Sgd>(p);
    },
    [](const nn::Parameters& p) -> std::unique_ptr<optim::Optimizer> {
      return std::make_unique<optim::AdamW>(p);
    },
    [](const nn::Parameters& p) -> std::unique_ptr<optim::Optimizer> {
      return std::make_unique<optim::AdamW>(p, optim::AdamWOptions{.cautious = true});
    },
    [](const nn::Parameters& p) -> std::unique_ptr<optim::Optimizer> {
      return std::make_unique<optim::Lion>(p, optim::LionOptions{.cautious = true});
    },
    [](const nn::Parameters& p) -> std::unique_ptr<optim::Optimizer> {
      return std::make_unique<optim::Ademamix>(p, optim::AdemamixOptions{.warmup = 2});
    },
    [](const nn::Parameters& p) -> std::unique_ptr<optim::Optimizer> {
      return std::make_unique<optim::ScheduleFree>(p);
    },
    [](const nn::Parameters& p) -> std::unique_ptr<optim::Optimizer> {
      return std::make_unique<optim::MarsAdamW>(p);
    },
    [](const nn::Parameters& p) -> std::unique_ptr<optim::Optimizer> {
      return std::make_unique<optim::Muon>(p, optim::MuonOptions{.weight_decay = 0.1F});
    },
};

/// Parameters that end anywhere within the pieces of an update: smaller, as large, larger.
nn::Parameters parameters() {
  Rng rng(1);
  nn::Parameters all;
  for (const Shape shape : {Shape{1, 3}, {128, 128}, {1, 1}, {129, 130}, {7, 4}, {2, 9000}}) {
    all.push_back({"w", Variable(random_normal(shape, rng), true), nn::Role::hidden});
  }
  return all;
}

/// Where three steps of one optimizer for all parameters, or of one for each, lead them.
std::vector<Tensor> trained(Make make, bool together) {
  const nn::Parameters all = parameters();
  std::vector<std::unique_ptr<optim::Optimizer>> optimizers;
  if (together) optimizers.push_back(make(all));
  for (const nn::Parameter& one : all) {
    if (!together) optimizers.push_back(make({one}));
  }
  Rng rng(2);
  for (int step = 0; step < 3; ++step) {
    for (nn::Parameter p : all) p.variable.set_grad(random_normal(p.variable.shape(), rng));
    if (step == 1) Variable(all[3].variable).zero_grad();  // falls behind by an update
    for (const auto& optimizer : optimizers) optimizer->step();
  }
  std::vector<Tensor> values;
  for (const nn::Parameter& p : all) values.push_back(p.variable.value());
  return values;
}

void check_same_bits(const std::vector<Tensor>& a, const std::vector<Tensor>& b) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    CHECK(std::ranges::equal(a[i].values(), b[i].values()));
  }
}

TEST_CASE("parameters updated together and each for itself go to the same bits") {
  for (const Make make : rules) check_same_bits(trained(make, true), trained(make, false));
}

TEST_CASE("an update has the same bits on one thread and on many") {
  const int before = threads();
  for (const Make make : rules) {
    set_threads(1);
    const std::vector<Tensor> one = trained(make, true);
    set_threads(4);
    check_same_bits(one, trained(make, true));
  }
  set_threads(before);
}

}  // namespace
}  // namespace muonlab::test
