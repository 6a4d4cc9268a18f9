#pragma once

#include "apps/keeping/arguments.h"

namespace muonlab::app {

/// Reads the command line, with --resume also the checkpoint, and sets the number of threads.
/// Prints help and ends the program when asked to. Throws Error with one line that names the
/// option, the value and what it can be, or the file.
Arguments parse_arguments(int argc, char** argv, const Defaults& defaults);

}  // namespace muonlab::app
