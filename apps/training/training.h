#pragma once

#include <functional>
#include <memory>

#include "apps/training/contender.h"
#include "apps/training/divergence.h"
#include "apps/training/experiment.h"
#include "apps/training/step.h"

namespace muonlab::app {

/// How far a run is within an epoch.
struct Position {
  Index batch = 0;      // batches done
  double loss = 0;      // of the last one
  double loss_sum = 0;  // of their losses
  double seconds = 0;   // that they took
};

/// A contender at work: together with the epoch's number, all that decides how it goes on.
struct Training {
  /// All contenders of a seed start from the same weights and see the same batches. `precision` is
  /// that of products and convolutions.
  Training(const Contender& contender, std::uint64_t seed, const Experiment& experiment,
           Device device, Precision precision = Precision::float32);
  Training(const Training&) = delete;  // its parts refer to each other
  Training& operator=(const Training&) = delete;

  Model model;
  std::unique_ptr<optim::Optimizer> optimizer;
  data::Batches batches;
  optim::Schedule schedule;
  Precision precision;
  Step forward_and_backward;
  Position position = {};
};

/// Trains from where `training` is to the end of the epoch, counted from 0. After each step
/// `after_step` is called, whose time does not count. Throws Diverged when a loss, or a parameter
/// in the end, is not finite, and what `after_step` throws: `training` then is between two steps.
void train_epoch(Training& training, Index epoch, const std::function<void()>& after_step);

/// What a model in evaluation makes of examples.
struct Evaluation {
  double loss;      // mean of the experiment's loss over all labels: in nats for classes
  double accuracy;  // fraction of the labels that are right
};

/// Of every one of `examples` once, as they are. Throws Interrupted when asked to. With a training,
/// its optimizer takes the model to where it is evaluated, and back.
Evaluation evaluate(const Model& model, const Experiment& experiment,
                    const std::shared_ptr<const data::Examples>& examples);
Evaluation evaluate(Training& training, const Experiment& experiment,
                    const std::shared_ptr<const data::Examples>& examples);

}  // namespace muonlab::app
