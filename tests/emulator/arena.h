#pragma once

#include <cstddef>
#include <map>

namespace emulator {

/// The device's memory: a range of addresses that only open() makes accessible. Blocks are aligned
/// to 256 bytes and apart by as many at least; those are poisoned for AddressSanitizer, as is free
/// memory, and without it damage to them is seen when the block is freed. New memory is full of
/// NaN. Blocks of over 1 MiB lie behind the first 16 MiB and stay accessible: the system would take
/// milliseconds a launch to open and close their pages.
class Arena {
 public:
  static constexpr std::size_t capacity = std::size_t{2} << 30;

  Arena();
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  void* allocate(std::size_t bytes);  // null when there is no room
  bool free(void* memory);            // false when no block begins there

  /// Whether the address is one of the device's at all.
  bool contains(const void* address) const;
  /// Whether the bytes lie within one living block.
  bool holds(const void* address, std::size_t bytes) const;
  std::size_t used() const { return used_; }

  /// Between the two the host may touch the memory; they nest.
  void open();
  void close();

 private:
  struct Block {
    std::size_t bytes;  // that were asked for
    std::size_t size;   // with the guard after them
  };
  void grow(char* end);
  void protect(int protection) const;

  char* base_;
  char* top_;  // the end of what was ever used
  std::map<char*, Block> blocks_;
  std::size_t used_ = 0;
  int openings_ = 0;
};

Arena& arena();

class Opening {
 public:
  Opening() { arena().open(); }
  ~Opening() { arena().close(); }
  Opening(const Opening&) = delete;
  Opening& operator=(const Opening&) = delete;
};

}  // namespace emulator
