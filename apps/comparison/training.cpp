#include "apps/comparison/training.h"

#include <cmath>

#include "apps/comparison/interrupt.h"
#include "core/math.h"
#include "data/prefetch.h"

namespace muonlab::app {
namespace {

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
      batches(experiment.training_batches(seed)),
      position{},
      step(*model) {}

void train_epoch(Training& training, Index epoch, const std::function<void()>& after_step) {
  auto& [model, optimizer, batches, position, step] = training;
  const nn::Parameters parameters = model->parameters();
  model->train();
  batches.seek(epoch, position.batch);
  Stopwatch watch;
  data::Prefetch ahead(batches);
  for (const data::Batch& batch : ahead) {
    const double value = step(batch);
    if (!std::isfinite(value)) throw Diverged(position.batch + 1, value, parameters);
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
    const Labels guess = math::argmax(model(Variable(batch.images)).value()).to(Device::cpu);
    const Labels labels = batch.labels.to(Device::cpu);
    for (Index i = 0; i < guess.count(); ++i) right += guess.data()[i] == labels.data()[i];
    all += guess.count();
    stop_if_asked();
  }
  return static_cast<double>(right) / static_cast<double>(all);
}

}  // namespace muonlab::app
