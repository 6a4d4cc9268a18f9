#include "core/memory.h"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <vector>

namespace muonlab::memory {
namespace {

// The build with sanitizers sets this to 0, so that every use of a freed block is seen.
constexpr bool keep_blocks = MUONLAB_POOL;

/// Rounded up so that nearly equal sizes share blocks: to 64 bytes, from 1 KiB on to an eighth of
/// the power of two below.
std::size_t block_size(std::size_t bytes) {
  const std::size_t step = std::max(std::bit_floor(bytes) / 8, std::size_t{64});
  return (std::max(bytes, std::size_t{1}) + step - 1) & ~(step - 1);
}

class CpuPool {
 public:
  void* take(std::size_t size) {
    const std::lock_guard lock(mutex_);
    void* block = nullptr;
    if (std::vector<void*>& blocks = unused_[size]; !blocks.empty()) {
      block = blocks.back();
      blocks.pop_back();
    } else {
      block = std::aligned_alloc(64, size);
    }
    if (block == nullptr) {  // blocks of other sizes may be in the way
      free_unused();
      block = std::aligned_alloc(64, size);
    }
    check(block != nullptr, "memory: the system has no ", size, " bytes more");
    live_ += size;
    peak_ = std::max(peak_, live_);
    return block;
  }

  void give(void* block, std::size_t size) noexcept {
    const std::lock_guard lock(mutex_);
    live_ -= size;
    if (keep_blocks) {
      unused_[size].push_back(block);
    } else {
      std::free(block);
    }
  }

  void release_unused() {
    const std::lock_guard lock(mutex_);
    free_unused();
  }

  std::size_t live() {
    const std::lock_guard lock(mutex_);
    return live_;
  }
  std::size_t peak() {
    const std::lock_guard lock(mutex_);
    return peak_;
  }
  void reset_peak() {
    const std::lock_guard lock(mutex_);
    peak_ = live_;
  }

  CpuPool() = default;
  ~CpuPool() { free_unused(); }
  CpuPool(const CpuPool&) = delete;
  CpuPool& operator=(const CpuPool&) = delete;

 private:
  void free_unused() noexcept {
    for (auto& [size, blocks] : unused_) {
      for (void* block : blocks) std::free(block);
    }
    unused_.clear();
  }

  std::mutex mutex_;
  std::map<std::size_t, std::vector<void*>> unused_;  // by block size
  std::size_t live_ = 0;
  std::size_t peak_ = 0;
};

// Every block holds on to the pool, so that it outlives arrays with static storage.
const std::shared_ptr<CpuPool>& pool(Device device) {
  check(device == Device::cpu, "memory: this build has no CUDA");
  static const auto cpu_pool = std::make_shared<CpuPool>();
  return cpu_pool;
}

}  // namespace

std::shared_ptr<void> allocate(std::size_t bytes, Device device) {
  const std::size_t size = block_size(bytes);
  // "source = ", because the copy of something const is const, and never moved.
  return {pool(device)->take(size),
          [source = pool(device), size](void* p) { source->give(p, size); }};
}

void copy(void* to, Device to_device, const void* from, Device from_device, std::size_t bytes) {
  check(to_device == Device::cpu && from_device == Device::cpu, "memory: this build has no CUDA");
  if (bytes > 0) std::memcpy(to, from, bytes);
}

Index live_bytes(Device device) { return static_cast<Index>(pool(device)->live()); }
Index peak_bytes(Device device) { return static_cast<Index>(pool(device)->peak()); }
void reset_peak(Device device) { pool(device)->reset_peak(); }
void release_unused(Device device) { pool(device)->release_unused(); }

}  // namespace muonlab::memory
