#include "apps/experiments/mnist.h"

#include <filesystem>
#include <fmt/format.h>
#include <memory>
#include <string>
#include <vector>

#include "apps/experiments/contenders.h"
#include "apps/experiments/models.h"
#include "muonlab/data/mnist.h"
#include "muonlab/optim/adam.h"
#include "muonlab/optim/muon.h"
#include "muonlab/optim/sgd.h"

namespace muonlab::app {
namespace {

using nn::Role;

std::vector<Contender> contenders() {
  const Contender muon =
      matrix_contender("muon", "Muon for every matrix, Nesterov momentum for the biases", 0.01F);
  return with_family(
      {muon,
       {.name = "hybrid",
        .about = "Muon for hidden matrices, AdamW (lr / 5) for the head and the biases",
        .lr = 0.005F,
        .routes =
            [](const Tuning& tuning) {
              return std::vector{
                  optim::use<optim::Muon>({Role::hidden}, tuning.muon()),
                  optim::use<optim::AdamW>({Role::head, Role::bias}, {.lr = tuning.lr / 5})};
            }},
       {.name = "adamw",
        .about = "AdamW for everything",
        .lr = 1e-3F,
        .routes =
            [](const Tuning& tuning) {
              return std::vector{optim::use<optim::AdamW>(all_roles, {.lr = tuning.lr})};
            }},
       {.name = "sgd",
        .about = "plain gradient descent, without momentum",
        .lr = 0.01F,
        .routes = [](const Tuning& tuning) {
          return std::vector{optim::use<optim::Sgd>(all_roles, {.lr = tuning.lr})};
        }}});
}

}  // namespace

const Defaults& mnist_defaults() {
  static const Defaults defaults = {
      .name = "mnist_compare",
      .about =
          "Trains the same 784-256-128-10 network on MNIST with different optimizers, from "
          "the same weights and on the same batches, and prints what each reached in how "
          "much time.",
      .contenders = contenders(),
      .epochs = 3,
      .batch_size = 64,
  };
  return defaults;
}

Experiment mnist_experiment(const Setting& setting) {
  const std::filesystem::path source = MUONLAB_SOURCE_DIR;
  const data::Mnist mnist = data::load_mnist(data::find_mnist(setting.data, source / "data"));
  Experiment experiment = {.protocol = "mnist",
                           .data = mnist.version(),
                           .train = std::make_shared<data::Images>(mnist.train.to(setting.device)),
                           .test = std::make_shared<data::Images>(mnist.test.to(setting.device)),
                           .batch_size = setting.batch_size};
  if (experiment.data == "mini") {
    experiment.notice = fmt::format(
        "data: {} training images of MNIST's 60000, so figures differ from docs/results.md; "
        "data/fetch.sh mnist fetches all",
        mnist.train.size());
  } else if (experiment.data != "full") {
    experiment.notice = fmt::format(
        "data: {}, not MNIST's own 60000 + 10000, so figures differ from docs/results.md; "
        "data/fetch.sh mnist fetches those",
        experiment.data);
  }
  experiment.make_model = [](Rng& rng) { return std::make_unique<Mlp>(rng); };
  return experiment;
}

}  // namespace muonlab::app
