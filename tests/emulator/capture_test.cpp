#include <emulator.h>
#include <thread>

#include <cublas_v2.h>

#include "tests/emulator/device.h"

namespace emulator::test {
namespace {

__global__ void add(float value, float* to) { to[threadIdx.x] += value; }

/// Ends the capture of a stream; the error that this gives.
cudaError_t end(cudaStream_t stream) {
  cudaGraph_t graph = nullptr;
  const cudaError_t error = cudaStreamEndCapture(stream, &graph);
  if (graph != nullptr) cudaGraphDestroy(graph);
  return error;
}

TEST_CASE("what is captured runs when the graph is launched, each time") {
  const Stream stream;
  const Array<float> x(std::vector<float>{1, 2, 3, 4});
  const Array<float> y(4);
  const Array<float> product(1);
  cublasHandle_t cublas = nullptr;
  REQUIRE(cublasCreate(&cublas) == CUBLAS_STATUS_SUCCESS);
  REQUIRE(cublasSetStream(cublas, stream) == CUBLAS_STATUS_SUCCESS);
  const float one = 1;
  const float zero = 0;

  const Counts before = counts();
  REQUIRE(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal) == cudaSuccess);
  CHECK(launch(stream, 1, 4, add, 1.0F, x.data()) == cudaSuccess);
  CHECK(cudaMemcpyAsync(y.data(), x.data(), 16, cudaMemcpyDeviceToDevice, stream) == cudaSuccess);
  CHECK(cublasGemmEx_64(cublas, CUBLAS_OP_T, CUBLAS_OP_N, 1, 1, 4, &one, x.data(), CUDA_R_32F, 4,
                        y.data(), CUDA_R_32F, 4, &zero, product.data(), CUDA_R_32F, 1,
                        CUBLAS_COMPUTE_32F, CUBLAS_GEMM_DEFAULT) == CUBLAS_STATUS_SUCCESS);
  cudaGraph_t graph = nullptr;
  REQUIRE(cudaStreamEndCapture(stream, &graph) == cudaSuccess);
  CHECK(x.values() == std::vector<float>{1, 2, 3, 4});
  CHECK(counts().launches == before.launches);

  cudaGraphExec_t executable = nullptr;
  REQUIRE(cudaGraphInstantiate(&executable, graph) == cudaSuccess);
  REQUIRE(cudaGraphDestroy(graph) == cudaSuccess);
  CHECK(cudaGraphLaunch(executable, stream) == cudaSuccess);
  CHECK(cudaGraphLaunch(executable, stream) == cudaSuccess);
  CHECK(x.values() == std::vector<float>{3, 4, 5, 6});
  CHECK(y.values() == std::vector<float>{3, 4, 5, 6});
  CHECK(product.values()[0] == 86);
  CHECK(counts().launches == before.launches + 2);
  CHECK(counts().products == before.products + 2);
  CHECK(counts().graphs == before.graphs + 2);
  REQUIRE(cudaGraphExecDestroy(executable) == cudaSuccess);
  CHECK(cudaGraphLaunch(executable, stream) == cudaErrorInvalidValue);
  cublasDestroy(cublas);
}

TEST_CASE("a graph that uses memory that was freed dies") {
  const std::string death = death_of([] {
    const Stream stream;
    const Array<float> kept(4);
    cudaGraph_t graph = nullptr;
    {
      const Array<float> freed(4);
      cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal);
      cudaMemcpyAsync(kept.data(), freed.data(), 16, cudaMemcpyDeviceToDevice, stream);
      cudaStreamEndCapture(stream, &graph);
    }
    cudaGraphExec_t executable = nullptr;
    cudaGraphInstantiate(&executable, graph);
    cudaGraphLaunch(executable, stream);
  });
  CHECK(death.find("a graph copies memory that was freed") != std::string::npos);
}

TEST_CASE("what a capture does not allow is refused and invalidates it") {
  const Stream stream;
  const Array<float> x(4);
  std::vector<float> host(4);
  void* memory = nullptr;
  const auto refused = [&](auto call) {
    REQUIRE(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal) == cudaSuccess);
    CHECK(call() == cudaErrorStreamCaptureUnsupported);
    CHECK(launch(stream, 1, 4, add, 1.0F, x.data()) == cudaErrorStreamCaptureInvalidated);
    CHECK(end(stream) == cudaErrorStreamCaptureInvalidated);
    CHECK(end(stream) == cudaErrorIllegalState);
  };
  refused([&] { return cudaStreamSynchronize(stream); });
  refused([&] { return cudaMallocAsync(&memory, 16, stream); });
  refused([&] { return cudaFreeAsync(x.data(), stream); });
  refused([&] { return cudaMalloc(&memory, 16); });
  refused([&] { return cudaFree(x.data()); });
  refused(
      [&] { return cudaMemcpyAsync(host.data(), x.data(), 16, cudaMemcpyDeviceToHost, stream); });
}

TEST_CASE("the mode of a capture says which threads may allocate meanwhile") {
  const Stream stream;
  const auto allocates = [] {
    void* memory = nullptr;
    const cudaError_t error = cudaMalloc(&memory, 16);
    return error == cudaSuccess && cudaFree(memory) == cudaSuccess;
  };
  const auto another_allocates = [&allocates] {
    bool result = false;
    std::thread([&result, &allocates] { result = allocates(); }).join();
    return result;
  };
  REQUIRE(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal) == cudaSuccess);
  CHECK(another_allocates());
  cudaStreamCaptureMode mode = cudaStreamCaptureModeRelaxed;
  REQUIRE(cudaThreadExchangeStreamCaptureMode(&mode) == cudaSuccess);
  CHECK(mode == cudaStreamCaptureModeGlobal);
  CHECK(allocates());
  REQUIRE(cudaThreadExchangeStreamCaptureMode(&mode) == cudaSuccess);
  std::thread([&stream] { CHECK(end(stream) == cudaErrorStreamCaptureWrongThread); }).join();
  CHECK(end(stream) == cudaSuccess);

  REQUIRE(cudaStreamBeginCapture(stream, cudaStreamCaptureModeRelaxed) == cudaSuccess);
  CHECK(allocates());
  CHECK(end(stream) == cudaSuccess);
  REQUIRE(cudaStreamBeginCapture(stream, cudaStreamCaptureModeGlobal) == cudaSuccess);
  CHECK(!another_allocates());
  CHECK(end(stream) == cudaErrorStreamCaptureInvalidated);
}

TEST_CASE("the default stream cannot be captured, nor used while one that waits for it is") {
  CHECK(cudaStreamBeginCapture(nullptr, cudaStreamCaptureModeThreadLocal) ==
        cudaErrorStreamCaptureUnsupported);
  cudaStream_t blocking = nullptr;
  REQUIRE(cudaStreamCreate(&blocking) == cudaSuccess);
  REQUIRE(cudaStreamBeginCapture(blocking, cudaStreamCaptureModeThreadLocal) == cudaSuccess);
  const Stream free_stream;
  CHECK(cudaStreamSynchronize(free_stream) == cudaSuccess);
  CHECK(cudaStreamSynchronize(nullptr) == cudaErrorStreamCaptureImplicit);
  CHECK(end(blocking) == cudaErrorStreamCaptureInvalidated);
  cudaStreamDestroy(blocking);
  cudaGetLastError();
}

}  // namespace
}  // namespace emulator::test
