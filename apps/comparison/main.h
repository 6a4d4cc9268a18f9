#pragma once

#include <cstdio>
#include <exception>
#include <fmt/format.h>

#include "apps/comparison/terminal.h"
#include "core/error.h"

namespace muonlab::app {

/// What main() returns: `prepare` reads the input, `run` works on what prepare returned and gives
/// the exit status. Input that is wrong ends in one line on stderr and 2, a failure later in one
/// line and 1; never in a stack trace.
template <class Prepare, class Run>
int run_app(const Prepare& prepare, const Run& run) {
  int status = 2;
  try {
    const auto prepared = prepare();
    status = 1;
    const int result = run(prepared);
    check(std::fflush(stdout) == 0, "cannot write to standard output");
    return result;
  } catch (const std::exception& error) {
    say(fmt::format("error: {}", error.what()));
  }
  return status;
}

}  // namespace muonlab::app
