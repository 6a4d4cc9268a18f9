#include "muonlab/core/memory.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include "muonlab/core/cuda/runtime.h"
#include "muonlab/core/device.h"

namespace muonlab::memory {
namespace {

// False in the build with sanitizers, so that they see every use of a freed block.
constexpr bool keep_blocks = MUONLAB_POOL;

/// Rounds sizes up so that nearly equal ones share blocks: to a multiple of 64 bytes, from 1 KiB on
/// to a multiple of an eighth of the power of two below.
std::size_t block_size(std::size_t bytes) {
  const std::size_t step = std::max(std::bit_floor(bytes) / 8, std::size_t{64});
  return (std::max(bytes, std::size_t{1}) + step - 1) & ~(step - 1);
}

/// Bytes in use on a device, now and at most.
struct Usage {
  std::atomic<std::size_t> live = 0;
  std::atomic<std::size_t> peak = 0;

  void add(std::size_t size) {
    const std::size_t now = live += size;
    std::size_t most = peak;
    while (most < now && !peak.compare_exchange_weak(most, now)) {
    }
  }
};

Usage& usage(Device device) {
  static std::array<Usage, 2> usages;
  return usages[static_cast<std::size_t>(device)];
}

/// Where a pool's blocks come from.
struct Source {
  Device device;
  void* (*allocate)(std::size_t size);  // null when there is no memory left
  void (*release)(void* block);
  bool keeps_blocks;      // false: a freed block goes back to the source at once
  bool is_fixed = false;  // true: kept blocks are released with the pool only
};

constexpr Source cpu_source = {
    .device = Device::cpu,
    .allocate = [](std::size_t size) { return std::aligned_alloc(64, size); },
    .release = [](void* block) { std::free(block); },
    .keeps_blocks = keep_blocks,
};

}  // namespace

class Pool {
 public:
  explicit Pool(const Source& source) : source_(source) {}
  ~Pool() { free_unused(); }
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  void* take(std::size_t size) {
    const std::lock_guard lock(mutex_);
    void* block = nullptr;
    if (const auto kept = unused_.find(size); kept != unused_.end() && !kept->second.empty()) {
      block = kept->second.back();
      kept->second.pop_back();
    } else {
      block = source_.allocate(size);
    }
    if (block == nullptr && !source_.is_fixed) {  // kept blocks of other sizes may fill the memory
      free_unused();
      block = source_.allocate(size);
    }
    check<MemoryError>(block != nullptr,
                       "memory: ", source_.device == Device::cpu ? "the system" : "the GPU",
                       " has no ", size, " bytes more");
    usage(source_.device).add(size);
    return block;
  }

  void give(void* block, std::size_t size) noexcept {
    const std::lock_guard lock(mutex_);
    usage(source_.device).live -= size;
    if (source_.keeps_blocks) {
      unused_[size].push_back(block);
    } else {
      source_.release(block);
    }
  }

  void release_unused() {
    const std::lock_guard lock(mutex_);
    if (!source_.is_fixed) free_unused();
  }

 private:
  void free_unused() noexcept {
    for (auto& [size, blocks] : unused_) {
      for (void* block : blocks) source_.release(block);
    }
    unused_.clear();
  }

  Source source_;
  std::mutex mutex_;
  std::map<std::size_t, std::vector<void*>> unused_;  // by block size
};

namespace {

using PoolPointer = std::shared_ptr<Pool>;

/// The arena that this thread's new GPU arrays come from; null: none.
thread_local const PoolPointer* arena = nullptr;

PoolPointer make_cuda_pool(bool fixed) {
  if constexpr (with_cuda) {
    if (fixed) {
      return std::make_shared<Pool>(Source{.device = Device::cuda,
                                           .allocate = cuda::allocate_fixed,
                                           .release = cuda::release_fixed,
                                           .keeps_blocks = true,
                                           .is_fixed = true});
    }
    return std::make_shared<Pool>(Source{.device = Device::cuda,
                                         .allocate = cuda::allocate,  // from CUDA's own pool
                                         .release = cuda::release,
                                         .keeps_blocks = false});
  }
  check(false, "memory: this build has no CUDA");
  return nullptr;
}

const PoolPointer& pool(Device device) {
  if (device == Device::cuda) {
    static const PoolPointer cuda_pool = make_cuda_pool(false);
    return arena == nullptr ? cuda_pool : *arena;
  }
  static const auto cpu_pool = std::make_shared<Pool>(cpu_source);
  return cpu_pool;
}

}  // namespace

Block::Block(std::size_t bytes, Device device)
    : pool_(pool(device)), size_(block_size(bytes)), data_(pool_->take(size_)) {}
Block::~Block() { pool_->give(data_, size_); }

std::shared_ptr<void> allocate(std::size_t bytes, Device device) {
  const auto block = std::make_shared<Block>(bytes, device);
  return {block, block->data()};
}

void copy(void* to, Device to_device, const void* from, Device from_device, std::size_t bytes) {
  if (bytes == 0) return;
  if (to_device == Device::cpu && from_device == Device::cpu) {
    std::memcpy(to, from, bytes);
  } else if constexpr (with_cuda) {
    if (to_device != from_device) cuda::check_may_wait();
    cuda::copy(to, from, bytes);
    if (to_device != from_device) cuda::synchronize();  // the caller may reuse the host's memory
  }
}

Index live_bytes(Device device) { return static_cast<Index>(usage(device).live); }
Index peak_bytes(Device device) { return static_cast<Index>(usage(device).peak); }
void reset_peak(Device device) { usage(device).peak = usage(device).live.load(); }

void release_unused(Device device) {
  pool(device)->release_unused();
  if constexpr (with_cuda) {
    if (device == Device::cuda) cuda::trim();
  }
}

Arena::Arena() : pool_(make_cuda_pool(true)) {}

ArenaScope::ArenaScope(const Arena& own) : previous_(arena) { arena = &own.pool_; }
ArenaScope::~ArenaScope() { arena = previous_; }

}  // namespace muonlab::memory
