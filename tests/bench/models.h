#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "apps/experiments/contenders.h"
#include "apps/experiments/models.h"
#include "muonlab/autograd/functions.h"
#include "muonlab/optim/adam.h"
#include "muonlab/optim/muon.h"
#include "muonlab/optim/sgd.h"
#include "tests/random.h"

namespace muonlab::bench {

/// A model of the apps, and random images for one step.
struct Problem {
  std::string name;
  std::unique_ptr<nn::Layer> model;
  Tensor images;
  Integers labels;
  std::vector<Index> positions;  // as in app::Experiment

  Variable loss() { return cross_entropy((*model)(Variable(images)), labels); }
  Index batch() const { return labels.count(); }
};

inline Integers some_labels(Index count) {
  Integers labels({count});
  for (Index i = 0; i < count; ++i) labels.data()[i] = static_cast<std::int32_t>(i % 10);
  return labels;
}

inline Problem mnist(Rng& rng) {
  return {.name = "mnist",
          .model = std::make_unique<app::Mlp>(rng),
          .images = test::random_uniform({64, 1, 28, 28}, 0, 1, rng),
          .labels = some_labels(64),
          .positions = {}};
}

inline Problem cifar(Rng& rng) {
  return {.name = "cifar",
          .model = std::make_unique<app::Cnn>(32, rng),
          .images = test::random_normal({128, 3, 32, 32}, rng),
          .labels = some_labels(128),
          .positions = {1024, 256, 64}};
}

inline constexpr Problem (*problems[])(Rng& rng) = {mnist, cifar};

/// Muon, alone and in the hybrid, orthogonalizes in `orthogonalization`, whatever the products of
/// the step have, so that one figure for its cost fits both.
inline std::vector<app::Contender> rules(Precision orthogonalization = fastest_precision()) {
  using nn::Role;
  using optim::use;
  app::Contender muon = app::matrix_contender("muon", "", 0.01F);
  muon.orthogonalization.precision = orthogonalization;
  return {
      {.name = "sgd",
       .about = "",
       .lr = 0.01F,
       .routes =
           [](const app::Tuning&) {
             return std::vector{use<optim::Sgd>(app::all_roles, {.momentum = 0.9F})};
           }},
      {.name = "adamw",
       .about = "",
       .lr = 1e-3F,
       .routes = [](const app::Tuning&) { return std::vector{use<optim::AdamW>(app::all_roles)}; }},
      muon,
      {.name = "hybrid",
       .about = "",
       .lr = 0.02F,
       .routes = [orthogonalization](const app::Tuning&) {
         return std::vector{
             use<optim::Muon>({Role::input, Role::hidden}, {.precision = orthogonalization}),
             use<optim::AdamW>({Role::head, Role::bias})};
       }}};
}

}  // namespace muonlab::bench
