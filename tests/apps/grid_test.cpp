// The grid of a sweep, without any training.
#include "apps/sweep/grid.h"

#include <fmt/format.h>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "apps/sweep/printing.h"

namespace muonlab::test {
namespace {

using app::Best;
using app::Grid;
using app::Result;

/// A training that ended with these losses, all other figures being twice the validation loss.
Result trained(const std::string& optimizer, Index batch_size, float lr, double loss,
               std::uint64_t seed = 0) {
  return {.cell = {optimizer, batch_size, lr, seed},
          .score = {.loss = 2 * loss,
                    .validation_loss = loss,
                    .validation_accuracy = 2 * loss,
                    .test_accuracy = 2 * loss,
                    .train_seconds = 2 * loss}};
}

Result diverged(const std::string& optimizer, Index batch_size, float lr, std::uint64_t seed = 0) {
  return {.cell = {optimizer, batch_size, lr, seed}, .diverged = "epoch 1, step 2"};
}

TEST_CASE("a point is the mean over its seeds, or diverged with one of them") {
  const Grid grid({trained("sgd", 64, 0.1F, 0.5, 0), trained("sgd", 64, 1, 0.1, 0),
                   trained("sgd", 64, 0.1F, 0.25, 1), diverged("sgd", 64, 1, 1)});
  REQUIRE(grid.points().size() == 2);
  const app::Point& mean = grid.points()[0];
  CHECK(mean.lr == 0.1F);
  CHECK(mean.seeds == 2);
  CHECK(mean.diverged.empty());
  CHECK(mean.score.validation_loss == 0.375);
  for (const double value : {mean.score.loss, mean.score.validation_accuracy,
                             mean.score.test_accuracy, mean.score.train_seconds}) {
    CHECK(value == 0.75);
  }
  const app::Point& half = grid.points()[1];
  CHECK(half.seeds == 2);
  CHECK(half.diverged == "epoch 1, step 2");
  CHECK(half.score.validation_loss == 0);
  CHECK(grid.best("sgd", 64)->point.lr == 0.1F);  // not the one with half of its seeds
}

TEST_CASE("optimizers are in the order of the results, batch sizes and rates grow") {
  const Grid grid({trained("sgd", 512, 0.1F, 1), trained("sgd", 32, 0.3F, 1),
                   trained("muon", 128, 0.01F, 1), trained("sgd", 32, 0.1F, 1)});
  CHECK(grid.optimizers() == std::vector<std::string>{"sgd", "muon"});
  CHECK(grid.batch_sizes() == std::vector<Index>{32, 128, 512});
  CHECK(grid.rates("sgd") == std::vector<float>{0.1F, 0.3F});
  CHECK(grid.rates("adamw").empty());
  REQUIRE(grid.points().size() == 4);
  CHECK(grid.points()[0].lr == 0.1F);
  CHECK(grid.points()[1].lr == 0.3F);
  CHECK(grid.points()[2].batch_size == 512);
  CHECK(grid.points()[3].optimizer == "muon");
}

TEST_CASE("where nothing was trained there is no point, where all diverged no best one") {
  const Grid grid(
      {trained("sgd", 32, 0.1F, 1), diverged("sgd", 512, 0.1F), diverged("sgd", 512, 1)});
  CHECK(grid.find("sgd", 32, 0.1F) == &grid.points()[0]);
  CHECK(grid.find("sgd", 32, 1) == nullptr);
  CHECK(grid.find("sgd", 64, 0.1F) == nullptr);
  CHECK(grid.find("muon", 32, 0.1F) == nullptr);
  CHECK_FALSE(grid.best("sgd", 512));
  CHECK_FALSE(grid.best("sgd", 64));
  CHECK_FALSE(grid.best("muon", 32));
  CHECK(
      app::loss_tables(grid).ends_with("\n"
                                       "sgd  batch 32    batch 512\n"
                                       "---  ----------  -----------\n"
                                       "0.1    1.0000 *   diverged\n"
                                       "1           -     diverged\n"));
}

TEST_CASE("an edge is of the rates that were tried at the batch size") {
  using Edge = Best::Edge;
  const Grid grid({trained("sgd", 32, 0.1F, 3), trained("sgd", 32, 0.3F, 2),  // highest here
                   trained("sgd", 64, 0.1F, 1), trained("sgd", 64, 0.3F, 2),
                   trained("sgd", 128, 0.1F, 3), trained("sgd", 128, 0.3F, 2),
                   trained("sgd", 128, 1, 3), trained("sgd", 256, 1, 1), trained("sgd", 512, 1, 1),
                   diverged("sgd", 512, 3)});
  CHECK(grid.best("sgd", 32)->edge == Edge::highest);
  CHECK(grid.best("sgd", 64)->edge == Edge::lowest);
  CHECK(grid.best("sgd", 128)->edge == Edge::none);
  CHECK(grid.best("sgd", 256)->edge == Edge::none);    // of one rate
  CHECK(grid.best("sgd", 512)->edge == Edge::lowest);  // that those above diverged is known
}

TEST_CASE("a hint goes on from the nearest edge of its batch sizes") {
  std::vector<Result> results = {trained("sgd", 32, 0.03F, 2),   trained("sgd", 32, 0.1F, 1),
                                 trained("sgd", 512, 0.3F, 2),   trained("sgd", 512, 1, 1),
                                 trained("muon", 32, 0.01F, 1),  trained("muon", 32, 0.1F, 2),
                                 trained("muon", 512, 0.03F, 1), trained("muon", 512, 0.1F, 2)};
  CHECK(app::edge_hints(Grid(results)) ==
        std::vector<std::string>{
            "sgd: the best rate is the highest tried (batch size 32, 512); try higher ones, too: "
            "--rates sgd=0.3,1",
            "muon: the best rate is the lowest tried (batch size 32, 512); try lower ones, too: "
            "--rates muon=0.009,0.003"});
  results.push_back(trained("sgd", 32, 0.3F, 1.5));
  CHECK(app::edge_hints(Grid(results)).front().find("(batch size 512)") != std::string::npos);
}

TEST_CASE("the command at the best rates says what differs from the comparison's defaults") {
  const Grid grid({trained("muon", 32, 0.03F, 1), trained("sgd", 32, 0.1F, 1),
                   trained("sgd", 512, 0.3F, 1), diverged("adamw", 32, 1)});
  app::Plan plan = {
      .protocol = "mnist",
      .arguments = {.contenders = app::comparison_of("mnist").contenders, .epochs = 2}};
  const std::string command =
      "./muonlab mnist_compare --optimizers muon,sgd --batch-size 32 --epochs 2 --lr muon=0.03 "
      "sgd=0.1";
  CHECK(app::tuned_command(grid, plan) == command);
  const bool is_float32 = fastest_precision() == Precision::float32;
  const Precision other = is_float32 ? Precision::bfloat16 : Precision::float32;
  for (auto& contender : plan.arguments.contenders) contender.orthogonalization.precision = other;
  plan.arguments.precision = Precision::bfloat16;
  CHECK(app::tuned_command(grid, plan) ==
        fmt::format("{} --precision bfloat16 --muon-precision {}", command, name_of(other)));
}

}  // namespace
}  // namespace muonlab::test
