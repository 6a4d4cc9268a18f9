#include "apps/kit/process.h"

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <fcntl.h>
#include <new>
#include <unistd.h>

#include "muonlab/core/error.h"

namespace muonlab::app {
namespace {

constexpr std::size_t reserved = std::size_t{32} << 20;  // bytes of address space, never touched
std::atomic<std::byte*> reserve = nullptr;

/// The new handler, which `new` calls when the system has no more memory.
void give_back_and_throw() {
  delete[] reserve.exchange(nullptr);
  throw std::bad_alloc();
}

}  // namespace

void put_memory_aside() {
  if (reserve == nullptr) delete[] reserve.exchange(new (std::nothrow) std::byte[reserved]);
}

bool prepare_process() {
  std::set_new_handler(give_back_and_throw);
  put_memory_aside();
  std::signal(SIGXFSZ, SIG_IGN);
  bool has_output = true;
  for (const int number : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(number, F_GETFD) >= 0 || errno != EBADF) continue;
    // All lower numbers are open, so open() returns this one, the lowest that is free.
    check(open("/dev/null", O_RDWR) == number, "cannot open /dev/null, for a standard file");
    if (number == STDOUT_FILENO) has_output = false;
  }
  return has_output;
}

}  // namespace muonlab::app
