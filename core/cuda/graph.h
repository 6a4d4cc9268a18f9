#pragma once

#include <cstdint>
#include <functional>
#include <memory>

namespace muonlab::cuda {

/// Work on the GPU, recorded once as a CUDA graph and then started as a whole: one call takes the
/// host a few microseconds, for any number of kernels.
class Graph {
 public:
  /// Calls `work` and records, without running them, the kernels and copies that it starts. `work`
  /// must not read from the GPU or wait for it, and its arrays must keep their addresses
  /// (memory::Arena). Throws what `work` throws, or when it does something that cannot be recorded.
  explicit Graph(const std::function<void()>& work);

  /// Puts the recorded work into this thread's queue. Throws unless this thread recorded it,
  /// because products use the workspace of that thread's cuBLAS.
  void replay();

  /// Numbers that differ from replay to replay. Before each replay, `words` is called and writes
  /// four words of 64 bits, which the graph's kernels find on the GPU at the returned address. Null
  /// when this thread is not recording: the caller then passes the numbers themselves.
  using Words = std::function<void(std::uint64_t (&)[4])>;
  static const std::uint64_t* renewed(const Words& words);

  /// Whether this thread is recording.
  static bool is_recording();

  /// Releases `block`, which was allocated before the recording, when the recording is over: a
  /// graph cannot release memory that it did not allocate.
  static void keep_until_recorded(void* block) noexcept;

  struct State;

 private:
  std::shared_ptr<State> state_;
};

}  // namespace muonlab::cuda
