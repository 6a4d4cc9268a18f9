#pragma once

#include <functional>
#include <memory>

#include "apps/memory/prediction.h"
#include "muonlab/nn/module.h"

namespace muonlab::app {

/// A model of ours, with what it learns from.
struct Subject {
  std::string name;
  std::function<std::unique_ptr<nn::Layer>(Rng&)> make;
  Shape images;  // of one batch
};

/// Bytes that arrays hold, in blocks as they are allocated: up to an eighth more than is asked for.
struct Measured {
  Index parameters;
  Index gradients;
  Index state;
  Index peak;  // all of these during a step, its activations and the images among them; what
               // threads work with at the same time differs from run to run
};

/// Builds the model and the optimizer and takes one step on noise, counting what is held before and
/// after each.
Measured measure(const Subject& subject, const Keeping& keeping);

}  // namespace muonlab::app
