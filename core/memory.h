#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "muonlab/core/shape.h"

namespace muonlab {

enum class Device { cpu, cuda };

/// Memory for arrays. Freed blocks are kept and handed out again, because a training step asks for
/// the same sizes every time and returning pages to the system each step is slow.
namespace memory {

class Pool;

/// A piece of a device's memory; the destructor gives it back to its pool.
class Block {
 public:
  /// At least `bytes` bytes, aligned to 64, their content undefined. Throws when the system has no
  /// more memory, or when this build has no such device.
  Block(std::size_t bytes, Device device);
  ~Block();
  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;

  void* data() const { return data_; }

  /// How often the block was opened for writing. Any thread may read and count; simultaneous writes
  /// may count as one.
  std::uint64_t version() const { return version_.load(std::memory_order_relaxed); }
  void count_write() { version_.store(version() + 1, std::memory_order_relaxed); }

 private:
  std::shared_ptr<Pool> pool_;  // kept alive by its blocks, even by those of static arrays
  std::size_t size_;
  void* data_;
  std::atomic<std::uint64_t> version_ = 0;
};

/// Memory for something other than an array, freed with the last pointer to it.
std::shared_ptr<void> allocate(std::size_t bytes, Device device);

/// Copies bytes between blocks that do not overlap, on one device or across two.
void copy(void* to, Device to_device, const void* from, Device from_device, std::size_t bytes);

/// Bytes of the blocks in use.
Index live_bytes(Device device);

/// The largest live_bytes() since the start or the last reset_peak().
Index peak_bytes(Device device);
void reset_peak(Device device);

/// Returns unused blocks to the system.
void release_unused(Device device);

/// A private pool of GPU memory for recorded work. A recording holds addresses, so the arena's
/// blocks serve no other arrays until the arena and all of its arrays are gone.
class Arena {
 public:
  /// Throws when this build has no CUDA.
  Arena();

 private:
  friend class ArenaScope;
  std::shared_ptr<Pool> pool_;
};

/// A scope in which this thread's new GPU arrays come from the arena.
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
