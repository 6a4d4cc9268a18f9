#include "apps/comparison/training.h"

#include <cmath>

#include "apps/comparison/interrupt.h"
#include "autograd/functions.h"
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

Evaluation evaluate(nn::Layer& model, data::Batches batches) {
  const NoGrad no_grad;
  model.eval();
  double loss = 0;
  Index right = 0;
  Index all = 0;
  for (const data::Batch& batch : batches) {
    const Variable logits = model(Variable(batch.images));
    const Labels guess = math::argmax(logits.value()).to(Device::cpu);
    const Labels labels = batch.labels.to(Device::cpu);
    const Index count = labels.count();
    for (Index i = 0; i < count; ++i) right += guess.data()[i] == labels.data()[i];
    loss += cross_entropy(logits, batch.labels).value().item() * static_cast<double>(count);
    all += count;
    stop_if_asked();
  }
  const auto images = static_cast<double>(all);
  return {.loss = loss / images, .accuracy = static_cast<double>(right) / images};
}

}  // namespace muonlab::app
