#pragma once

namespace muonlab::app {

/// Thrown where training can stop because the user, or the system, asks for it.
struct Interrupted {
  int signal;  // SIGINT, SIGTERM or SIGHUP

  /// What the shell reports for a program that the signal ended.
  int exit_status() const { return 128 + signal; }
};

/// From now on the first SIGINT (Ctrl-C), SIGTERM or SIGHUP (the terminal is closed) is only
/// remembered, and the next SIGINT or SIGTERM ends the program, after SIGHUP only SIGINT. One that
/// is ignored already stays so: nohup ignores SIGHUP, and a shell script SIGINT for what it starts
/// in the background.
void remember_interrupts();

/// Throws Interrupted when a signal was remembered.
void stop_if_asked();

}  // namespace muonlab::app
