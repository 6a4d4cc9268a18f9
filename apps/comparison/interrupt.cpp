#include "apps/comparison/interrupt.h"

#include <csignal>
#include <initializer_list>

namespace muonlab::app {
namespace {

volatile std::sig_atomic_t remembered = 0;

extern "C" void remember(int signal) {
  remembered = signal;
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
}

}  // namespace

void remember_interrupts() {
  struct sigaction action {};
  action.sa_handler = remember;
  action.sa_flags = SA_RESTART;  // the file that is being written is finished
  for (const int signal : {SIGINT, SIGTERM}) sigaction(signal, &action, nullptr);
}

void stop_if_asked() {
  if (remembered != 0) throw Interrupted{static_cast<int>(remembered)};
}

}  // namespace muonlab::app
