#pragma once

#include <cstddef>
#include <string>

/// The GPU's services for the rest of core, without CUDA's headers. runtime.cu, which defines them,
/// is part of builds with CUDA only: call these behind `if constexpr (with_cuda)`.
///
/// Every thread has a queue of its own, a CUDA stream. The GPU works it off in order, while the
/// thread goes on. Nothing orders the queues of two threads: before handing arrays to another
/// thread, call synchronize().
namespace muonlab::cuda {

/// Why the GPU cannot be used; empty when it can.
std::string problem();

/// "NVIDIA H200".
std::string device_name();

/// Memory for the work that this thread queues from now on, aligned to 256 bytes; null when there
/// is none left. release() lets the work in the calling thread's queue finish first.
void* allocate(std::size_t bytes);
void release(void* block) noexcept;

/// Memory with a fixed address, for recorded work; may also be allocated while a Graph is recorded.
void* allocate_fixed(std::size_t bytes);
void release_fixed(void* block) noexcept;

/// Queues a copy within the GPU, or to or from the host, without waiting for it, unlike
/// memory::copy().
void copy(void* to, const void* from, std::size_t bytes);

/// Waits until this thread's queue is empty. Throws while a Graph is recorded.
void synchronize();

/// Throws while this thread records a Graph: it then cannot wait for the GPU.
void check_may_wait();

/// Waits for the queue and returns unused memory to the system.
void trim();

}  // namespace muonlab::cuda
