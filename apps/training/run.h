#pragma once

#include <optional>
#include <string>
#include <vector>

#include "apps/training/curve.h"

/// What becomes of a training.
namespace muonlab::app {

struct Epoch {
  int number;            // from 1
  double loss;           // mean of the batch losses
  double test_loss;      // mean cross-entropy of the test images after it; NaN where not known
  double test_accuracy;  // within [0, 1]
  double train_seconds;  // of training alone, without evaluation
};

/// Where the time of a step goes, and what holds memory.
struct Profile {
  struct Part {
    std::string name;
    int depth;  // 1 within the last part of depth 0 before it
    double ms;  // for a step
  };
  struct Kind {
    std::string name;
    Index bytes;
  };
  Index steps;  // that were measured
  std::vector<Part> parts;
  std::vector<Kind> memory;
};

/// What became of one contender with one seed.
struct Run {
  std::string optimizer;
  float lr;
  std::uint64_t seed;
  Index parameters;   // numbers in the model
  Index state_bytes;  // that the optimizer keeps between steps
  std::vector<Epoch> epochs = {};
  std::string stopped = {};  // why the run ended early; empty when it did not
  std::optional<Profile> profile = {};
  std::optional<Curve> curve = {};  // none when its beginning was not recorded

  bool is_finished(int all_epochs) const {
    return !stopped.empty() || static_cast<int>(epochs.size()) == all_epochs;
  }

  double train_seconds() const {
    double total = 0;
    for (const Epoch& epoch : epochs) total += epoch.train_seconds;
    return total;
  }
};

}  // namespace muonlab::app
