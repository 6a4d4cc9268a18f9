#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <iterator>
#include <mutex>
#include <optional>
#include <thread>

#include "data/batches.h"

namespace muonlab::data {

/// The next epoch of `batches`, as a range to loop over once: the same batches to the bit, but made
/// by another thread while the loop works, up to two ahead of it.
///
///     for (const Batch& batch : Prefetch(batches)) ...
///
/// Batches without a transform are a mere copy, and made in the loop: to hand one over was measured
/// to take longer, a sixth of a step on MNIST. On the GPU all are made in the loop: it only queues
/// the work, so the queue runs ahead by itself, and another thread's work would be queued apart
/// from that of the loop, to which it would have to be put in order.
///
/// What making a batch throws, the loop throws when it comes to that batch. The loop may be left
/// early; no batch but the one in the making is then made any more.
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
  Batches::Iterator next_;        // of the thread that makes batches
  std::optional<Batch> current_;  // of the loop; none when the epoch is over

  std::mutex mutex_;  // of what follows
  std::condition_variable changed_;
  std::deque<Batch> ready_;
  bool over_ = false;           // nothing follows what is ready
  std::exception_ptr problem_;  // why, unless the epoch is over
  bool abandoned_ = false;      // nobody waits for more

  std::thread
      thread_;  // last: it begins when all else is there; none when batches are made in the loop
};

}  // namespace muonlab::data
