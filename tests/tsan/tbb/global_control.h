#pragma once

#include <atomic>
#include <cstddef>
#include <thread>

/// In place of TBB, whose library is not compiled for ThreadSanitizer: it would not see how threads
/// wait for each other there, and take every loop for a race. Only what core/cpu/ uses is here.
namespace tbb {

/// The number of threads of each loop, while one lives; without one, as many as there are cores.
class global_control {
 public:
  enum parameter { max_allowed_parallelism };

  global_control(parameter /*which*/, std::size_t value) { limit() = value; }
  ~global_control() { limit() = 0; }
  global_control(const global_control&) = delete;
  global_control& operator=(const global_control&) = delete;

  static std::size_t active_value(parameter /*which*/) {
    const std::size_t value = limit();
    return value == 0 ? std::thread::hardware_concurrency() : value;
  }

 private:
  static std::atomic<std::size_t>& limit() {
    static std::atomic<std::size_t> limit = 0;  // 0: none
    return limit;
  }
};

}  // namespace tbb
