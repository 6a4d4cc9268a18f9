#include "apps/comparison/training.h"

#include <cmath>

#include "apps/comparison/interrupt.h"
#include "core/math.h"
#include "core/profile.h"
#include "data/prefetch.h"

namespace muonlab::app {
namespace {

Variable loss_of(nn::Layer& model, const data::Batch& batch) {
  const profile::Section section("forward");
  return cross_entropy(model(Variable(batch.images)), batch.labels);
}

std::unique_ptr<nn::Layer> model_for(const Experiment& experiment, std::uint64_t seed,
                                     Device device) {
  Rng rng(seed);
  std::unique_ptr<nn::Layer> model = experiment.make_model(rng);
  model->to(device);
  return model;
}

}  // namespace

Training::Training(const Contender& contender, std::uint64_t seed, const Experiment& experiment,
                   Device device)
    : model(model_for(experiment, seed, device)),
      optimizer(contender.optimizer(model->parameters())),
      batches(experiment.training_batches(seed)) {}

void train_epoch(Training& training, Index epoch, const std::function<void()>& after_step) {
  auto& [model, optimizer, batches, position] = training;
  const nn::Parameters parameters = model->parameters();
  model->train();
  batches.seek(epoch, position.batch);
  Stopwatch watch;
  data::Prefetch ahead(batches);
  for (const data::Batch& batch : ahead) {
    optimizer->zero_grad();
    const Variable loss = loss_of(*model, batch);
    const double value = loss.value().item();
    if (!std::isfinite(value)) throw Diverged(position.batch + 1, value, parameters);

    loss.backward();
    optimizer->step();

    ++position.batch;
    position.loss = value;
    position.loss_sum += value;
    position.seconds += watch.lap();
    after_step();
    watch.lap();
  }
  if (first_not_finite(parameters) != nullptr) {
    throw Diverged(position.batch, position.loss, parameters);
  }
  position.seconds += watch.lap();
}

double accuracy(nn::Layer& model, data::Batches batches) {
  const NoGrad no_grad;
  model.eval();
  Index right = 0;
  Index all = 0;
  for (const data::Batch& batch : batches) {
    const Labels guess = math::argmax(model(Variable(batch.images)).value());
    for (Index i = 0; i < guess.count(); ++i) right += guess.data()[i] == batch.labels.data()[i];
    all += guess.count();
    stop_if_asked();
  }
  return static_cast<double>(right) / static_cast<double>(all);
}

}  // namespace muonlab::app
