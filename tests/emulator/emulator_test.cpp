#include <cmath>
#include <cstdint>
#include <emulator.h>
#include <numeric>
#include <thread>

#include <cuda_bf16.h>

#include "tests/emulator/device.h"

namespace emulator::test {
namespace {

__global__ void scale(float factor, int count, const float* x, float* y) {
  const int i = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  if (i < count) y[i] = factor * x[i];
}

__device__ float sum_of_warp(float value) {
  for (int step = 16; step > 0; step /= 2) value += __shfl_xor_sync(~0U, value, step);
  return value;
}

/// sums[block] = the sum of the block's part of x; with `hasty` a barrier is forgotten.
template <bool hasty>
__global__ void sum(int count, const float* x, float* sums) {
  __shared__ float partial[32];
  const int i = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  const float of_warp = sum_of_warp(i < count ? x[i] : 0.0F);
  const unsigned warp = threadIdx.x / 32;
  if (threadIdx.x % 32 == 0) partial[warp] = of_warp;
  if (!hasty) __syncthreads();
  if (warp == 0) {
    const float total = sum_of_warp(threadIdx.x < blockDim.x / 32 ? partial[threadIdx.x] : 0.0F);
    if (threadIdx.x == 0) sums[blockIdx.x] = total;
  }
}

/// Reverses each block; with `hasty` a barrier is forgotten.
template <bool hasty>
__global__ void reverse(int* x) {
  __shared__ int copy[256];
  int* const part = x + std::size_t{blockIdx.x} * blockDim.x;
  copy[threadIdx.x] = part[threadIdx.x];
  if (!hasty) __syncthreads();
  part[threadIdx.x] = copy[blockDim.x - 1 - threadIdx.x];
}

__global__ void coordinates(uint3* seen) {
  const unsigned block = blockIdx.x + gridDim.x * (blockIdx.y + gridDim.y * blockIdx.z);
  const unsigned thread = threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z);
  seen[block * blockDim.x * blockDim.y * blockDim.z + thread] = threadIdx;
}

template <class T>
__global__ void shuffles(T* to) {
  const int lane = static_cast<int>(threadIdx.x);
  to[lane] = __shfl_xor_sync(~0U, static_cast<T>(lane), 3);
}

TEST_CASE("a kernel runs once for each thread") {
  in_both_orders([] {
    const Stream stream;
    std::vector<float> x(100001);
    std::iota(x.begin(), x.end(), 0.0F);
    const Array<float> from(x);
    const Array<float> to(x.size());
    const int count = static_cast<int>(x.size());
    const long before = counts().launches;
    REQUIRE(launch(stream, 391, 256, scale, 2, count, from.data(), to.data()) == cudaSuccess);
    CHECK(counts().launches == before + 1);
    const std::vector<float> y = to.values();
    int wrong = 0;
    for (std::size_t i = 0; i < x.size(); ++i) wrong += y[i] != 2 * x[i];
    CHECK(wrong == 0);
  });
}

TEST_CASE("threads have three coordinates, the first runs fastest") {  // 12 blocks of 24
  const Array<uint3> seen(288);
  REQUIRE(launch(nullptr, {2, 3, 2}, {4, 3, 2}, coordinates, seen.data()) == cudaSuccess);
  const uint3 last_but_one = seen.values()[24 * 11 + 22];
  CHECK(last_but_one.x == 2);
  CHECK(last_but_one.y == 2);
  CHECK(last_but_one.z == 1);
}

TEST_CASE("a sum by shuffles and a barrier is right in both orders") {
  in_both_orders([] {
    const std::vector<float> x(100000, 1.0F);
    const Array<float> from(x);
    const Array<float> sums(391);
    REQUIRE(launch(nullptr, 391, 256, sum<false>, 100000, from.data(), sums.data()) == cudaSuccess);
    const std::vector<float> values = sums.values();
    CHECK(values[0] == 256);
    CHECK(std::accumulate(values.begin(), values.end(), 0.0F) == 100000);
  });
}

TEST_CASE("a forgotten barrier shows") {
  in_both_orders([] {
    std::vector<int> x(512);
    std::iota(x.begin(), x.end(), 0);
    const Array<int> right(x);
    const Array<int> wrong(x);
    REQUIRE(launch(nullptr, 2, 256, reverse<false>, right.data()) == cudaSuccess);
    REQUIRE(launch(nullptr, 2, 256, reverse<true>, wrong.data()) == cudaSuccess);
    CHECK(right.values()[256] == 511);
    CHECK(right.values()[0] == 255);
    CHECK(right.values() != wrong.values());
  });
  const Array<float> from(std::vector<float>(256, 1.0F));
  const Array<float> sums(1);
  REQUIRE(launch(nullptr, 1, 256, sum<true>, 256, from.data(), sums.data()) == cudaSuccess);
  CHECK(sums.values()[0] != 256);  // the first warp is done before the second one starts
}

TEST_CASE("kernels of several host threads do not meet") {
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([] {
      const Array<float> from(std::vector<float>(2560, 1.0F));
      const Array<float> sums(10);
      for (int repeat = 0; repeat < 20; ++repeat) {
        (void)launch(nullptr, 10, 256, sum<false>, 2560, from.data(), sums.data());
      }
      CHECK(sums.values() == std::vector<float>(10, 256.0F));
    });
  }
  for (std::thread& thread : threads) thread.join();
}

template <class T>
void check_shuffles() {
  const Array<T> to(32);
  REQUIRE(launch(nullptr, 1, 32, shuffles<T>, to.data()) == cudaSuccess);
  const std::vector<T> y = to.values();
  for (std::size_t lane = 0; lane < 32; ++lane) {
    CAPTURE(lane);
    CHECK(y[lane] == static_cast<T>(lane ^ 3));
  }
}

TEST_CASE("shuffles give what the lane has that they name") {
  in_both_orders([] {
    check_shuffles<float>();
    check_shuffles<double>();
    check_shuffles<int>();
    check_shuffles<unsigned>();
    check_shuffles<std::int64_t>();
  });
}

__global__ void sum_of_part(float* to) {
  const unsigned existing = (1U << blockDim.x) - 1;
  float value = 1;
  value += __shfl_xor_sync(existing, value, 1);
  to[threadIdx.x] = value + __shfl_xor_sync(existing, value, 16);
}

TEST_CASE("a lane that does not exist gives a NaN") {
  const Array<float> to(6);
  REQUIRE(launch(nullptr, 1, 6, sum_of_part, to.data()) == cudaSuccess);
  CHECK(std::isnan(to.values()[5]));
}

__global__ void half_a_barrier() {
  if (threadIdx.x < 40) __syncthreads();
  if (threadIdx.x >= 40) __syncthreads();
}
__global__ void barrier_against_shuffle() {
  if (threadIdx.x == 7) {
    __syncthreads();
  } else {
    __shfl_xor_sync(~0U, 0, 1);
  }
}
__global__ void odd_mask() { __shfl_xor_sync(0xFF, 0, 1); }
__global__ void early_end(int* to) {
  if (threadIdx.x >= 40) return;
  __syncthreads();
  to[threadIdx.x] = 1;
}

TEST_CASE("threads that wait for different things are named") {
  const auto death = [](void (*kernel)()) {
    return death_of([kernel] { (void)launch(nullptr, {1, 2}, 64, kernel); });
  };
  const std::string barriers = death(half_a_barrier);
  CHECK(barriers.find("block (0, 0, 0): thread (0, 0, 0) waits in __syncthreads at ") !=
        std::string::npos);
  CHECK(barriers.find("thread (40, 0, 0) in __syncthreads at ") != std::string::npos);
  CHECK(death(barrier_against_shuffle).find("(7, 0, 0) in __syncthreads") != std::string::npos);
  CHECK(death(odd_mask).find("0xff, which is not the whole warp") != std::string::npos);
  const Array<int> to(40);
  CHECK(launch(nullptr, 1, 64, early_end, to.data()) == cudaSuccess);
  CHECK(to.values()[39] == 1);
}

TEST_CASE("a grid that no device has is refused") {
  for (const dim3 block : {dim3(0), dim3(1025), dim3(32, 33), dim3(1, 1, 65)}) {
    CHECK(launch(nullptr, 1, block, half_a_barrier) == cudaErrorInvalidConfiguration);
  }
  CHECK(launch(nullptr, {1, 65536}, 1, half_a_barrier) == cudaErrorInvalidConfiguration);
  CHECK(cudaGetLastError() == cudaErrorInvalidConfiguration);
  CHECK(cudaGetLastError() == cudaSuccess);
}

TEST_CASE("bfloat16 rounds to nearest, ties to even, and keeps NaN") {
  const auto rounded = [](float x) { return __bfloat162float(__float2bfloat16_rn(x)); };
  CHECK(rounded(1 + 1.0F / 256) == 1);
  CHECK(rounded(1 + 3.0F / 256) == 1 + 4.0F / 256);
  CHECK(rounded(-3.0e38F) == doctest::Approx(-3.0e38F).epsilon(0.01));
  CHECK(std::isinf(rounded(3.4e38F)));
  CHECK(std::isnan(rounded(std::nanf(""))));
}

}  // namespace
}  // namespace emulator::test
