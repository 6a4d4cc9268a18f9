#include "muonlab/data/prefetch.h"

#include <utility>

#include "muonlab/core/profile.h"

namespace muonlab::data {

Prefetch::Prefetch(const Batches& batches, Index first)
    : batches_(batches), next_(batches_, first) {
  const bool is_worth_a_thread = batches_.take_work() && batches_.device() == Device::cpu;
  if (is_worth_a_thread) thread_ = std::thread([this] { make(); });
}

Prefetch::~Prefetch() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    abandoned_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Prefetch::make() {
  std::exception_ptr problem;
  try {
    for (; next_ != batches_.end(); ++next_) {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return abandoned_ || ready_.size() < ahead; });
      if (abandoned_) return;
      lock.unlock();
      Batch batch = *next_;
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
  current_.reset();  // so that its memory serves the next one
  if (!thread_.joinable()) {
    if (next_ == batches_.end()) return;
    current_ = *next_;
    ++next_;
    return;
  }
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
