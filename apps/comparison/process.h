#pragma once

namespace muonlab::app {

/// Makes a process fit for an app, before that opens its first file:
///
/// - A closed standard input, output or error becomes /dev/null. The next file that is opened would
///   take its place, and get what is printed.
/// - SIGXFSZ is ignored: a file that would grow beyond the limit (ulimit -f) is then reported as a
///   full disk is, in place of an end without a word.
/// - Some memory is put aside. Where the system has no more, it lets the exception that says so be
///   caught: on the way the JSON library's destructors take memory, and nothing catches what they
///   throw.
///
/// Returns whether standard output was open. Throws when there is no /dev/null.
bool prepare_process();

}  // namespace muonlab::app
