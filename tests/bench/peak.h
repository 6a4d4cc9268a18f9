#pragma once

#include <vector>

#include "muonlab/core/precision.h"
#include "muonlab/core/shape.h"

namespace muonlab::bench {

/// Multiply-adds on one thread as fast as its registers allow.
struct PeakLoop {
  Precision precision;
  double flops;                // of a round
  float (*run)(Index rounds);  // returns something made of all results, so that none is left out
};

/// Those that this CPU can run: peak_x86.cpp asks it, peak_portable.cpp takes what the compiler
/// has.
std::vector<PeakLoop> peak_loops();

}  // namespace muonlab::bench
