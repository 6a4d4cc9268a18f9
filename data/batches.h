#pragma once

#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>

#include "muonlab/core/rng.h"
#include "muonlab/data/dataset.h"
#include "muonlab/data/examples.h"

namespace muonlab::data {

/// Rng(seed, order_stream) shuffles. Weights come from another stream, so that the order of the
/// examples does not depend on the model.
inline constexpr std::uint64_t order_stream = 0x6F72646572;  // "order" in ASCII

/// Rng(seed, augment_stream) augments.
inline constexpr std::uint64_t augment_stream = 0x6175676D656E74;  // "augment" in ASCII

/// The batches of examples, as a range: one loop over it is one epoch and sees every example once.
/// They are made on the examples' device: only the order of an epoch is copied there from the CPU,
/// by begin().
///
///     Batches batches(mnist.train, 64, Rng(seed, order_stream));
///     for (int epoch = 0; epoch < epochs; ++epoch) {
///       for (const Batch& batch : batches) ...
///     }
///
/// The last batch is smaller when the batch size does not divide the number of examples.
class Batches {
 public:
  /// In the examples' own order and as they are, for evaluation. Throws unless there are less than
  /// 2^31, and batch_size is at least 1.
  Batches(std::shared_ptr<const Examples> examples, Index batch_size);

  /// In a new random order every epoch, drawn from `order`: the same one on every device. Batch b
  /// of epoch e, both counted from 0, is augmented by augmentation.child(e).child(b), whatever
  /// batches were made before it.
  Batches(std::shared_ptr<const Examples> examples, Index batch_size, Rng order,
          std::optional<Rng> augmentation = {});

  /// The same of Images(dataset), whose pixels become byte / 255.
  Batches(const Dataset& dataset, Index batch_size);
  Batches(const Dataset& dataset, Index batch_size, Rng order);

  /// One place in an epoch. The batch is made when it is asked for, so skipping one costs nothing.
  class Iterator {
   public:
    Iterator(const Batches& batches, Index number) : batches_(&batches), number_(number) {}
    Batch operator*() const { return batches_->batch(number_); }
    Iterator& operator++() {
      ++number_;
      return *this;
    }
    bool operator==(std::default_sentinel_t) const { return number_ == batches_->size(); }

    /// The batch's place in the epoch, from 0.
    Index number() const { return number_; }

   private:
    const Batches* batches_;
    Index number_;
  };

  /// Starts the next epoch: shuffles, unless the order is the dataset's own. Older iterators go on
  /// in the new order.
  Iterator begin();

  /// Makes the next begin() start `epoch`, counted from 0, without its first `first` batches, so
  /// that a stopped run can go on where it was. Takes the time of a shuffle for each epoch that is
  /// skipped; when going back, for each epoch from 0 on. Throws unless 0 <= epoch and 0 <= first <=
  /// size().
  void seek(Index epoch, Index first);
  std::default_sentinel_t end() const { return {}; }

  /// Number of batches in an epoch.
  Index size() const;

  /// Where batches are made.
  Device device() const { return examples_->device(); }

  /// Whether a batch takes more than copies.
  bool take_work() const { return examples_->take_work(); }

 private:
  Batch batch(Index number) const;

  std::shared_ptr<const Examples> examples_;
  Index batch_size_;
  std::optional<Rng> start_;  // rng_ at the start, for seek()
  std::optional<Rng> rng_;    // none: the examples' own order
  std::optional<Rng> augmentation_;
  Index epoch_ = -1;  // of the last begin(), from 0
  Index first_ = 0;   // of the next begin()
  Integers order_;    // (n), on device(): the examples' numbers in this epoch's order
};

}  // namespace muonlab::data
