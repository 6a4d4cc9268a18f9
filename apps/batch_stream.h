#pragma once

#include <memory>
#include <optional>
#include <utility>

#include "core/profile.h"
#include "data/dataset.h"

namespace muonlab::app {

/// Batches, epoch after epoch, however they are made.
class BatchStream {
 public:
  BatchStream() = default;
  virtual ~BatchStream() = default;
  BatchStream(const BatchStream&) = delete;
  BatchStream& operator=(const BatchStream&) = delete;

  /// Goes to batch `first` of an epoch, both counted from 0.
  virtual void start(Index epoch, Index first) = 0;

  /// The next batch of the epoch; none after its last.
  virtual std::optional<data::Batch> next() = 0;

  /// Number of batches in an epoch.
  virtual Index size() const = 0;
};

/// A stream from a range with seek() and size(), such as data::Batches.
template <class Range>
class RangeStream final : public BatchStream {
 public:
  template <class... Arguments>
  explicit RangeStream(Arguments&&... arguments) : range_(std::forward<Arguments>(arguments)...) {}

  void start(Index epoch, Index first) override {
    if (epoch != next_epoch_ || first != 0) range_.seek(epoch, first);
    next_epoch_ = epoch + 1;
    at_.emplace(range_.begin());
  }

  std::optional<data::Batch> next() override {
    const profile::Section section("data");
    if (!at_ || *at_ == range_.end()) return {};
    std::optional<data::Batch> batch = **at_;
    ++*at_;
    return batch;
  }

  Index size() const override { return range_.size(); }

 private:
  Range range_;
  std::optional<decltype(std::declval<Range&>().begin())> at_;
  Index next_epoch_ = 0;  // the one that begin() starts by itself
};

/// A stream from Range(arguments...).
template <class Range, class... Arguments>
std::unique_ptr<BatchStream> make_stream(Arguments&&... arguments) {
  return std::make_unique<RangeStream<Range>>(std::forward<Arguments>(arguments)...);
}

}  // namespace muonlab::app
