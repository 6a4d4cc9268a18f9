#pragma once

#include <cstddef>
#include <string>

/// What the rest of core asks of the GPU, without CUDA's headers. Defined in runtime.cu, which only
/// builds with CUDA have: call these behind `if constexpr (with_cuda)`.
///
/// Every thread has a queue of its own, a CUDA stream, in which the GPU does what the thread asks
/// for one after the other, while the thread goes on. Nothing orders the queues of two threads: one
/// that hands arrays to another calls synchronize() first.
namespace muonlab::cuda {

/// Why the GPU cannot be used; empty when it can.
std::string problem();

/// "NVIDIA H200".
std::string device_name();

/// Memory that this thread's queue may use from here on, aligned to 256 bytes; null when there is
/// none left. release() lets what is in the queue of the thread that calls it finish first.
void* allocate(std::size_t bytes);
void release(void* block) noexcept;

/// Memory that stays where it is, for recorded work; to be had while a Graph is recorded too.
void* allocate_fixed(std::size_t bytes);
void release_fixed(void* block) noexcept;

/// Copies within the GPU, or to or from the host, and does not wait: memory::copy() does.
void copy(void* to, const void* from, std::size_t bytes);

/// Waits until this thread's queue is empty. Throws while a Graph is recorded.
void synchronize();

/// Throws while this thread records a Graph: it then cannot wait for the GPU.
void check_may_wait();

/// Gives memory that no block uses back to the system.
void trim();

}  // namespace muonlab::cuda
