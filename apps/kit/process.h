#pragma once

namespace muonlab::app {

/// Prepares the process for an app, before the app opens its first file:
///
/// - A closed standard input, output or error becomes /dev/null. Otherwise the next file opened
///   would take its number, and receive what is printed.
/// - SIGXFSZ is ignored. A file that would exceed the size limit (ulimit -f) is then reported like
///   a full disk; the signal would end the program without a message.
/// - Some memory is put aside. It is given back when the system has no more, just before
///   std::bad_alloc is thrown: while that exception passes, destructors of the JSON library
///   allocate memory, and an exception from a destructor would end the program.
///
/// Returns whether standard output was open. Throws when there is no /dev/null.
bool prepare_process();

/// Puts memory aside again, for a program that goes on after it ran out of memory.
void put_memory_aside();

}  // namespace muonlab::app
