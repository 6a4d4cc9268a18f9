#pragma once

#include <cstdint>
#include <functional>
#include <memory>

namespace muonlab::cuda {

/// Work on the GPU, recorded once and then started as a whole, by a CUDA graph: one call takes the
/// host a few microseconds, whatever number of kernels it starts.
class Graph {
 public:
  /// Calls `work`, whose kernels and copies on this thread's queue are recorded and not done. It
  /// must not read from the GPU or wait for it, and its arrays must stay where they are
  /// (memory::Arena). Throws what `work` throws, or when it did what cannot be recorded.
  explicit Graph(const std::function<void()>& work);

  /// Puts what was recorded into this thread's queue. Throws unless this thread recorded it: its
  /// products work in memory of that thread's cuBLAS.
  void replay();

  /// Numbers that differ from replay to replay: what `words` writes, four words of 64 bits, is on
  /// the GPU at the returned address when a kernel of the graph reads it. `words` is called before
  /// every replay. Null when this thread is not recording: the caller then passes the numbers
  /// themselves.
  using Words = std::function<void(std::uint64_t (&)[4])>;
  static const std::uint64_t* renewed(const Words& words);

  /// Whether this thread is recording.
  static bool is_recording();

  /// Releases `block`, which was allocated before, when the recording is over: a graph cannot
  /// release what it did not allocate.
  static void keep_until_recorded(void* block) noexcept;

  struct State;

 private:
  std::shared_ptr<State> state_;
};

}  // namespace muonlab::cuda
