#include "apps/training.h"

#include <cmath>
#include <optional>

#include "apps/interrupt.h"
#include "core/math.h"
#include "core/profile.h"

namespace muonlab::app {
namespace {

Variable loss_of(nn::Layer& model, const data::Batch& batch) {
  const profile::Section section("forward");
  return cross_entropy(model(Variable(batch.images)), batch.labels);
}

}  // namespace

Training::Training(const Contender& contender, std::uint64_t seed, const Experiment& experiment,
                   Device device) {
  Rng rng(seed);
  model = experiment.make_model(rng);
  model->to(device);
  optimizer = contender.make(model->parameters(), contender.lr);
  batches = experiment.training_batches(seed);
}

void train_epoch(Training& training, Index epoch, const std::function<void()>& after_step) {
  auto& [model, optimizer, batches, position] = training;
  const nn::Parameters parameters = model->parameters();
  model->train();
  batches->start(epoch, position.batch);
  Stopwatch watch;
  while (const std::optional<data::Batch> batch = batches->next()) {
    optimizer->zero_grad();
    const Variable loss = loss_of(*model, *batch);
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

double accuracy(nn::Layer& model, BatchStream& batches) {
  const NoGrad no_grad;
  model.eval();
  Index right = 0;
  Index all = 0;
  batches.start(0, 0);
  while (const std::optional<data::Batch> batch = batches.next()) {
    const Labels guess = math::argmax(model(Variable(batch->images)).value());
    for (Index i = 0; i < guess.count(); ++i) right += guess.data()[i] == batch->labels.data()[i];
    all += guess.count();
    stop_if_asked();
  }
  return static_cast<double>(right) / static_cast<double>(all);
}

}  // namespace muonlab::app
