#include "tests/emulator/arena.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <sys/mman.h>

#include "tests/emulator/machine.h"

// Null where the program is built without AddressSanitizer.
extern "C" {
[[gnu::weak]] void __asan_poison_memory_region(const volatile void* memory, std::size_t bytes);
[[gnu::weak]] void __asan_unpoison_memory_region(const volatile void* memory, std::size_t bytes);
}

namespace emulator {
namespace {

constexpr std::size_t alignment = 256;
constexpr int unwritten = 0xFF;  // such floats are NaN, such integers -1
constexpr char guard = 0x5A;
constexpr std::size_t closed = 16 << 20;  // of the arena, unless it is open
constexpr std::size_t large_block = 1 << 20;
constexpr std::size_t large_page = 2 << 20;  // far fewer to open and to close than small ones

std::size_t round_up(std::size_t bytes, std::size_t step) {
  return (bytes + step - 1) / step * step;
}

void poison(const void* memory, std::size_t bytes) {
  if (__asan_poison_memory_region != nullptr) __asan_poison_memory_region(memory, bytes);
}

void unpoison(const void* memory, std::size_t bytes) {
  if (__asan_unpoison_memory_region != nullptr) __asan_unpoison_memory_region(memory, bytes);
}

}  // namespace

Arena::Arena() {
  void* const memory = mmap(nullptr, capacity + large_page, PROT_NONE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  const auto address = reinterpret_cast<std::uintptr_t>(memory);
  base_ = static_cast<char*>(memory) + (round_up(address, large_page) - address);
  top_ = base_;
  madvise(base_, capacity, MADV_HUGEPAGE);
}

void* Arena::allocate(std::size_t bytes) {
  if (bytes > capacity) return nullptr;
  const std::size_t size = round_up(bytes, alignment) + alignment;
  char* memory = base_ + (bytes > large_block ? closed : 0) + alignment;
  for (const auto& [begin, block] : blocks_) {  // the first gap that is large enough
    if (begin - memory >= static_cast<std::ptrdiff_t>(size)) break;
    memory = std::max(memory, begin + block.size);
  }
  if (size > static_cast<std::size_t>(base_ + capacity - memory)) return nullptr;
  grow(memory + size);
  blocks_[memory] = {bytes, size};
  used_ += size;
  const Opening opening;
  unpoison(memory, size);
  std::memset(memory, unwritten, bytes);
  std::memset(memory + bytes, guard, size - bytes);
  poison(memory + bytes, size - bytes);
  return memory;
}

void Arena::grow(char* end) {
  if (end <= top_) return;
  char* const top = base_ + round_up(static_cast<std::size_t>(end - base_), large_page);
  const auto size = static_cast<std::size_t>(top - top_);
  poison(top_, size);
  mprotect(top_, size, PROT_READ | PROT_WRITE);
  top_ = top;
  if (openings_ == 0) protect(PROT_NONE);
}

bool Arena::free(void* memory) {
  const auto found = blocks_.find(static_cast<char*>(memory));
  if (found == blocks_.end()) return false;
  const auto [begin, block] = *found;
  const Opening opening;
  unpoison(begin, block.size);
  if (std::any_of(begin + block.bytes, begin + block.size, [](char c) { return c != guard; })) {
    die("a kernel wrote behind a block of ", block.bytes, " bytes");
  }
  std::memset(begin, unwritten, block.size);
  poison(begin, block.size);
  used_ -= block.size;
  blocks_.erase(found);
  return true;
}

bool Arena::contains(const void* address) const {
  return address >= base_ && address < base_ + capacity;
}

bool Arena::holds(const void* address, std::size_t bytes) const {
  const auto* const first = static_cast<const char*>(address);
  auto next = blocks_.upper_bound(const_cast<char*>(first));
  if (next == blocks_.begin()) return false;
  const auto& [begin, block] = *--next;
  const auto offset = static_cast<std::size_t>(first - begin);
  return offset <= block.bytes && bytes <= block.bytes - offset;
}

void Arena::open() {
  if (openings_++ == 0) protect(PROT_READ | PROT_WRITE);
}

void Arena::close() {
  if (--openings_ == 0) protect(PROT_NONE);
}

void Arena::protect(int protection) const {
  mprotect(base_, std::min(static_cast<std::size_t>(top_ - base_), closed), protection);
}

Arena& arena() { return immortal<Arena>(); }

}  // namespace emulator
