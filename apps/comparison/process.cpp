#include "apps/comparison/process.h"

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <fcntl.h>
#include <new>
#include <unistd.h>

#include "core/error.h"

namespace muonlab::app {
namespace {

constexpr std::size_t reserved = std::size_t{16} << 20;  // bytes, of which none is touched
std::atomic<std::byte*> reserve = nullptr;

/// What `new` does where the system has no more.
void use_reserve() {
  std::byte* const bytes = reserve.exchange(nullptr);
  if (bytes == nullptr) throw std::bad_alloc();
  delete[] bytes;
}

}  // namespace

bool prepare_process() {
  if (std::get_new_handler() != use_reserve) {
    reserve = new std::byte[reserved];
    std::set_new_handler(use_reserve);
  }
  std::signal(SIGXFSZ, SIG_IGN);
  bool has_output = true;
  for (const int number : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(number, F_GETFD) >= 0 || errno != EBADF) continue;
    // Those below are open, so the lowest number that is free is this one.
    check(open("/dev/null", O_RDWR) == number, "cannot open /dev/null, for a standard file");
    if (number == STDOUT_FILENO) has_output = false;
  }
  return has_output;
}

}  // namespace muonlab::app
