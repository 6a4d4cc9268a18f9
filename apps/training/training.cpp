#include "apps/training/training.h"

#include <cmath>

#include "apps/kit/interrupt.h"
#include "apps/kit/stopwatch.h"
#include "muonlab/autograd/functions.h"
#include "muonlab/core/math.h"
#include "muonlab/core/precision.h"
#include "muonlab/core/profile.h"
#include "muonlab/data/prefetch.h"

namespace muonlab::app {
namespace {

std::unique_ptr<nn::Layer> model_for(const Experiment& experiment, std::uint64_t seed,
                                     Device device) {
  Rng rng(seed);
  std::unique_ptr<nn::Layer> model = experiment.make_model(rng);
  model->to(device);
  return model;
}

Variable loss_of(nn::Layer& model, const Tensor& images, const Integers& labels) {
  const profile::Section section("forward");
  return cross_entropy(model(Variable(images)), labels);
}

Step forward_and_backward(nn::Layer& model, optim::Optimizer& optimizer) {
  return {model.parameters(), [&model, &optimizer](const Tensor& images, const Integers& labels) {
            optimizer.zero_grad();
            const Variable loss = loss_of(model, images, labels);
            loss.backward();
            return loss.value();
          }};
}

}  // namespace

Training::Training(const Contender& contender, std::uint64_t seed, const Experiment& experiment,
                   Device device, Precision in)
    : model(model_for(experiment, seed, device)),
      optimizer(contender.optimizer(model->parameters())),
      batches(experiment.training_batches(seed)),
      schedule(experiment.schedule(batches.size())),
      precision(in),
      forward_and_backward(app::forward_and_backward(*model, *optimizer)) {}

void train_epoch(Training& training, Index epoch, const std::function<void()>& after_step) {
  nn::Layer& model = *training.model;
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

Evaluation evaluate(nn::Layer& model, data::Batches batches) {
  const NoGrad no_grad;
  model.eval();
  double loss = 0;
  Index right = 0;
  Index all = 0;
  for (const data::Batch& batch : batches) {
    const Variable logits = model(Variable(batch.images));
    const Integers guess = math::argmax(logits.value()).to(Device::cpu);
    const Integers labels = batch.labels.to(Device::cpu);
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
