// Measures the parts of training on this machine. ./muonlab bench builds and runs it.

#include "apps/kit/main.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <benchmark/benchmark.h>
#include <filesystem>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "apps/kit/names.h"
#include "apps/kit/numbers.h"
#include "apps/kit/options.h"
#include "muonlab/core/threads.h"
#include "tests/bench/benchmarks.h"
#include "tests/bench/machine.h"
#include "tests/bench/reporter.h"

namespace muonlab::bench {

namespace {

/// A benchmark as Google Benchmark wants it.
class Entry final : public benchmark::Fixture {
 public:
  Entry(const std::string& name, std::function<void(benchmark::State&)> body)
      : name_(name), body_(std::move(body)) {
    SetName(name.c_str());
    UseRealTime();  // kernels have threads of their own
    Unit(benchmark::kMillisecond);
  }

  const std::string& name() const { return name_; }

 private:
  void BenchmarkCase(benchmark::State& state) override { body_(state); }

  std::string name_;
  std::function<void(benchmark::State&)> body_;
};

/// Every benchmark, in the order of registration; Google Benchmark owns them.
std::vector<Entry*>& registered() {
  static std::vector<Entry*> all;
  return all;
}

}  // namespace

void add(const std::string& name, std::function<void(benchmark::State&)> body) {
  auto entry = std::make_unique<Entry>(name, std::move(body));
  registered().push_back(entry.get());
  // Not RegisterBenchmark(), which clang-tidy takes for a leak.
  benchmark::internal::RegisterBenchmarkInternal(entry.release());
}

void count_flops(benchmark::State& state, double flops, Precision precision) {
  using benchmark::Counter;
  state.counters["GFLOP/s"] = Counter(flops / 1e9, Counter::kIsIterationInvariantRate);
  state.counters["% of peak"] =
      Counter(100 * flops / peak_flops(precision), Counter::kIsIterationInvariantRate);
}

void count_bytes(benchmark::State& state, double bytes) {
  using benchmark::Counter;
  state.counters["GB/s"] = Counter(bytes / 1e9, Counter::kIsIterationInvariantRate);
  state.counters["% of memory"] =
      Counter(100 * bytes / memory_bandwidth(), Counter::kIsIterationInvariantRate);
}

namespace {

struct Options {
  std::vector<std::string> names = {};
  int threads = muonlab::threads();
  double seconds = 0.2;
  bool once = false;
  bool list = false;
  std::string json = {};
  std::vector<std::string> chosen = {};  // benchmarks to run
};

constexpr const char* columns_help =
    "Columns:\n"
    "  GFLOP/s        operations a second; in steps, those of the model alone, so that what the\n"
    "                 optimizer takes lowers the figure\n"
    "  % of peak      of multiply-adds in registers, in the precision of the row\n"
    "  GB/s           an optimizer's reads and writes of parameters, gradients and state\n"
    "  % of memory    of the speed of memory; what stays in caches comes above 100\n"
    "  error          |o - p| / |p|: how far the result o is from the exact one, p\n"
    "  lowest         the smallest singular value of the result; 1 in the exact one\n"
    "  highest        the largest\n"
    "Figures with --once include what only a first run does, and say nothing about speed.\n";

/// Google Benchmark would end the program only after the peaks are measured.
void check_file_name(const std::filesystem::path& file) {
  const auto folder = file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
  check(std::filesystem::is_directory(folder), "--json: there is no folder ", folder.string());
  check(!std::filesystem::is_directory(file), "--json: ", file.string(), " is a folder");
}

/// Registers all benchmarks; returns the names of those that begin with one of `words`, all without
/// words. Throws when a word stands for none.
std::vector<std::string> choose(const std::vector<std::string>& words) {
  for (const auto add_group :
       {add_products, add_convolution, add_orthogonalize, add_optimizers, add_steps}) {
    add_group();
  }
  for (const std::string& word : words) {
    const bool found = std::ranges::any_of(
        registered(), [&word](const Entry* entry) { return entry->name().starts_with(word); });
    check(
        found, "no benchmark's name begins with '", word,
        "', expected products, convolution, orthogonalize, optimizers, steps or more of a name "
        "that --list prints",
        app::suggestion(word, {"products", "convolution", "orthogonalize", "optimizers", "steps"}));
  }
  std::vector<std::string> names;
  for (const Entry* entry : registered()) {
    const bool wanted = std::ranges::any_of(
        words, [entry](const auto& word) { return entry->name().starts_with(word); });
    if (wanted || words.empty()) names.push_back(entry->name());
  }
  return names;
}

/// The first call compiles kernels and asks the system for memory.
void warm_up(double seconds) {
  for (Entry* entry : registered()) entry->MinWarmUpTime(seconds);
}

Options parse(int argc, char** argv) {
  Options options;
  const int cores = options.threads;
  CLI::App app("Measures the parts of training on this machine. All take a minute or two.",
               "bench");
  app.footer(columns_help);
  app.add_option("NAME", options.names,
                 "Run those whose names begin so, such as steps/mnist; all when none is given");
  app.add_option("--threads", options.threads, "CPU threads")
      ->type_name("N")
      ->transform(app::whole(1, max_threads))
      ->capture_default_str();
  app.add_option("--seconds", options.seconds, "Measure each for at least so long")
      ->type_name("S")
      ->transform(app::real(0.001F, 3600))
      ->capture_default_str();
  app.add_option("--json", options.json, "Write all results into this file, too")
      ->type_name("FILE");
  app.add_flag("--once", options.once, "Run each once, without warming up, to see that it runs");
  app.add_flag("--list", options.list, "Print the names only");
  app::parse(app, app::Words(argv + 1, argv + argc));
  // The peaks are measured by threads that wait for one another, each on a core of its own.
  check(options.threads <= cores, "--threads: there are ", cores, " cores here, got ",
        options.threads);
  if (!options.json.empty()) check_file_name(options.json);
  set_threads(options.threads);
  options.chosen = choose(options.names);
  if (!options.once) warm_up(options.seconds / 10);
  return options;
}

void print_machine() {
  fmt::print(
      "{} thread{}, {}; at most {:.0f} GFLOP/s in float32, {:.0f} in bfloat16; memory {:.1f} "
      "GB/s\nMuon orthogonalizes in {}, unless a name says otherwise\n",
      threads(), threads() == 1 ? "" : "s", product_library(), peak_flops(Precision::float32) / 1e9,
      peak_flops(Precision::bfloat16) / 1e9, memory_bandwidth() / 1e9,
      name_of(fastest_precision()));
}

int run(const Options& options) {
  const std::vector<std::string>& names = options.chosen;
  if (options.list) {
    fmt::print("{}\n", fmt::join(names, "\n"));
    return 0;
  }
  std::vector<std::string> words = {
      "bench", fmt::format("--benchmark_min_time={}", options.once ? 0 : options.seconds)};
  if (!options.json.empty()) words.push_back("--benchmark_out=" + options.json);
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  int argc = static_cast<int>(argv.size());
  benchmark::Initialize(&argc, argv.data());

  print_machine();
  std::size_t width = 0;
  for (const std::string& name : names) width = std::max(width, name.size());
  Tables tables(width);
  // Google Benchmark appends to a name how it measures.
  benchmark::RunSpecifiedBenchmarks(&tables, fmt::format("^({})/", fmt::join(names, "|")));
  return 0;
}

}  // namespace
}  // namespace muonlab::bench

int main(int argc, char** argv) {
  using namespace muonlab;
  return app::run_app([argc, argv] { return bench::parse(argc, argv); }, bench::run);
}
