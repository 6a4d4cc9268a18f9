#include <cmath>
#include <cstdint>
#include <emulator.h>

#include "tests/emulator/arena.h"
#include "tests/emulator/device.h"

namespace emulator::test {
namespace {

__global__ void write(float* to, int i) { to[i] = 1; }

TEST_CASE("device memory is aligned, and NaN until it is written") {
  for (const std::size_t count : {1, 63, 64, 65, 1000000}) {
    const Array<float> x(count);
    CHECK(reinterpret_cast<std::uintptr_t>(x.data()) % 256 == 0);
    for (const float value : {x.values().front(), x.values().back()}) CHECK(std::isnan(value));
  }
}

TEST_CASE("the host cannot touch device memory") {
  const Array<float> x(1);
  CHECK(death_of([&x] { *x.data() = 1; }) != "");
  CHECK(death_of([&x] { std::printf("%f", *x.data()); }) != "");
  CHECK(death_of([] {}) == "");
}

TEST_CASE("a write beside a block is noticed, at once or when the block is freed") {
  for (const int i : {17, 60}) {
    const std::string death = death_of([i] {
      const Array<float> x(17);
      (void)launch(nullptr, 1, 1, write, x.data(), i);
    });
    const bool at_once = death.find("use-after-poison") != std::string::npos;
    const bool when_freed = death.find("wrote behind a block of 68 bytes") != std::string::npos;
    CHECK((at_once || when_freed));
  }
}

TEST_CASE("memory that is given back is found again, and that of no block is not taken") {
  const std::size_t before = arena().used();
  {
    const Array<float> a(1000);
    const Array<float> b(1000);
    const Array<float> c(1000);
    float* hole = b.data();
    CHECK(cudaFree(b.data() + 64) == cudaErrorInvalidValue);
    REQUIRE(cudaFree(hole) == cudaSuccess);
    CHECK(cudaFree(hole) == cudaErrorInvalidValue);
    float* again = nullptr;
    REQUIRE(cudaMalloc(&again, 4000) == cudaSuccess);
    CHECK(again == hole);
  }
  CHECK(arena().used() == before);
  float* much = nullptr;
  CHECK(cudaMallocAsync(&much, Arena::capacity, nullptr) == cudaErrorMemoryAllocation);
  CHECK(cudaGetLastError() == cudaErrorMemoryAllocation);
}

TEST_CASE("a copy beyond a block, or in another direction than its pointers, is refused") {
  std::vector<float> host(20, 1.0F);
  const Array<float> x(10);
  const Array<float> y(10);
  const auto copy = [](void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind) {
    return cudaMemcpyAsync(to, from, bytes, kind, nullptr);
  };
  CHECK(copy(x.data(), host.data(), 44, cudaMemcpyHostToDevice) == cudaErrorInvalidValue);
  CHECK(copy(x.data() + 5, host.data(), 40, cudaMemcpyHostToDevice) == cudaErrorInvalidValue);
  CHECK(copy(x.data(), host.data(), 40, cudaMemcpyDeviceToHost) == cudaErrorInvalidValue);
  CHECK(copy(x.data(), y.data(), 40, cudaMemcpyDeviceToHost) == cudaErrorInvalidValue);
  CHECK(copy(x.data(), x.data() + 1, 8, cudaMemcpyDeviceToDevice) == cudaErrorInvalidValue);

  const Counts before = counts();
  CHECK(copy(x.data(), host.data(), 40, cudaMemcpyDefault) == cudaSuccess);
  CHECK(copy(y.data(), x.data(), 40, cudaMemcpyDefault) == cudaSuccess);
  CHECK(copy(host.data() + 10, y.data(), 40, cudaMemcpyDefault) == cudaSuccess);
  CHECK(host[19] == 1);
  CHECK(counts().copies_to_device == before.copies_to_device + 1);
  CHECK(counts().copies_on_device == before.copies_on_device + 1);
  CHECK(counts().copies_to_host == before.copies_to_host + 1);
  CHECK(counts().synchronizations == before.synchronizations);
}

TEST_CASE("there is one device, and handles that are no more are refused") {
  int count = 0;
  CHECK(cudaGetDeviceCount(&count) == cudaSuccess);
  CHECK(count == 1);
  cudaDeviceProp properties = {};
  CHECK(cudaGetDeviceProperties(&properties, 0) == cudaSuccess);
  CHECK(cudaGetDeviceProperties(&properties, 1) == cudaErrorInvalidDevice);
  CHECK(std::string(properties.name) == "emulated CUDA device");
  CHECK(std::string(cudaGetErrorName(cudaErrorInvalidDevice)) == "cudaErrorInvalidDevice");

  cudaStream_t stream = nullptr;
  REQUIRE(cudaStreamCreate(&stream) == cudaSuccess);
  REQUIRE(cudaStreamDestroy(stream) == cudaSuccess);
  CHECK(cudaStreamSynchronize(stream) == cudaErrorInvalidResourceHandle);
  CHECK(launch(stream, 1, 1, write, nullptr, 0) == cudaErrorInvalidResourceHandle);
  cudaGetLastError();
}

}  // namespace
}  // namespace emulator::test
