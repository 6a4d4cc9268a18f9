#pragma once

#include <vector>

#include "muonlab/nn/parameter.h"

namespace muonlab::optim {

/// A mean of weights over the last steps of a training, which is often better than the last
/// weights: after step t, a = a + (w - a) / min(t, window). So it is the mean of all until `window`
/// steps are done, and from then on forgets the older ones. Polyak, Juditsky 1992; in use as "tail
/// averaging" where training is fastest.
///
///     WeightAverage average(model.parameters(), 1000);
///     ... optimizer.step(); average.update();
///     average.exchange();    // the model has the average, for evaluation
///     average.exchange();    // and its own weights again, to the bit
class WeightAverage {
 public:
  /// Throws unless window is at least 1. Keeps a copy of the parameters.
  WeightAverage(nn::Parameters parameters, Index window);

  /// To be called after each step. Throws while the model has the average.
  void update();

  /// Exchanges the parameters' values with the averages.
  void exchange();

 private:
  nn::Parameters parameters_;
  Index window_;
  Index steps_ = 0;
  bool is_swapped_ = false;
  std::vector<Tensor> means_;
};

}  // namespace muonlab::optim
