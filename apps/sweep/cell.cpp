#include "apps/sweep/cell.h"

#include <cmath>
#include <fmt/format.h>
#include <iterator>
#include <utility>
#include <vector>

#include "apps/kit/interrupt.h"
#include "apps/training/divergence.h"

namespace muonlab::app {
namespace {

/// Every tenth image is held out, not the last tenth: a set may be sorted.
constexpr Index stride = 10;

/// The images that are held out, or those that are not.
std::shared_ptr<const data::Examples> part_of(const std::shared_ptr<const data::Examples>& all,
                                              bool held_out) {
  std::vector<std::int32_t> numbers;
  for (std::int32_t i = 0; i < all->size(); ++i) {
    if ((i % stride == stride - 1) == held_out) numbers.push_back(i);
  }
  return std::make_shared<data::Subset>(all, Integers({std::ssize(numbers)}, numbers));
}

/// Trains all epochs, and adds to `score` what is known then. Returns why it stopped; empty when
/// it did not.
std::string train_epochs(Training& training, int epochs, const AfterStep& after_step,
                         Score& score) {
  const Index batches = training.batches.size();
  Position& position = training.position;
  const auto step_is_done = [&](Index epoch) {
    after_step(epoch * batches + position.batch, position.loss);
    stop_if_asked();
  };
  for (Index epoch = 0; epoch < epochs; ++epoch) {
    try {
      train_epoch(training, epoch, [&] { step_is_done(epoch); });
    } catch (const Diverged& diverged) {
      return fmt::format("epoch {}, {}", epoch + 1, diverged.what());
    }
    score.loss = position.loss_sum / static_cast<double>(batches);
    score.train_seconds += position.seconds;
    position = {};
  }
  return "";
}

}  // namespace

Json to_json(const Score& score) {
  return {{"loss", score.loss},
          {"validation_loss", score.validation_loss},
          {"validation_accuracy", score.validation_accuracy},
          {"test_accuracy", score.test_accuracy},
          {"train_seconds", score.train_seconds}};
}

Trial::Trial(Experiment whole) : experiment(std::move(whole)) {
  const std::shared_ptr<const data::Examples> all = experiment.train;
  check(all->size() >= stride, "a sweep needs at least ", stride, " training images, got ",
        all->size());
  experiment.train = part_of(all, false);
  validation = part_of(all, true);
}

Result train(const Cell& cell, Contender contender, const Trial& trial, const Arguments& arguments,
             const AfterStep& after_step) {
  Experiment experiment = trial.experiment;
  experiment.batch_size = cell.batch_size;
  contender.lr = cell.lr;
  Training training(contender, cell.seed, experiment, arguments.device, arguments.precision);
  Score score;
  std::string diverged = train_epochs(training, arguments.epochs, after_step, score);
  if (diverged.empty()) {
    const Evaluation held_out = evaluate(training, experiment, trial.validation);
    score.validation_loss = held_out.loss;
    score.validation_accuracy = held_out.accuracy;
    if (!std::isfinite(score.validation_loss)) {
      diverged = "the loss of images held out is not finite";
    }
  }
  if (!diverged.empty()) return {.cell = cell, .score = {}, .diverged = diverged};
  score.test_accuracy = evaluate(training, experiment, experiment.test).accuracy;
  return {.cell = cell, .score = score, .diverged = ""};
}

}  // namespace muonlab::app
