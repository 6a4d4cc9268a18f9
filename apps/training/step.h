#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "muonlab/core/replay.h"
#include "muonlab/data/examples.h"
#include "muonlab/nn/parameter.h"

namespace muonlab::app {

/// Does the work of a step on one batch after the other. Where set_replay() says so, a GPU replays
/// it for batches of the first one's size, on arrays that stay.
class Step {
 public:
  /// Forward and backward: returns the loss of a batch; the parameters then have its gradients.
  using Work = std::function<Tensor(const data::Batch&)>;
  Step(nn::Parameters parameters, Work work)
      : parameters_(std::move(parameters)), work_(std::move(work)) {}

  /// The loss of a batch.
  double operator()(const data::Batch& batch);

 private:
  Tensor replay(const data::Batch& batch);

  nn::Parameters parameters_;
  Work work_;

  // What a replay works on and leaves:
  Replay replay_;
  data::Batch batch_;
  Tensor loss_;
  std::vector<std::optional<Tensor>> gradients_;  // one a parameter
};

}  // namespace muonlab::app
