#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "core/shape.h"

namespace muonlab {

enum class Device { cpu, cuda };

/// Memory for arrays. Freed blocks are kept and handed out again, because a training step asks for
/// the same sizes every time and returning pages to the system each step is slow.
namespace memory {

class Pool;

/// Memory of a device, which goes back to its pool in the end.
class Block {
 public:
  /// At least `bytes` bytes, aligned to 64, their content undefined. Throws when the system has no
  /// more memory, or when this build has no such device.
  Block(std::size_t bytes, Device device);
  ~Block();
  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;

  void* data() const { return data_; }

  /// How often the block was opened for writing. Any thread may read and count; writes at one time
  /// may count as one.
  std::uint64_t version() const { return version_.load(std::memory_order_relaxed); }
  void count_write() { version_.store(version() + 1, std::memory_order_relaxed); }

 private:
  std::shared_ptr<Pool> pool_;  // outlives its blocks, also those of arrays with static storage
  std::size_t size_;
  void* data_;
  std::atomic<std::uint64_t> version_ = 0;
};

/// A block for what is no array.
std::shared_ptr<void> allocate(std::size_t bytes, Device device);

/// Copies bytes between blocks that do not overlap, on one device or across two.
void copy(void* to, Device to_device, const void* from, Device from_device, std::size_t bytes);

/// Bytes that living arrays hold.
Index live_bytes(Device device);

/// The largest live_bytes() since the start or the last reset_peak().
Index peak_bytes(Device device);
void reset_peak(Device device);

/// Gives the blocks that no array holds back to the system.
void release_unused(Device device);

/// Blocks of its own on the GPU, for work that is recorded once and replayed: they stay where they
/// are, and serve nothing else, as long as the arena or one of its arrays lives.
class Arena {
 public:
  /// Throws when this build has no CUDA.
  Arena();

 private:
  friend class ArenaScope;
  std::shared_ptr<Pool> pool_;
};

/// While one lives, this thread's new arrays on the GPU come from the arena.
class ArenaScope {
 public:
  explicit ArenaScope(const Arena& arena);
  ~ArenaScope();
  ArenaScope(const ArenaScope&) = delete;
  ArenaScope& operator=(const ArenaScope&) = delete;

 private:
  const std::shared_ptr<Pool>* previous_;
};

}  // namespace memory
}  // namespace muonlab
