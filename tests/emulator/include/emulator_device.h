#pragma once

/// What kernels see: the words, the places in the grid, and how threads wait for each other.

#include <cstdint>
#include <cstring>
#include <math.h>
#include <type_traits>

#define __host__
#define __device__
#define __global__
#define __constant__
#define __shared__ static  // blocks run one after the other
#define __forceinline__ inline __attribute__((always_inline))
#define __launch_bounds__(...)

struct uint3 {
  unsigned x, y, z;
};
struct dim3 {
  unsigned x, y, z;
  constexpr dim3(unsigned x_ = 1, unsigned y_ = 1, unsigned z_ = 1) : x(x_), y(y_), z(z_) {}
};
struct alignas(8) float2 {
  float x, y;
};
struct alignas(16) float4 {
  float x, y, z, w;
};
struct alignas(8) int2 {
  int x, y;
};
struct alignas(16) int4 {
  int x, y, z, w;
};
struct alignas(4) uchar4 {
  unsigned char x, y, z, w;
};
inline float2 make_float2(float x, float y) { return {x, y}; }
inline float4 make_float4(float x, float y, float z, float w) { return {x, y, z, w}; }
inline int2 make_int2(int x, int y) { return {x, y}; }
inline int4 make_int4(int x, int y, int z, int w) { return {x, y, z, w}; }
inline uchar4 make_uchar4(unsigned char x, unsigned char y, unsigned char z, unsigned char w) {
  return {x, y, z, w};
}

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

/// The group of `width` lanes that the lane is in begins and ends here.
inline int first_of(int lane, int width) { return lane & ~(width - 1); }
inline int last_of(int lane, int width) { return lane | (width - 1); }

}  // namespace emulator

inline void __syncthreads(const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
  emulator::wait_for_block({file, line});
}

inline void __syncwarp(unsigned mask = ~0U, const char* file = __builtin_FILE(),
                       int line = __builtin_LINE()) {
  emulator::exchange("__syncwarp", mask, 0, emulator::lane(), {file, line});
}

template <class T>
T __shfl_sync(unsigned mask, T value, int source, int width = 32,
              const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
  const int from = emulator::first_of(emulator::lane(), width) + (source & (width - 1));
  return emulator::shuffle("__shfl_sync", mask, value, from, {file, line});
}

template <class T>
T __shfl_down_sync(unsigned mask, T value, unsigned delta, int width = 32,
                   const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
  const int lane = emulator::lane();
  const int from = lane + static_cast<int>(delta);
  const bool inside = from <= emulator::last_of(lane, width);
  return emulator::shuffle("__shfl_down_sync", mask, value, inside ? from : lane, {file, line});
}

template <class T>
T __shfl_up_sync(unsigned mask, T value, unsigned delta, int width = 32,
                 const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
  const int lane = emulator::lane();
  const int from = lane - static_cast<int>(delta);
  const bool inside = from >= emulator::first_of(lane, width);
  return emulator::shuffle("__shfl_up_sync", mask, value, inside ? from : lane, {file, line});
}

template <class T>
T __shfl_xor_sync(unsigned mask, T value, int bits, int width = 32,
                  const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
  const int lane = emulator::lane();
  const int from = lane ^ bits;
  const bool inside = from <= emulator::last_of(lane, width);
  return emulator::shuffle("__shfl_xor_sync", mask, value, inside ? from : lane, {file, line});
}

template <class T>
T __ldg(const T* address) {
  return *address;
}
