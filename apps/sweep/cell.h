#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "apps/keeping/arguments.h"
#include "apps/kit/fields.h"
#include "apps/training/experiment.h"
#include "apps/training/training.h"

/// What a sweep is made of: the same training at many rates and batch sizes.
namespace muonlab::app {

/// What is trained: a place in the grid, and a seed.
struct Cell {
  std::string optimizer;
  Index batch_size;
  float lr;
  std::uint64_t seed;

  auto operator<=>(const Cell&) const = default;
};

/// What the training came to.
struct Score {
  double loss = 0;                 // mean of the batch losses of the last epoch
  double validation_loss = 0;      // mean over the images held out
  double validation_accuracy = 0;  // within [0, 1], of the same
  double test_accuracy = 0;        // within [0, 1]
  double train_seconds = 0;        // of training alone, all epochs
};

/// An object of its members.
Json to_json(const Score& score);

struct Result {
  Cell cell;
  Score score = {};
  std::string diverged = {};  // where, and how; the score is then zero. Empty when it did not
};

/// An experiment with every tenth of its training images held out: the rate is chosen by these,
/// so that the test images say what the chosen one is worth.
struct Trial {
  /// Throws when there are fewer than ten training images.
  explicit Trial(Experiment whole);

  Experiment experiment;  // trains on the others
  std::shared_ptr<const data::Examples> validation;
};

/// Called after each step with the number of those done, and the loss of the last.
using AfterStep = std::function<void(Index steps, double loss)>;

/// Trains `contender`, at the cell's rate, as `arguments` say: the same bits whichever cells were
/// trained before. Throws Interrupted when asked to, and what `after_step` throws.
Result train(const Cell& cell, Contender contender, const Trial& trial, const Arguments& arguments,
             const AfterStep& after_step);

}  // namespace muonlab::app
