#pragma once

namespace muonlab::app {

/// Makes a process fit for an app, before that opens its first file:
///
/// - A closed standard input, output or error becomes /dev/null. The next file that is opened would
///   take its place, and get what is printed.
/// - SIGXFSZ is ignored: a file that would grow beyond the limit (ulimit -f) is then reported as a
///   full disk is, in place of an end without a word.
/// - Some memory is put aside. It is given back when the system has no more, just before the
///   exception that says so: on its way the JSON library's destructors take memory, and nothing
///   catches what they throw.
///
/// Returns whether standard output was open. Throws when there is no /dev/null.
bool prepare_process();

/// Puts memory aside once more, for whoever goes on after a shortage.
void put_memory_aside();

}  // namespace muonlab::app
