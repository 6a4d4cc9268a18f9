// What products, memory and Newton-Schulz reach on the GPU. ./muonlab bench gpu builds and runs it.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fmt/format.h>
#include <functional>
#include <string>
#include <vector>

#include "apps/kit/main.h"
#include "apps/kit/numbers.h"
#include "apps/kit/options.h"
#include "apps/kit/table.h"
#include "muonlab/core/kernels/matmul.h"
#include "muonlab/core/replay.h"
#include "muonlab/optim/orthogonalize.h"
#include "muonlab/optim/orthogonalize_cost.h"
#include "tests/random.h"

namespace muonlab::bench {
namespace {

using optim::Form;
using optim::OrthogonalizeOptions;

constexpr Precision precisions[] = {Precision::float32, Precision::bfloat16};

constexpr Index max_size = 16384;  // a matrix of 1 GB

struct Options {
  Index side = 8192;
  Index rows = 1024;
  Index columns = 4096;
  double seconds = 0.5;
  bool skip_without_gpu = false;
};

Options parse(int argc, char** argv) {
  Options options;
  CLI::App app(
      "Times large products, copies and Newton-Schulz on the GPU, and says which part of the "
      "product's rate and of the memory's speed they reach.",
      "gpu");
  app.add_option("--side", options.side, "Of the square matrices whose product is the yardstick")
      ->type_name("N")
      ->transform(app::whole(1, max_size))
      ->capture_default_str();
  app.add_option("--rows", options.rows, "Of the matrices to orthogonalize")
      ->type_name("N")
      ->transform(app::whole(1, max_size))
      ->capture_default_str();
  app.add_option("--columns", options.columns, "Likewise")
      ->type_name("N")
      ->transform(app::whole(1, max_size))
      ->capture_default_str();
  app.add_option("--seconds", options.seconds, "Measure each for about so long")
      ->type_name("S")
      ->transform(app::real(0, 3600))
      ->capture_default_str();
  app.add_flag("--skip-without-gpu", options.skip_without_gpu,
               "Where there is no GPU, exit with 77, which ctest takes for skipped, instead of 2");
  app::parse(app, app::Words(argv + 1, argv + argc));
  const std::string problem = problem_with(Device::cuda);
  if (!problem.empty() && options.skip_without_gpu) {
    fmt::print("skipped: no CUDA device ({})\n", problem);
    std::exit(77);
  }
  check(problem.empty(), "no CUDA device: ", problem);
  return options;
}

/// Seconds that `work` takes: the median of some runs, each of so many calls in a row that the wait
/// at its end does not count.
double seconds_of(const std::function<void()>& work, double at_least) {
  using Clock = std::chrono::steady_clock;
  const auto run = [&work](int calls) {
    synchronize(Device::cuda);
    const Clock::time_point start = Clock::now();
    for (int i = 0; i < calls; ++i) work();
    synchronize(Device::cuda);
    return std::chrono::duration<double>(Clock::now() - start).count() / calls;
  };
  run(3);  // loads kernels, and records where work is replayed
  constexpr int runs = 7;
  const int calls = std::clamp(static_cast<int>(at_least / runs / run(1)), 1, 1000);
  std::vector<double> times(runs);
  for (double& time : times) time = run(calls);
  std::ranges::nth_element(times, times.begin() + runs / 2);
  return times[runs / 2];
}

Tensor matrix(Index rows, Index columns, std::uint64_t stream) {
  Rng rng(0, stream);
  return test::random_normal({rows, columns}, rng).to(Device::cuda);
}

/// Operations a second of the product of two squares.
double product_rate(const Options& options, Precision precision) {
  const Index n = options.side;
  const Tensor a = matrix(n, n, 0);
  const Tensor b = matrix(n, n, 1);
  Tensor c({n, n}, Device::cuda);
  const auto product = [&] {
    run(Device::cuda, kernel::MatMul{.a = a, .b = b, .c = c, .precision = precision});
  };
  const double flops = 2 * static_cast<double>(n) * static_cast<double>(n) * static_cast<double>(n);
  return flops / seconds_of(product, options.seconds);
}

/// Bytes a second of a copy, read and written.
double copy_rate(const Options& options) {
  const Tensor from = matrix(options.side, options.side, 0);
  Tensor to(from.shape(), Device::cuda);
  const auto bytes = 2 * static_cast<double>(from.count()) * sizeof(float);
  return bytes / seconds_of([&] { to.copy_from(from); }, options.seconds);
}

/// One row: `batch` matrices orthogonalized together.
std::vector<std::string> newton_schulz(const Options& options, Index batch, Precision precision,
                                       double product_rate) {
  std::vector<Tensor> matrices;
  for (Index i = 0; i < batch; ++i) {
    matrices.push_back(matrix(options.rows, options.columns, static_cast<std::uint64_t>(i)));
  }
  // All products in whole: cuBLAS does not leave out half of a symmetric one.
  const OrthogonalizeOptions how = {.precision = precision, .form = Form::plain};
  Replay replay;
  std::vector<Tensor> results;
  const double seconds = seconds_of(
      [&] { replay(Device::cuda, [&] { results = optim::orthogonalize(matrices, how); }); },
      options.seconds);
  const double rate =
      static_cast<double>(batch * optim::flops(options.rows, options.columns, how)) / seconds;
  return {fmt::format("Newton-Schulz, {} of {} x {}", batch, options.rows, options.columns),
          std::string(name_of(precision)), fmt::format("{:.3f}", 1e3 * seconds),
          fmt::format("{:.1f}", rate / 1e12), fmt::format("{:.1f}", 100 * rate / product_rate)};
}

int run(const Options& options) {
  set_replay(true);
  fmt::print("{}; a copy moves {:.0f} GB/s\n", name_of(Device::cuda), copy_rate(options) / 1e9);
  std::vector<std::vector<std::string>> rows;
  for (const Precision precision : precisions) {
    const double rate = product_rate(options, precision);
    rows.push_back({fmt::format("product, {0} x {0}", options.side),
                    std::string(name_of(precision)), "", fmt::format("{:.1f}", rate / 1e12),
                    "100.0"});
    for (const Index batch : {1, 8}) {
      rows.push_back(newton_schulz(options, batch, precision, rate));
    }
  }
  fmt::print("{}", app::table({"work", "precision", "ms", "TFLOP/s", "% of product"}, rows, 2));
  return 0;
}

}  // namespace
}  // namespace muonlab::bench

int main(int argc, char** argv) {
  using namespace muonlab;
  return app::run_app([argc, argv] { return bench::parse(argc, argv); }, bench::run);
}
