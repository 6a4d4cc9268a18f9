#pragma once

#include "muonlab/core/precision.h"

/// What this machine can do at most, measured on first use, in about a second, with as many threads
/// as kernels use.
namespace muonlab::bench {

/// Multiply-adds of vectors in registers, counted as two operations each, a second. Without
/// bfloat16 instructions that is float32's. Tile instructions (AMX) are not tried: where the CPU
/// has them, products in bfloat16 may exceed this.
double peak_flops(Precision precision);

/// Bytes a second of a(i) = b(i) + s c(i) over arrays that no cache holds, two read and one
/// written. McCalpin 1995, https://www.cs.virginia.edu/stream/
double memory_bandwidth();

}  // namespace muonlab::bench
