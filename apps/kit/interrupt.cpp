#include "apps/kit/interrupt.h"

#include <atomic>
#include <csignal>
#include <cstdint>
#include <ctime>
#include <initializer_list>

namespace muonlab::app {
namespace {

// A signal may interrupt any thread, and its handler must not wait: so these take no lock.
std::atomic<int> remembered = 0;
std::atomic<std::int64_t> remembered_at = 0;  // in milliseconds
static_assert(std::atomic<std::int64_t>::is_always_lock_free);

constexpr std::int64_t same_request = 20;  // milliseconds: signals this close are one request

std::int64_t now() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return std::int64_t{time.tv_sec} * 1000 + time.tv_nsec / 1'000'000;
}

extern "C" void remember(int signal) {
  if (remembered == 0) {
    remembered_at = now();
    remembered = signal;
    return;
  }
  // The command timeout sends its signal twice. When a terminal is closed, it and the shell each
  // send SIGHUP, and a login that ends sends SIGTERM, too. These count as one request.
  const bool is_same = signal == SIGHUP || (signal == SIGTERM && remembered == SIGHUP);
  if (is_same || now() - remembered_at < same_request) return;
  std::signal(signal, SIG_DFL);
  raise(signal);  // takes effect when this handler returns
}

}  // namespace

void remember_interrupts() {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction action {};
    sigaction(signal, nullptr, &action);
    if (action.sa_handler == SIG_IGN) continue;
    action.sa_handler = remember;
    action.sa_flags = SA_RESTART;  // a write goes on after a signal, so files are finished
    sigfillset(&action.sa_mask);   // no signal interrupts the handler
    sigaction(signal, &action, nullptr);
  }
}

void stop_if_asked() {
  if (const int signal = remembered; signal != 0) throw Interrupted{signal};
}

}  // namespace muonlab::app
