#include "data/prefetch.h"

#include <utility>

#include "core/profile.h"

namespace muonlab::data {

Prefetch::Prefetch(const Batches& batches, Index first)
    : batches_(batches), thread_([this, first] { make(Batches::Iterator(batches_, first)); }) {}

Prefetch::~Prefetch() {
  {
    const std::lock_guard lock(mutex_);
    abandoned_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Prefetch::make(Batches::Iterator next) {
  std::exception_ptr problem;
  try {
    for (; next != batches_.end(); ++next) {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return abandoned_ || ready_.size() < ahead; });
      if (abandoned_) return;
      lock.unlock();
      Batch batch = *next;
      lock.lock();
      ready_.push_back(std::move(batch));
      changed_.notify_all();
    }
  } catch (...) {
    problem = std::current_exception();
  }
  const std::lock_guard lock(mutex_);
  problem_ = problem;
  over_ = true;
  changed_.notify_all();
}

void Prefetch::take() {
  const profile::Section section("data");
  current_.reset();  // its memory serves the next one
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return over_ || !ready_.empty(); });
  if (!ready_.empty()) {
    current_ = std::move(ready_.front());
    ready_.pop_front();
    changed_.notify_all();
  } else if (problem_) {
    std::rethrow_exception(std::exchange(problem_, nullptr));
  }
}

}  // namespace muonlab::data
