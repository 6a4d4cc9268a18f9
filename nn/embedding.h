#pragma once

#include "muonlab/nn/init.h"
#include "muonlab/nn/module.h"

namespace muonlab::nn {

/// One learned vector for each of `count` symbols: indices (...) within [0, count) to (..., dim).
/// Starts standard normal.
///
///     nn::Embedding table(3, 2, rng);  // the weight is (3, 2), a row for each symbol
///     // with rows (1, 2), (3, 4), (5, 6), the indices (2, 0, 2) become
///     // ((5, 6), (1, 2), (5, 6)); the gradient of row 2 is the sum over both its uses
class Embedding final : public Module {
 public:
  Embedding(Index count, Index dim, Rng& rng)
      : weight_(add_parameter("weight", init::normal({count, dim}, 1, rng), Role::input)) {}

  Variable operator()(const Integers& index) { return embedding(weight_, index); }

 private:
  Variable weight_;  // (count, dim)
};

}  // namespace muonlab::nn
