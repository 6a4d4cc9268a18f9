#include "tests/bench/machine.h"

#include <algorithm>
#include <barrier>
#include <chrono>
#include <cstddef>
#include <memory>
#include <thread>
#include <vector>

#include "muonlab/core/threads.h"
#include "tests/bench/peak.h"

namespace muonlab::bench {
namespace {

/// The threads do work(0), work(1), ... at the same time, again and again: the fewest seconds that
/// the slowest of them took. What else runs on the machine only takes away, so the best try counts.
template <class Work>
double best_seconds(int tries, const Work& work) {
  const auto count = static_cast<std::size_t>(threads());
  std::vector<double> slowest(static_cast<std::size_t>(tries));
  std::vector<double> seconds(count);
  std::barrier start(std::ssize(seconds));
  const auto run_all = [&](std::size_t thread) {
    for (double& result : slowest) {
      start.arrive_and_wait();
      const auto begin = std::chrono::steady_clock::now();
      work(thread);
      const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - begin;
      seconds[thread] = passed.count();
      start.arrive_and_wait();
      if (thread == 0) result = std::ranges::max(seconds);
    }
  };
  std::vector<std::thread> others;
  for (std::size_t i = 1; i < count; ++i) others.emplace_back(run_all, i);
  run_all(0);
  for (std::thread& other : others) other.join();
  return std::ranges::min(slowest);
}

double measure_flops(Precision precision) {
  constexpr Index rounds = 200'000;  // less than a millisecond: seldom disturbed
  double best = 0;
  for (const PeakLoop& loop : peak_loops()) {
    if (loop.precision != precision) continue;
    std::vector<float> results(static_cast<std::size_t>(threads()));
    const double seconds =
        best_seconds(300, [&](std::size_t thread) { results[thread] = loop.run(rounds); });
    best = std::max(best, threads() * loop.flops * static_cast<double>(rounds) / seconds);
  }
  return best;
}

double measure_bandwidth() {
  constexpr std::size_t count = std::size_t{1} << 25;  // 128 MiB an array
  const auto a = std::make_unique_for_overwrite<float[]>(count);
  const auto b = std::make_unique_for_overwrite<float[]>(count);
  const auto c = std::make_unique_for_overwrite<float[]>(count);
  const auto parts = static_cast<std::size_t>(threads());
  const auto each = [&](int tries, const auto& body) {
    return best_seconds(tries, [&](std::size_t part) {
      body(a.get(), b.get(), c.get(), count * part / parts, count * (part + 1) / parts);
    });
  };
  // Written first by the thread that uses them, whose memory is the nearest.
  each(1, [](float* x, float* y, float* z, std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) x[i] = y[i] = z[i] = 1;
  });
  const double seconds =
      each(16, [](float* x, const float* y, const float* z, std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) x[i] = y[i] + 0.5F * z[i];
      });
  return 3.0 * sizeof(float) * static_cast<double>(count) / seconds;
}

}  // namespace

double peak_flops(Precision precision) {
  static const double float32 = measure_flops(Precision::float32);
  static const double bfloat16 = std::max(float32, measure_flops(Precision::bfloat16));
  return precision == Precision::float32 ? float32 : bfloat16;
}

double memory_bandwidth() {
  static const double bandwidth = measure_bandwidth();
  return bandwidth;
}

}  // namespace muonlab::bench
