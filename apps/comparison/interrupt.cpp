#include "apps/comparison/interrupt.h"

#include <atomic>
#include <csignal>
#include <initializer_list>

namespace muonlab::app {
namespace {

std::atomic<int> remembered = 0;  // any thread may be the one that a signal interrupts
static_assert(std::atomic<int>::is_always_lock_free, "a handler must not wait");

void handle_by(void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;  // the file that is being written is finished
  sigfillset(&action.sa_mask);   // one at a time
  for (const int signal : {SIGINT, SIGTERM}) sigaction(signal, &action, nullptr);
}

extern "C" void remember(int signal) {
  remembered = signal;
  handle_by(SIG_DFL);
}

}  // namespace

void remember_interrupts() { handle_by(remember); }

void stop_if_asked() {
  if (const int signal = remembered; signal != 0) throw Interrupted{signal};
}

}  // namespace muonlab::app
