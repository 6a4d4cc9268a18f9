#pragma once

namespace muonlab::app {

/// Thrown where training can stop because the user, or the system, asks for it.
struct Interrupted {
  int signal;  // SIGINT or SIGTERM

  /// What the shell reports for a program that the signal ended.
  int exit_status() const { return 128 + signal; }
};

/// From now on the first SIGINT (Ctrl-C) or SIGTERM is only remembered, and the second one ends the
/// program. Also where a shell script starts it in the background, with SIGINT ignored.
void remember_interrupts();

/// Throws Interrupted when a signal was remembered.
void stop_if_asked();

}  // namespace muonlab::app
