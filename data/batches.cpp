#include "muonlab/data/batches.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <numeric>
#include <utility>

#include "muonlab/data/images.h"

namespace muonlab::data {
namespace {

/// 0, 1, ..., count - 1.
Integers in_order(Index count) {
  Integers order({count});
  std::iota(order.values().begin(), order.values().end(), 0);
  return order;
}

/// The numbers 0 to count - 1, every permutation equally likely: Fisher-Yates, Durstenfeld 1964.
Integers shuffled(Index count, Rng& rng) {
  Integers order = in_order(count);
  std::int32_t* number = order.data();
  for (Index i = count - 1; i > 0; --i) std::swap(number[i], number[rng.below(i + 1)]);
  return order;
}

}  // namespace

Batches::Batches(std::shared_ptr<const Examples> examples, Index batch_size)
    : examples_(std::move(examples)) {
  const Index count = examples_->size();
  check(count <= std::numeric_limits<std::int32_t>::max(), "batches: too many examples, got ",
        count, ", expected less than 2^31");
  check(batch_size >= 1, "batches: the batch size is ", batch_size, ", expected at least 1");
  batch_size_ = std::min(batch_size, std::max<Index>(1, count));  // a larger one changes nothing
  order_ = in_order(count).to(device());
}

Batches::Batches(std::shared_ptr<const Examples> examples, Index batch_size, Rng order,
                 std::optional<Rng> augmentation)
    : Batches(std::move(examples), batch_size) {
  start_ = rng_ = order;
  augmentation_ = augmentation;
}

Batches::Batches(const Dataset& dataset, Index batch_size)
    : Batches(std::make_shared<Images>(dataset), batch_size) {}

Batches::Batches(const Dataset& dataset, Index batch_size, Rng order)
    : Batches(std::make_shared<Images>(dataset), batch_size, order) {}

Batches::Iterator Batches::begin() {
  ++epoch_;
  // A new array, because copies of Batches share the old one.
  if (rng_) order_ = shuffled(order_.count(), *rng_).to(device());
  return {*this, std::exchange(first_, 0)};
}

void Batches::seek(Index epoch, Index first) {
  check(epoch >= 0, "batches: an epoch is at least 0, got ", epoch);
  check(0 <= first && first <= size(), "batches: an epoch has ", size(), " batches, cannot skip ",
        first);
  if (epoch <= epoch_) {
    rng_ = start_;
    epoch_ = -1;
  }
  for (Index i = epoch_ + 1; rng_ && i < epoch; ++i) shuffled(order_.count(), *rng_);
  epoch_ = epoch - 1;
  first_ = first;
}

Index Batches::size() const { return (order_.count() + batch_size_ - 1) / batch_size_; }

Batch Batches::batch(Index number) const {
  const Index begin = number * batch_size_;
  Draw draw = {.numbers = order_.slice(begin, std::min(begin + batch_size_, order_.count())),
               .epoch = epoch_};
  if (augmentation_) {
    draw.augmentation = augmentation_->child(static_cast<std::uint64_t>(epoch_))
                            .child(static_cast<std::uint64_t>(number));
  }
  return examples_->batch(draw);
}

}  // namespace muonlab::data
