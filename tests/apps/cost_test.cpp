#include "apps/training/cost.h"

#include <doctest/doctest.h>

#include "apps/experiments/contenders.h"
#include "apps/experiments/models.h"
#include "muonlab/optim/muon.h"
#include "muonlab/optim/sgd.h"

namespace muonlab::test {
namespace {

using app::MatrixWork;

/// T (4 n^2 M + 2 n^3).
double plain_flops(double n, double m, int steps) {
  return steps * (4 * n * n * m + 2 * n * n * n);
}

TEST_CASE("operations of a layer follow their formula") {
  const MatrixWork layer = {.name = "w", .rows = 10, .columns = 20, .activations = 7};
  CHECK(app::layer_flops(layer) == 6 * 10 * 20 * 7);
  MatrixWork first = layer;
  first.first = true;
  CHECK(app::layer_flops(first) == 4 * 10 * 20 * 7);
}

TEST_CASE("a convolution multiplies as many vectors as it has positions in all images") {
  Rng rng(0);
  const app::Cnn model(32, rng);
  const auto matrices = app::matrices_of(model.parameters(), {1024, 256, 64}, 128);
  REQUIRE(matrices.size() == 5);
  CHECK(matrices[0].first);
  CHECK(matrices[1].name == "conv2.weight");
  CHECK(matrices[1].rows == 64);
  CHECK(matrices[1].columns == 32 * 9);
  CHECK(matrices[1].activations == 256 * 128);
  CHECK(matrices[3].activations == 128);
  CHECK_FALSE(matrices[3].first);
  CHECK_THROWS_WITH_AS(app::matrices_of(model.parameters(), {1024, 256}, 128),
                       "cost: the positions of conv3.weight are not known", Error);
}

TEST_CASE("Newton-Schulz is counted for Muon's matrices only") {
  Rng rng(0);
  const app::Mlp model(rng);
  const auto matrices = app::matrices_of(model.parameters(), {}, 64);
  const optim::Hybrid hybrid(model.parameters(),
                             {optim::use<optim::Muon>({nn::Role::hidden}),
                              optim::use<optim::Sgd>({nn::Role::head, nn::Role::bias})});
  const app::Cost cost = app::cost_of(matrices, hybrid.assignments());
  CHECK(cost.newton_schulz == plain_flops(256, 784, 5) + plain_flops(128, 256, 5));
  CHECK(cost.performed < cost.newton_schulz);
  CHECK(cost.performed > cost.newton_schulz / 3);
  const optim::Hybrid plain(
      model.parameters(),
      {optim::use<optim::Muon>({nn::Role::hidden}, {.products = optim::Form::plain}),
       optim::use<optim::Sgd>({nn::Role::head, nn::Role::bias})});
  CHECK(app::cost_of(matrices, plain.assignments()).performed == cost.newton_schulz);
  CHECK(cost.layers == 64 * (4 * 784 * 256 + 6 * 256 * 128 + 6 * 128 * 10));
  CHECK(cost.share() == doctest::Approx(cost.newton_schulz / (cost.newton_schulz + cost.layers)));

  const app::Contender muon = app::matrix_contender("muon", "", 0.01F);
  CHECK(app::cost_of(matrices, muon.assignments(model.parameters())).newton_schulz ==
        cost.newton_schulz + plain_flops(10, 128, 5));
  const optim::Sgd sgd(model.parameters());
  CHECK(app::cost_of(matrices, sgd.assignments()).newton_schulz == 0);
}

TEST_CASE("a share shrinks as the rest of the step grows") {
  CHECK(app::diluted(0.5, 1) == 0.5);
  CHECK(app::diluted(0.5, 3) == 0.25);
  CHECK(app::diluted(0, 3) == 0);
}

TEST_CASE("advice comes only where Newton-Schulz dominates, with the batch that would help") {
  const app::Cost cost = {.newton_schulz = 9, .performed = 5, .layers = 1};
  CHECK(app::cost_lines(cost, 0.8, 64, 60000) ==
        std::vector<std::string>{
            "Newton-Schulz took 80 % of the time, predicted 83 % of the operations (90 % by "
            "T (4 n² M + 2 n³) beside 6 n M B)",
            "larger batches share it: at --batch-size 1024 about 20 %, in fewer steps, so with "
            "other rates or more epochs; fewer Newton-Schulz steps, --newton-schulz steps=3, cost "
            "less"});
  CHECK(app::cost_lines(cost, 0.8, 64, 200)[1].starts_with(
      "larger batches share it: at --batch-size 128 about 67 %"));
  CHECK(app::cost_lines(cost, 0.8, 64, 64)[1] ==
        "fewer Newton-Schulz steps, --newton-schulz steps=3, cost less");
  CHECK(app::cost_lines(cost, 0.3, 64, 60000).size() == 1);
  CHECK(app::cost_lines(cost, 1, 64, 60000).size() == 1);  // no batch would help
}

}  // namespace
}  // namespace muonlab::test
