#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <iterator>
#include <mutex>
#include <optional>
#include <thread>

#include "muonlab/data/batches.h"

namespace muonlab::data {

/// The next epoch of `batches`, as a range to loop over once: the same batches to the bit, but made
/// by another thread while the loop works, up to two ahead of it.
///
///     for (const Batch& batch : Prefetch(batches)) ...
///
/// Batches that are mere copies are made in the loop: handing one over was measured to take longer,
/// a sixth of a step on MNIST. On the GPU all batches are made in the
/// loop: it only queues their work, so the queue runs ahead by itself, while the queue of another
/// thread would have to be put in order with it.
///
/// An error in making a batch is thrown in the loop when it comes to that batch. The loop may be
/// left early; then only the batch that is being made is finished.
class Prefetch {
 public:
  /// Starts the epoch, as batches.begin() does, and works on a copy from then on.
  explicit Prefetch(Batches& batches) : Prefetch(batches, batches.begin().number()) {}
  ~Prefetch();
  Prefetch(const Prefetch&) = delete;
  Prefetch& operator=(const Prefetch&) = delete;

  class Iterator {
   public:
    explicit Iterator(Prefetch& range) : range_(&range) {}
    const Batch& operator*() const { return *range_->current_; }
    Iterator& operator++() {
      range_->take();
      return *this;
    }
    bool operator==(std::default_sentinel_t) const { return !range_->current_; }

   private:
    Prefetch* range_;
  };

  /// Waits for the first batch; to be called once.
  Iterator begin() {
    take();
    return Iterator(*this);
  }
  std::default_sentinel_t end() const { return {}; }

 private:
  static constexpr std::size_t ahead = 2;

  Prefetch(const Batches& batches, Index first);

  void make();
  void take();

  Batches batches_;
  Batches::Iterator next_;        // the batch to be made next
  std::optional<Batch> current_;  // the loop's batch; none when the epoch is over

  std::mutex mutex_;  // guards the members below
  std::condition_variable changed_;
  std::deque<Batch> ready_;
  bool over_ = false;           // no batch follows those in ready_
  std::exception_ptr problem_;  // why, when making a batch failed
  bool abandoned_ = false;      // the loop was left early

  // Last, so that it starts when all else exists; none when batches are made in the loop.
  std::thread thread_;
};

}  // namespace muonlab::data
