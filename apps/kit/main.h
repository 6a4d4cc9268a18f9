#pragma once

#include <cstdio>
#include <exception>
#include <new>

#include "apps/kit/process.h"
#include "muonlab/core/error.h"

namespace muonlab::app {

/// Runs an app and returns what main() returns. `prepare` reads and checks the input; `run` takes
/// what prepare() returned and returns the exit status. A failure is one line on stderr. The status
/// is then 2 when prepare() failed, and 1 when run() failed, memory ran out, or standard output
/// could not be written.
template <class Prepare, class Run>
int run_app(const Prepare& prepare, const Run& run) {
  int status = 2;
  const auto report = [](const std::exception& error) {
    std::fprintf(stderr, "error: %s\n", error.what());  // allocates no memory
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
