#pragma once

#include <benchmark/benchmark.h>
#include <functional>
#include <string>

#include "muonlab/core/precision.h"

/// The benchmarks of each file, whose name is their group. One is called GROUP/WHAT/.../PRECISION.
namespace muonlab::bench {

void add_products();
void add_convolution();
void add_orthogonalize();
void add_optimizers();
void add_steps();

inline constexpr Precision precisions[] = {Precision::float32, Precision::bfloat16};

/// Registers one; `body(state)` holds the loop.
void add(const std::string& name, std::function<void(benchmark::State&)> body);

/// An iteration does `flops` operations: the columns GFLOP/s and % of peak.
void count_flops(benchmark::State& state, double flops, Precision precision);

/// An iteration moves `bytes`: the columns GB/s and % of memory.
void count_bytes(benchmark::State& state, double bytes);

}  // namespace muonlab::bench
