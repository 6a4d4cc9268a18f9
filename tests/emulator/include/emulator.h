#pragma once

/// What tests ask the emulated device, beyond CUDA.
namespace emulator {

/// What was done since the start of the process; work that a graph repeats counts each time, work
/// that is only captured does not.
struct Counts {
  long launches = 0;  // of kernels
  long products = 0;  // calls of cuBLAS
  long graphs = 0;    // launches of graphs
  long copies_to_device = 0;
  long copies_to_host = 0;
  long copies_on_device = 0;
  long synchronizations = 0;
};

Counts counts();

}  // namespace emulator
