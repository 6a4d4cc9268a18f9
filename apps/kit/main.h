#pragma once

#include <cstdio>
#include <exception>
#include <new>

#include "apps/kit/process.h"
#include "muonlab/core/error.h"

namespace muonlab::app {

/// What main() returns: `prepare` reads the input, `run` works on what prepare returned and gives
/// the exit status. Input that is wrong ends in one line on stderr and 2; a failure later, and want
/// of memory, in one line and 1, also when standard output was closed; never in a stack trace.
template <class Prepare, class Run>
int run_app(const Prepare& prepare, const Run& run) {
  int status = 2;
  const auto report = [](const std::exception& error) {
    std::fprintf(stderr, "error: %s\n", error.what());  // which takes no memory
  };
  try {
    const bool has_output = prepare_process();
    const auto prepared = prepare();
    status = 1;
    const int result = run(prepared);
    const bool is_printed = std::fflush(stdout) == 0 && std::ferror(stdout) == 0;
    check(result != 0 || (has_output && is_printed), "cannot write to standard output");
    return result;
  } catch (const MemoryError& error) {
    report(error);
    status = 1;
  } catch (const std::bad_alloc&) {
    report(MemoryError("memory is used up"));
    status = 1;
  } catch (const std::exception& error) {
    report(error);
  }
  return status;
}

}  // namespace muonlab::app
