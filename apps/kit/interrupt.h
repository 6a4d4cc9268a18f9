#pragma once

namespace muonlab::app {

/// Thrown by stop_if_asked() when the user or the system has asked the program to stop.
struct Interrupted {
  int signal;  // SIGINT, SIGTERM or SIGHUP

  /// The status that a shell reports for a program ended by the signal.
  int exit_status() const { return 128 + signal; }
};

/// From now on the first SIGINT (Ctrl-C), SIGTERM or SIGHUP (the terminal is closed) is only
/// remembered, for stop_if_asked(). A later SIGINT ends the program, and so does a later SIGTERM
/// unless SIGHUP came first. A signal that is ignored already stays ignored: nohup ignores SIGHUP,
/// and a shell script ignores SIGINT for programs that it starts in the background.
void remember_interrupts();

/// Throws Interrupted when a signal was remembered.
void stop_if_asked();

}  // namespace muonlab::app
