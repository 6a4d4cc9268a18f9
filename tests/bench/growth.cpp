// How the cost of Muon grows with the width of a network and the size of its batches.
// ./muonlab bench growth builds and runs it.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <fmt/format.h>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apps/keeping/arguments.h"
#include "apps/kit/main.h"
#include "apps/kit/names.h"
#include "apps/kit/numbers.h"
#include "apps/kit/options.h"
#include "apps/kit/stopwatch.h"
#include "apps/training/contender.h"
#include "apps/training/cost.h"
#include "apps/training/divergence.h"
#include "apps/training/tuning.h"
#include "muonlab/core/profile.h"
#include "muonlab/core/threads.h"
#include "tests/bench/models.h"

namespace muonlab::bench {
namespace {

constexpr Index max_size = 8192;  // of a width or a batch: a matrix of 256 MB, several at a time
constexpr float max_seconds = 3600;

struct Options {
  std::vector<Index> widths = {128, 256, 512, 1024, 2048, 4096};
  std::vector<Index> batches = {64, 256, 1024, 4096};
  double seconds = 1;
  double longest = 20;
  int threads = muonlab::threads();
  std::string precision = "float32";
  std::string muon_precision{name_of(fastest_precision())};
};

Options parse(int argc, char** argv) {
  Options options;
  CLI::App app(
      "Times training steps of a 784-WIDTH-WIDTH-10 network with AdamW and with Muon, beside what "
      "the operations of Newton-Schulz predict, and counts memory.",
      "growth");
  app.add_option("--widths", options.widths, "Hidden units")
      ->delimiter(',')
      ->type_name("LIST")
      ->transform(app::whole(1, max_size));
  app.add_option("--batches", options.batches, "Rows of a batch")
      ->delimiter(',')
      ->type_name("LIST")
      ->transform(app::whole(1, max_size));
  app.add_option("--seconds", options.seconds, "Measure each optimizer at each size so long")
      ->type_name("S")
      ->transform(app::real(0, max_seconds))
      ->capture_default_str();
  app.add_option("--longest", options.longest, "Leave out sizes where two steps take longer")
      ->type_name("S")
      ->transform(app::real(0, max_seconds))
      ->capture_default_str();
  app.add_option("--threads", options.threads, "CPU threads")
      ->type_name("N")
      ->transform(app::whole(1, max_threads))
      ->capture_default_str();
  app.add_option("--precision", options.precision, "Of products: float32 or bfloat16")
      ->type_name("NAME")
      ->capture_default_str();
  app.add_option("--muon-precision", options.muon_precision,
                 "Of Muon's orthogonalization: float32 or bfloat16")
      ->type_name("NAME")
      ->capture_default_str();
  app::parse(app, app::Words(argv + 1, argv + argc));
  app::check_no_doubles("--widths", options.widths);
  app::check_no_doubles("--batches", options.batches);
  app::parse_precision("--precision", options.precision);
  app::parse_precision("--muon-precision", options.muon_precision);
  set_threads(options.threads);
  return options;
}

std::unique_ptr<nn::Layer> make_model(Index width, Rng& rng) {
  auto model = std::make_unique<nn::Sequential>();
  model->then<nn::Linear>(784, width, rng);
  model->then<nn::Relu>();
  model->then<nn::Linear>(width, width, rng);
  model->then<nn::Relu>();
  model->then<nn::Linear>(width, 10, rng).mark(nn::Role::head);
  return model;
}

/// One network with one optimizer.
struct Trainee {
  Trainee(const std::string& rule, Index width, Precision orthogonalize_in) {
    const Index before = memory::live_bytes(Device::cpu);
    Rng rng(0);
    model = make_model(width, rng);
    parameters = model->parameters();
    const std::vector<app::Contender> all = rules(orthogonalize_in);
    optimizer = std::ranges::find(all, rule, &app::Contender::name)->optimizer(parameters);
    bytes = memory::live_bytes(Device::cpu) - before;
  }

  void step(const Tensor& rows, const Integers& labels) const {
    optimizer->zero_grad();
    cross_entropy((*model)(Variable(rows)), labels).backward();
    optimizer->step();
  }

  app::Cost cost(Index batch) const {
    return app::cost_of(app::matrices_of(parameters, {}, batch), optimizer->assignments());
  }

  std::unique_ptr<nn::Layer> model;
  nn::Parameters parameters;
  std::unique_ptr<optim::Optimizer> optimizer;
  Index bytes;  // that parameters and state hold, as the allocator counts
};

struct Timing {
  double seconds;        // of a step, the median
  double orthogonalize;  // share of Newton-Schulz in all steps
};

/// Steps for options.seconds after a first one that fills caches; none when two like the first
/// would take too long. `rate`, operations a second, is what the steps before reached, 0 at first,
/// and is brought up to date. It misses by several times when sizes differ much, so by it alone
/// only sizes far beyond the limit are left out.
std::optional<Timing> measure(const Trainee& trainee, Index batch, const Options& options,
                              double& rate) {
  const app::Cost cost = trainee.cost(batch);
  const double flops = cost.layers + cost.performed;
  if (rate > 0 && 2 * flops / rate > 10 * options.longest) return {};
  Rng rng(0);
  const Tensor rows = test::random_uniform({batch, 784}, 0, 1, rng);
  const Integers labels = some_labels(batch);
  const app::Stopwatch first;
  trainee.step(rows, labels);
  const double first_seconds = first.seconds();
  if (2 * first_seconds > options.longest) {
    rate = flops / first_seconds;
    return {};
  }

  profile::Recorder recorder;
  std::vector<double> seconds;
  const app::Stopwatch watch;
  {
    const profile::Recording recording(recorder);
    do {
      const app::Stopwatch step;
      trainee.step(rows, labels);
      seconds.push_back(step.seconds());
    } while (watch.seconds() < options.seconds);
  }
  const double total = watch.seconds();
  rate = flops * static_cast<double>(seconds.size()) / total;
  double orthogonalize = 0;
  for (const profile::Entry& entry : recorder.entries()) {
    if (entry.name == "orthogonalize") orthogonalize += entry.seconds;
  }
  std::ranges::nth_element(seconds, seconds.begin() + std::ssize(seconds) / 2);
  return Timing{seconds[seconds.size() / 2], orthogonalize / total};
}

std::string ms(const std::optional<Timing>& timing) {
  return timing ? fmt::format("{:.2f}", 1e3 * timing->seconds) : ">";
}

std::string percent(double share) { return fmt::format("{:.1f}", 100 * share); }

void print_times(const Options& options) {
  fmt::print(
      "784-WIDTH-WIDTH-10, {} thread{}, {}, products in {}, Newton-Schulz in {}.\n"
      "Its share of Muon's step: measured; predicted by operations, T (4 n² M + 2 n³) beside\n"
      "6 n M B; and by those performed, without what its form leaves out.\n\n",
      options.threads, options.threads == 1 ? "" : "s", product_library(), options.precision,
      options.muon_precision);
  fmt::print(
      "width  batch  AdamW (ms)  Muon (ms)  Muon/AdamW  measured (%)  predicted (%)  "
      "performed (%)\n"
      "-----  -----  ----------  ---------  ----------  ------------  -------------  "
      "-------------\n");
  std::fflush(stdout);  // the first line of figures may take a while
  const Precision orthogonalization =
      app::parse_precision("--muon-precision", options.muon_precision);
  double adamw_rate = 0;
  double muon_rate = 0;
  for (const Index width : options.widths) {
    const Trainee adamw("adamw", width, orthogonalization);
    const Trainee muon("muon", width, orthogonalization);
    for (const Index batch : options.batches) {
      const auto plain = measure(adamw, batch, options, adamw_rate);
      const auto with_muon = measure(muon, batch, options, muon_rate);
      fmt::print(
          "{:>5}  {:>5}  {:>10}  {:>9}  {:>10}  {:>12}  {:>13}  {:>13}\n", width, batch, ms(plain),
          ms(with_muon),
          plain && with_muon ? fmt::format("{:.2f}", with_muon->seconds / plain->seconds) : "-",
          with_muon ? percent(with_muon->orthogonalize) : "-", percent(muon.cost(batch).share()),
          percent(muon.cost(batch).performed_share()));
      std::fflush(stdout);
    }
  }
}

/// Bytes in units of the parameters' own.
std::string copies(Index bytes, Index parameter_bytes) {
  return fmt::format("{:.3f}", static_cast<double>(bytes) / static_cast<double>(parameter_bytes));
}

void print_memory(const Options& options) {
  fmt::print(
      "\nMemory between steps in copies of the parameters: themselves and the state, without\n"
      "gradients, one more copy for both. AdamW's count is 3, Muon's 2; held is what the "
      "allocator\n"
      "gave, rounded up to its blocks.\n\n");
  fmt::print(
      "width  parameters (MiB)  AdamW counted  AdamW held  Muon counted  Muon held\n"
      "-----  ----------------  -------------  ----------  ------------  ---------\n");
  for (const Index width : options.widths) {
    std::vector<std::string> cells;
    Index own = 0;
    for (const std::string rule : {"adamw", "muon"}) {
      const Trainee trainee(rule, width,
                            app::parse_precision("--muon-precision", options.muon_precision));
      own = app::count(trainee.parameters) * Index{sizeof(float)};
      cells.push_back(copies(own + trainee.optimizer->state_bytes(), own));
      cells.push_back(copies(trainee.bytes, own));
    }
    fmt::print("{:>5}  {:>16.2f}  {:>13}  {:>10}  {:>12}  {:>9}\n", width,
               static_cast<double>(own) / (1 << 20), cells[0], cells[1], cells[2], cells[3]);
  }
}

int run(const Options& options) {
  const ProductPrecision scope(app::parse_precision("--precision", options.precision));
  print_times(options);
  print_memory(options);
  return 0;
}

}  // namespace
}  // namespace muonlab::bench

int main(int argc, char** argv) {
  using namespace muonlab;
  return app::run_app([argc, argv] { return bench::parse(argc, argv); }, bench::run);
}
