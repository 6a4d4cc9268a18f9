#pragma once

#include <cstdint>
#include <functional>
#include <iterator>
#include <optional>

#include "muonlab/core/rng.h"
#include "muonlab/data/dataset.h"

namespace muonlab::data {

/// Rng(seed, order_stream) shuffles. Weights come from another stream, so that the order of the
/// images does not depend on the model.
inline constexpr std::uint64_t order_stream = 0x6F72646572;  // "order" in ASCII

/// Rng(seed, augment_stream) augments.
inline constexpr std::uint64_t augment_stream = 0x6175676D656E74;  // "augment" in ASCII

/// Makes a batch from its pixels, with a random stream of its own; data/augment.h has the parts.
/// May be called from another thread, so what it captures must not change.
using Transform = std::function<Batch(const PixelBatch&, Rng)>;

/// The batches of a dataset, as a range: one loop over it is one epoch and sees every image once.
/// They are made on the dataset's device: only the order of an epoch is copied there from the CPU,
/// by begin().
///
///     Batches batches(mnist.train, 64, Rng(seed, order_stream));
///     for (int epoch = 0; epoch < epochs; ++epoch) {
///       for (const Batch& batch : batches) ...
///     }
///
/// The last batch is smaller when the batch size does not divide the number of images.
class Batches {
 public:
  /// In the dataset's own order, for evaluation. Throws unless there is a label for each image, on
  /// the images' device, and batch_size is at least 1.
  Batches(const Dataset& dataset, Index batch_size);

  /// In a new random order every epoch, drawn from `rng`: the same one on every device.
  Batches(const Dataset& dataset, Index batch_size, Rng rng);

  /// Makes batches by `transform` from now on. Batch b of epoch e, both counted from 0, is given
  /// rng.child(e).child(b), whatever batches were made before it. Without a transform, or with an
  /// empty one, pixels become byte / 255.
  void transform(Transform transform, Rng rng);
  bool has_transform() const { return transform_ != nullptr; }

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
  Device device() const { return images_.device(); }

 private:
  Batch batch(Index number) const;

  Bytes images_;
  Integers labels_;
  Index batch_size_;
  std::optional<Rng> start_;  // rng_ at the start, for seek()
  std::optional<Rng> rng_;    // none: the dataset's own order
  Index epoch_ = -1;          // of the last begin(), from 0
  Index first_ = 0;           // of the next begin()
  Integers order_;            // (n), on device(): the images' numbers in this epoch's order
  Transform transform_;
  Rng transform_rng_{0};
};

}  // namespace muonlab::data
