#include <cmath>
#include <limits>
#include <memory>
#include <numeric>

#include <doctest/doctest.h>

#include "apps/keeping/run_json.h"
#include "apps/training/training.h"
#include "muonlab/nn/layers.h"

namespace muonlab::test {
namespace {

/// `count` images of one white pixel; label i is i modulo 4.
std::shared_ptr<data::Images> white(Index count) {
  data::Dataset dataset{
      .images = Bytes({count, 1, 1, 1}), .labels = Integers({count}), .classes = 4};
  for (Index i = 0; i < count; ++i) {
    dataset.images.data()[i] = 255;
    dataset.labels.data()[i] = static_cast<std::int32_t>(i % 4);
  }
  return std::make_shared<data::Images>(dataset);
}

TEST_CASE("an evaluation's loss is the mean over images, also when the last batch is smaller") {
  Rng rng(0);
  auto layers = std::make_unique<nn::Sequential>();
  layers->then<nn::Flatten>();
  auto& linear = layers->then<nn::Linear>(1, 4, rng);
  const app::Model model(std::move(layers));
  const std::vector<float> logits = {0.5F, -1, 2, 0};  // of every image
  for (Index i = 0; i < 4; ++i) {
    linear.parameters()[0].variable.value().data()[i] = logits[static_cast<std::size_t>(i)];
    linear.parameters()[1].variable.value().data()[i] = 0;
  }
  double sum = 0;
  for (const float logit : logits) sum += std::exp(static_cast<double>(logit));
  // Labels 0 1 2 3 0 1 2: the mean of log(sum) - logit.
  const double chosen = 2 * 0.5 - 2 * 1 + 2 * 2 + 0;
  for (const Index batch_size : {1, 3, 7}) {
    CAPTURE(batch_size);
    app::Experiment experiment = {
        .protocol = "", .data = "", .train = {}, .test = white(7), .batch_size = 1};
    experiment.test_batch_size = batch_size;
    const app::Evaluation test = app::evaluate(model, experiment, experiment.test);
    CHECK(test.loss == doctest::Approx(std::log(sum) - chosen / 7).epsilon(1e-6));
    CHECK(test.accuracy == 2.0 / 7);
  }
}

TEST_CASE("a test loss that is not finite is null in a file, and stays that") {
  const app::Run run = {.optimizer = "sgd",
                        .lr = 0.1F,
                        .seed = 0,
                        .parameters = 1,
                        .state_bytes = 0,
                        .epochs = {{.number = 1,
                                    .loss = 2,
                                    .test_loss = std::numeric_limits<double>::infinity(),
                                    .test_accuracy = 0.1,
                                    .train_seconds = 1}}};
  const app::Json json = app::Json::parse(to_json(run).dump());
  CHECK(json["epochs"][0]["test_loss"].is_null());
  const app::Run again = to_run(app::Fields(json, "FILE"), 1);
  CHECK(std::isnan(again.epochs[0].test_loss));
  CHECK(to_json(again) == json);
}

}  // namespace
}  // namespace muonlab::test
