#pragma once

/// What kernels see: the words, the places in the grid, and how threads wait for each other.

#include <cstdint>
#include <cstring>
#include <math.h>
#include <type_traits>

#define __host__
#define __device__
#define __global__
#define __shared__ static  // blocks run one after the other

struct uint3 {
  unsigned x, y, z;
};
struct dim3 {
  unsigned x, y, z;
  constexpr dim3(unsigned x_ = 1, unsigned y_ = 1, unsigned z_ = 1) : x(x_), y(y_), z(z_) {}
};
extern uint3 threadIdx;
extern uint3 blockIdx;
extern dim3 blockDim;
extern dim3 gridDim;
extern const int warpSize;

namespace emulator {

/// The line of a kernel where a thread waits.
struct Site {
  const char* file;
  int line;
};

/// The thread's number in its warp.
int lane();

/// Waits for all threads of the block.
void wait_for_block(Site site);

/// Waits for all threads of the warp; each gives `value` and gets that of the lane `source`.
std::uint64_t exchange(const char* operation, unsigned mask, std::uint64_t value, int source,
                       Site site);

template <class T>
T shuffle(const char* operation, unsigned mask, T value, int source, Site site) {
  static_assert(std::is_arithmetic_v<T> && (sizeof(T) == 4 || sizeof(T) == 8));
  std::uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof(T));
  bits = exchange(operation, mask, bits, source, site);
  std::memcpy(&value, &bits, sizeof(T));
  return value;
}

}  // namespace emulator

inline void __syncthreads(const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
  emulator::wait_for_block({file, line});
}

template <class T>
T __shfl_xor_sync(unsigned mask, T value, int bits, const char* file = __builtin_FILE(),
                  int line = __builtin_LINE()) {
  const int from = emulator::lane() ^ bits;
  return emulator::shuffle("__shfl_xor_sync", mask, value, from, {file, line});
}
