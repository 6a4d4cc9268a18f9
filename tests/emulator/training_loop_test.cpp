// What a training loop on the GPU copies, and what it waits for: only a stand-in can count that.

#include <emulator.h>
#include <memory>

#include <doctest/doctest.h>

#include "apps/experiments/models.h"
#include "muonlab/core/replay.h"
#include "muonlab/data/augment.h"
#include "muonlab/data/batches.h"
#include "muonlab/data/images.h"
#include "muonlab/data/prefetch.h"
#include "muonlab/optim/adam.h"
#include "tests/gpu/step.h"

namespace muonlab::test {
namespace {

data::Dataset dataset(Index count) {
  data::Dataset set = {
      .images = Bytes({count, 3, 32, 32}), .labels = Integers({count}), .classes = 10};
  Rng rng(4);
  for (std::uint8_t& pixel : set.images.values()) pixel = rng.bits() & 255;
  for (std::int32_t& label : set.labels.values()) label = static_cast<std::int32_t>(rng.below(10));
  return set.to(Device::cuda);
}

data::PixelBatch augmented(const data::PixelBatch& batch, Rng rng) {
  return data::random_flip(data::random_crop(batch, 4, rng), rng);
}

data::Batch normalized(const data::PixelBatch& batch) {
  constexpr float mean[] = {0.5F, 0.4F, 0.6F};
  constexpr float deviation[] = {0.2F, 0.3F, 0.1F};
  return data::normalize(batch, mean, deviation);
}

/// What an epoch of 5 steps does, with the third epoch's numbers.
emulator::Counts counts_of_epoch(bool replayed) {
  set_replay(replayed);
  Rng rng(1);
  app::Cnn model(Index{2}, rng);
  model.to(Device::cuda);
  optim::AdamW optimizer(model.parameters());
  const auto images = std::make_shared<data::Images>(dataset(20), augmented, normalized);
  data::Batches batches(images, 4, Rng(1), Rng(2));
  app::Step step = step_of(model, optimizer);
  emulator::Counts before{};
  for (int epoch = 0; epoch < 3; ++epoch) {
    data::Prefetch ahead(batches);
    before = emulator::counts();
    for (const data::Batch& batch : ahead) {
      step(batch);
      optimizer.step();
    }
  }
  set_replay(false);
  const emulator::Counts after = emulator::counts();
  return {.launches = after.launches - before.launches,
          .products = after.products - before.products,
          .graphs = after.graphs - before.graphs,
          .copies_to_device = after.copies_to_device - before.copies_to_device,
          .copies_to_host = after.copies_to_host - before.copies_to_host,
          .synchronizations = after.synchronizations - before.synchronizations};
}

TEST_CASE("a training loop copies and waits for nothing but the loss of each step") {
  for (const bool replayed : {false, true}) {
    CAPTURE(replayed);
    const emulator::Counts counts = counts_of_epoch(replayed);
    CHECK(counts.copies_to_device == 0);
    CHECK(counts.copies_to_host == 5);
    CHECK(counts.synchronizations == 5);
    CHECK(counts.graphs == (replayed ? 5 : 0));
    MESSAGE("launches of a step: ", counts.launches / 5, ", products: ", counts.products / 5);
  }
}

}  // namespace
}  // namespace muonlab::test
