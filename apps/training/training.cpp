#include "apps/training/training.h"

#include <cmath>

#include "apps/kit/interrupt.h"
#include "apps/kit/stopwatch.h"
#include "muonlab/autograd/functions.h"
#include "muonlab/core/precision.h"
#include "muonlab/core/profile.h"
#include "muonlab/data/prefetch.h"

namespace muonlab::app {
namespace {

Model model_for(const Experiment& experiment, std::uint64_t seed, Device device) {
  Rng rng(seed);
  Model model = experiment.make_model(rng);
  model->to(device);
  return model;
}

/// Of a training's own model and optimizer, which live as long.
Step forward_and_backward(const Model& model, optim::Optimizer& optimizer,
                          const Experiment& experiment) {
  const auto work = [&model, &optimizer, loss_of = experiment.loss](const data::Batch& batch) {
    optimizer.zero_grad();
    const Variable loss = [&] {
      const profile::Section section("forward");
      return loss_of(model(batch), batch);
    }();
    loss.backward();
    return loss.value();
  };
  return {model->parameters(), work};
}

}  // namespace

Training::Training(const Contender& contender, std::uint64_t seed, const Experiment& experiment,
                   Device device, Precision in)
    : model(model_for(experiment, seed, device)),
      optimizer(contender.optimizer(model->parameters())),
      batches(experiment.training_batches(seed)),
      schedule(experiment.schedule(batches.size())),
      precision(in),
      forward_and_backward(app::forward_and_backward(model, *optimizer, experiment)) {}

void train_epoch(Training& training, Index epoch, const std::function<void()>& after_step) {
  nn::Module& model = *training.model;
  optim::Optimizer& optimizer = *training.optimizer;
  data::Batches& batches = training.batches;
  Position& position = training.position;
  const nn::Parameters parameters = model.parameters();
  const ProductPrecision precision(training.precision);

  model.train();
  batches.seek(epoch, position.batch);
  Stopwatch watch;
  data::Prefetch ahead(batches);
  for (const data::Batch& batch : ahead) {
    const double loss = training.forward_and_backward(batch);
    if (!std::isfinite(loss)) throw Diverged(position.batch + 1, loss, parameters);
    optimizer.set_lr_scale(training.schedule(epoch * batches.size() + position.batch));
    optimizer.step();

    ++position.batch;
    position.loss = loss;
    position.loss_sum += loss;
    position.seconds += watch.lap();
    after_step();
    watch.lap();
  }
  if (first_not_finite(parameters) != nullptr) {
    throw Diverged(position.batch, position.loss, parameters);
  }
  position.seconds += watch.lap();
}

Evaluation evaluate(const Model& model, const Experiment& experiment,
                    const std::shared_ptr<const data::Examples>& examples) {
  const NoGrad no_grad;
  model->eval();
  double loss = 0;
  Index right = 0;
  Index all = 0;
  for (const data::Batch& batch : data::Batches(examples, experiment.test_batch_size)) {
    const Variable output = model(batch);
    const Index labels = batch.labels.count();
    loss += experiment.loss(output, batch).value().item() * static_cast<double>(labels);
    right += experiment.right(output.value(), batch);
    all += labels;
    stop_if_asked();
  }
  const auto labels = static_cast<double>(all);
  return {.loss = loss / labels, .accuracy = static_cast<double>(right) / labels};
}

Evaluation evaluate(Training& training, const Experiment& experiment,
                    const std::shared_ptr<const data::Examples>& examples) {
  training.optimizer->train(false);
  try {
    const Evaluation evaluation = evaluate(training.model, experiment, examples);
    training.optimizer->train();
    return evaluation;
  } catch (...) {
    training.optimizer->train();
    throw;
  }
}

}  // namespace muonlab::app
