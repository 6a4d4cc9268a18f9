#include "apps/training/experiment.h"

namespace muonlab::app {

data::Batches Experiment::training_batches(std::uint64_t seed) const {
  data::Batches batches(train, batch_size, Rng(seed, data::order_stream));
  batches.transform(training_transform, Rng(seed, data::augment_stream));
  return batches;
}

data::Batches Experiment::evaluation_batches(const data::Dataset& set) const {
  data::Batches batches(set, test_batch_size);
  batches.transform(test_transform, Rng(0));
  return batches;
}

}  // namespace muonlab::app
