#pragma once

#include "nn/init.h"
#include "nn/module.h"

namespace muonlab::nn {

/// One learned vector for each of `count` symbols: indices (...) within [0, count) to (..., dim).
/// Starts standard normal.
class Embedding final : public Module {
 public:
  Embedding(Index count, Index dim, Rng& rng)
      : weight_(add_parameter("weight", init::normal({count, dim}, 1, rng), Role::input)) {}

  Variable operator()(const Labels& index) { return embedding(weight_, index); }

 private:
  Variable weight_;  // (count, dim)
};

}  // namespace muonlab::nn
