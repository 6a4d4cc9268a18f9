#include "muonlab/data/prefetch.h"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <numeric>
#include <vector>

#include <doctest/doctest.h>

#include "muonlab/data/augment.h"
#include "muonlab/data/images.h"

namespace muonlab::test {
namespace {

using data::Batch;
using data::Batches;
using data::PixelBatch;
using data::Prefetch;

/// 42 images, labelled by their numbers.
data::Dataset numbered() {
  data::Dataset dataset{.images = Bytes({42, 3, 4, 4}), .labels = Integers({42}), .classes = 42};
  Rng rng(3);
  for (std::uint8_t& pixel : dataset.images.values()) pixel = rng.bits() & 255;
  std::iota(dataset.labels.values().begin(), dataset.labels.values().end(), 0);
  return dataset;
}

/// Their shuffled batches of 4.
Batches batches_of(const data::Augmentation& augment, const data::Conversion& convert = {}) {
  return {std::make_shared<data::Images>(numbered(), augment, convert), 4,
          Rng(1, data::order_stream), Rng(1, data::augment_stream)};
}

/// Flipped and moved at random.
Batches augmented() {
  return batches_of([](const PixelBatch& batch, Rng stream) {
    return data::random_flip(data::random_crop(batch, 1, stream), stream);
  });
}

/// Everything that a loop over `range` sees.
template <class Range>
std::vector<float> all(Range&& range) {
  std::vector<float> seen;
  for (const Batch& batch : range) {
    seen.insert(seen.end(), batch.labels.values().begin(), batch.labels.values().end());
    seen.insert(seen.end(), batch.images.values().begin(), batch.images.values().end());
  }
  return seen;
}

TEST_CASE("prefetched batches are the same to the bit, epoch after epoch") {
  Batches here = augmented();
  Batches there = augmented();
  for (int epoch = 0; epoch < 3; ++epoch) CHECK(all(here) == all(Prefetch(there)));
  here.seek(1, 9);
  there.seek(1, 9);
  CHECK(all(here) == all(Prefetch(there)));
}

TEST_CASE("batches that are copies come in their order, too, from where seek() went") {
  Batches batches = batches_of({});
  Batches same = batches;
  for (Batches* each : {&batches, &same}) each->seek(1, 2);
  auto next = same.begin();
  Index count = 0;
  Prefetch ahead(batches);
  for (const Batch& batch : ahead) {
    const Batch expected = *next;
    ++next;
    CHECK(std::ranges::equal(batch.labels.values(), expected.labels.values()));
    CHECK(std::ranges::equal(batch.images.values(), expected.images.values()));
    ++count;
  }
  CHECK(count == batches.size() - 2);
}

TEST_CASE("an epoch without batches is over at once") {
  Batches batches = augmented();
  batches.seek(0, batches.size());
  CHECK(all(Prefetch(batches)).empty());
}

TEST_CASE("a loop over prefetched batches may be left early, and another begun") {
  Batches here = augmented();
  Batches there = augmented();
  for (const Batch& batch : Prefetch(there)) {
    CHECK(batch.labels.count() == 4);
    break;
  }
  { const Prefetch unused(there); }
  here.seek(2, 0);
  CHECK(all(here) == all(Prefetch(there)));
}

TEST_CASE("the batches of a prefetch do not change when the loop seeks another epoch") {
  Batches here = augmented();
  Batches there = augmented();
  const std::vector<float> expected = all(here);
  Prefetch epoch(there);
  there.seek(7, 0);
  CHECK(all(epoch) == expected);
}

TEST_CASE("at most two batches are made ahead of the loop") {
  std::atomic<int> made = 0;
  Batches batches = batches_of({}, [&made](const PixelBatch& batch) {
    ++made;
    return data::to_unit(batch);
  });
  int taken = 0;
  for (const Batch& batch : Prefetch(batches)) {
    taken += batch.labels.count() > 0 ? 1 : 0;
    CHECK(made >= taken);
    CHECK(made <= taken + 2);
  }
  CHECK(taken == 11);
  CHECK(made == 11);
}

TEST_CASE("what making a batch throws, the loop throws at that batch") {
  std::atomic<int> made = 0;
  Batches batches = batches_of({}, [&made](const PixelBatch& batch) {
    check(++made < 3, "no third batch");
    return data::to_unit(batch);
  });
  int taken = 0;
  const auto loop = [&] {
    for (const Batch& batch : Prefetch(batches)) taken += batch.labels.count() == 4 ? 1 : 0;
  };
  CHECK_THROWS_WITH_AS(loop(), "no third batch", Error);
  CHECK(taken == 2);
  CHECK(made == 3);
}

TEST_CASE("an exception in the loop ends the thread that makes batches") {
  Batches batches = augmented();
  const auto loop = [&batches] {
    for (const Batch& batch : Prefetch(batches)) check(batch.labels.count() != 4, "enough");
  };
  CHECK_THROWS_WITH_AS(loop(), "enough", Error);
}

}  // namespace
}  // namespace muonlab::test
