#pragma once

#include <optional>
#include <vector>

#include "core/replay.h"
#include "data/dataset.h"
#include "nn/module.h"

namespace muonlab::app {

/// Forward and backward of a model on one batch after the other, by the mean cross-entropy.
class Step {
 public:
  explicit Step(nn::Layer& model) : model_(model), parameters_(model.parameters()) {}

  /// The loss of a batch; the parameters then have its gradients, and no others.
  double operator()(const data::Batch& batch);

 private:
  void compute(const Tensor& images, const Labels& labels);
  void replay(const data::Batch& batch);

  nn::Layer& model_;
  nn::Parameters parameters_;
  Tensor loss_;  // of the last batch

  // On the GPU steps are replayed, on these arrays, for batches of the first one's size.
  Replay replay_;
  Tensor images_;
  Labels labels_;
  std::vector<std::optional<Tensor>> gradients_;  // those that replays write, one a parameter
};

}  // namespace muonlab::app
