#pragma once

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include <cuda_runtime.h>
#include <doctest/doctest.h>

/// What the tests of the emulator share.
namespace emulator::test {

class Stream {
 public:
  Stream() { REQUIRE(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking) == cudaSuccess); }
  ~Stream() { cudaStreamDestroy(stream_); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  operator cudaStream_t() const { return stream_; }  // NOLINT(google-explicit-constructor)

 private:
  cudaStream_t stream_ = nullptr;
};

/// An array in the device's memory.
template <class T>
class Array {
 public:
  explicit Array(std::size_t count) : count_(count) {
    REQUIRE(cudaMallocAsync(&data_, bytes(), nullptr) == cudaSuccess);
  }
  explicit Array(const std::vector<T>& values) : Array(values.size()) {
    copy(data_, values.data(), cudaMemcpyHostToDevice);
  }
  ~Array() { cudaFreeAsync(data_, nullptr); }
  Array(const Array&) = delete;
  Array& operator=(const Array&) = delete;

  T* data() const { return data_; }
  std::size_t bytes() const { return count_ * sizeof(T); }
  std::vector<T> values() const {
    std::vector<T> result(count_);
    copy(result.data(), data_, cudaMemcpyDeviceToHost);
    return result;
  }

 private:
  void copy(T* to, const T* from, cudaMemcpyKind kind) const {
    REQUIRE(cudaMemcpyAsync(to, from, bytes(), kind, nullptr) == cudaSuccess);
  }

  T* data_ = nullptr;
  std::size_t count_;
};

template <class... Parameters, class... Arguments>
cudaError_t launch(cudaStream_t stream, dim3 grid, dim3 block, void (*kernel)(Parameters...),
                   Arguments&&... arguments) {
  cudaLaunchConfig_t config = {};
  config.gridDim = grid;
  config.blockDim = block;
  config.stream = stream;
  return cudaLaunchKernelEx(&config, kernel, std::forward<Arguments>(arguments)...);
}

/// What a process prints that does this and dies of a signal; empty when it lives.
template <class Body>
std::string death_of(const Body& body) {
  std::array<int, 2> pipe_ends = {};
  REQUIRE(pipe(pipe_ends.data()) == 0);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    dup2(pipe_ends[1], STDERR_FILENO);
    for (const int signal : {SIGSEGV, SIGBUS, SIGABRT}) std::signal(signal, SIG_DFL);
    body();
    _exit(0);
  }
  close(pipe_ends[1]);
  std::string printed;
  for (char c = 0; read(pipe_ends[0], &c, 1) == 1;) printed += c;
  close(pipe_ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  if (WIFSIGNALED(status)) return printed + "killed by signal " + std::to_string(WTERMSIG(status));
  return WEXITSTATUS(status) == 0 ? "" : printed + "failed";
}

/// Runs the body in both orders of the threads.
template <class Body>
void in_both_orders(const Body& body) {
  for (const char* const order : {"0", "1"}) {
    CAPTURE(order);
    setenv("EMULATOR_REVERSE", order, 1);
    body();
  }
  unsetenv("EMULATOR_REVERSE");
}

}  // namespace emulator::test
