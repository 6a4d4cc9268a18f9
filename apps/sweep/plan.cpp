#include "apps/sweep/plan.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sstream>

#include "apps/experiments/cifar10.h"
#include "apps/experiments/mnist.h"
#include "apps/kit/names.h"
#include "apps/kit/numbers.h"
#include "apps/kit/options.h"
#include "apps/kit/terminal.h"
#include "apps/training/tuning.h"
#include "muonlab/core/threads.h"

namespace muonlab::app {
namespace {

constexpr int max_seeds = 100;

constexpr const char* about =
    "Trains the network of a comparison at many learning rates and batch sizes, and\n"
    "shows which rate each optimizer needs, how much of it a wrong one costs, and what\n"
    "small batches do. The rate is chosen by the loss of every tenth training image,\n"
    "which are held out; the test images have no part in it.";

constexpr const char* examples =
    "Without --rates: a tenth, three tenths, once, three times and ten times the rate of\n"
    "the comparison, which are\n"
    "{}{}"
    "\nExamples:\n"
    "  sweep mnist --out results/sweep      # Ctrl-C stops; the same command goes on\n"
    "  sweep mnist --out results/sweep --rates sgd=0.3,1    # adds two rates to it\n"
    "  sweep mnist --optimizers muon,adamw --batch-sizes 16,64,256 --seeds 3\n"
    "  sweep cifar10 --batch-sizes 128 --epochs 2 --out results/cifar_sweep\n";

/// The command line as it is written.
struct Line {
  std::string protocol = {};
  std::vector<std::string> optimizers = {"muon", "adamw", "sgd"};
  std::vector<Index> batch_sizes = {32, 128, 512};
  std::vector<std::string> rates = {};
  int epochs = 1;
  int seeds = 1;
  int threads = muonlab::threads();
  std::string precision = "float32";
  std::string muon_precision = {};
  std::string device = "cpu";
  std::filesystem::path data = {};
  std::filesystem::path out = {};
  bool quiet = false;
};

std::string rates_text(const std::string& protocol) {
  std::string text = "  " + protocol + ":\n";
  for (const Contender& contender : comparison_of(protocol).contenders) {
    text += fmt::format("    {:13} {:<7} {}\n", contender.name, contender.lr, contender.about);
  }
  return text;
}

void add_grid(CLI::App& app, Line& line) {
  app.add_option("protocol", line.protocol, "What to train on: mnist or cifar10")
      ->type_name("PROTOCOL");
  app.add_option("--optimizers", line.optimizers, "Which, separated by commas")
      ->delimiter(',')
      ->type_name("LIST")
      ->default_str(fmt::format("{}", fmt::join(line.optimizers, ",")));
  app.add_option("--batch-sizes", line.batch_sizes, "Images for one step, one after the other")
      ->delimiter(',')
      ->transform(whole(1, max_batch))
      ->type_name("LIST")
      ->default_str(fmt::format("{}", fmt::join(line.batch_sizes, ",")));
  app.add_option("--rates", line.rates, "Learning rates, such as muon=0.003,0.01 sgd=0.1,0.3")
      ->type_name("NAME=LIST");
  app.add_option("--epochs", line.epochs, "Passes over the images that are not held out")
      ->type_name("N")
      ->transform(whole(1, max_epochs))
      ->capture_default_str();
  app.add_option("--seeds", line.seeds, "Repeat with seeds 0 to N - 1; what is shown is the mean")
      ->type_name("N")
      ->transform(whole(1, max_seeds))
      ->capture_default_str();
}

void add_running(CLI::App& app, Line& line) {
  app.add_option("--precision", line.precision, "Of products in training: float32 or bfloat16")
      ->type_name("TYPE")
      ->capture_default_str();
  app.add_option("--muon-precision", line.muon_precision,
                 "The same for Muon's orthogonalization; unless told, what is fastest")
      ->type_name("TYPE");
  app.add_option("--device", line.device, "Where to train: cpu, or cuda for an NVIDIA GPU")
      ->type_name("DEVICE")
      ->capture_default_str();
  app.add_option("--data", line.data, "Folder with the data set")->type_name("DIR");
  app.add_option("--threads", line.threads, "CPU threads; only times depend on it")
      ->type_name("N")
      ->transform(whole(1, max_threads))
      ->capture_default_str();
  app.add_option(
         "--out", line.out,
         "Keep results in this folder (sweep.json, and report.html, a page), and train only "
         "what is not there yet")
      ->type_name("DIR");
  app.add_flag("--quiet", line.quiet, "Print only the tables");
}

void check_values(const Line& line) {
  check(!line.protocol.empty(),
        "mnist or cifar10 is needed, before the options, such as: sweep mnist (--help says more)");
  check_name("PROTOCOL", line.protocol, {"mnist", "cifar10"});
  check_no_doubles("--batch-sizes", line.batch_sizes);
}

std::vector<Contender> choose(std::vector<Contender> all, const Line& line, Device device) {
  std::vector<Contender> chosen;
  for (const std::string& name : line.optimizers) {
    chosen.push_back(find_contender(all, "--optimizers", name));
    chosen.back().orthogonalization.precision =
        line.muon_precision.empty() ? fastest_precision(device)
                                    : parse_precision("--muon-precision", line.muon_precision);
  }
  check_no_doubles("--optimizers", line.optimizers);
  return chosen;
}

/// Takes "muon=0.003,0.01" for the contender that it names.
void set_rates(Plan& plan, const std::string& text) {
  std::vector<Contender>& contenders = plan.arguments.contenders;
  const std::size_t equals = text.find('=');
  check(equals != std::string::npos, "--rates: got ", excerpt(text),
        ", expected NAME=RATE,RATE...");
  const Contender& contender = find_contender(contenders, "--rates", text.substr(0, equals));
  std::vector<float> rates;
  std::istringstream list(text.substr(equals + 1));
  for (std::string word; std::getline(list, word, ',');) {
    rates.push_back(parse_rate("--rates", contender.name, word));
    check(std::ranges::count(rates, rates.back()) == 1, "--rates: ", contender.name, " has ", word,
          " more than once");
  }
  check(!rates.empty(), "--rates: ", contender.name, " has none, expected NAME=RATE,RATE...");
  plan.rates[static_cast<std::size_t>(&contender - contenders.data())] = rates;
}

/// Throws when there is more to train than a sweep can have.
void check_size(const Plan& plan) {
  std::size_t rates = 0;
  for (const std::vector<float>& list : plan.rates) rates += list.size();
  const std::size_t trainings = rates * plan.batch_sizes.size() * plan.arguments.seeds.size();
  check(trainings <= max_cells, "a sweep has at most ", max_cells, " trainings, these would be ",
        trainings, "; fewer rates, batch sizes or seeds are needed");
}

void parse_line(CLI::App& app, Line& line, const Words& words) {
  app.footer(fmt::format(examples, rates_text("mnist"), rates_text("cifar10")));
  app.get_formatter()->column_width(28);
  add_grid(app, line);
  add_running(app, line);
  parse(app, words);
  check_values(line);
}

}  // namespace

std::vector<Cell> Plan::cells() const {
  std::vector<Cell> all;
  for (const std::uint64_t seed : arguments.seeds) {
    for (const Index batch_size : batch_sizes) {
      for (std::size_t i = 0; i < rates.size(); ++i) {
        for (const float lr : rates[i]) {
          all.push_back({arguments.contenders[i].name, batch_size, lr, seed});
        }
      }
    }
  }
  return all;
}

std::vector<std::string> Plan::recipe() const {
  Words names;
  Words lists = {"--rates"};
  for (std::size_t i = 0; i < rates.size(); ++i) {
    const Contender& contender = arguments.contenders[i];
    names.push_back(contender.name);
    lists.push_back(fmt::format("{}={}", contender.name, fmt::join(rates[i], ",")));
  }
  const Precision orthogonalization = arguments.contenders.front().precision_on(arguments.device);
  Words all = {protocol,
               fmt::format("--optimizers={}", fmt::join(names, ",")),
               fmt::format("--batch-sizes={}", fmt::join(batch_sizes, ",")),
               fmt::format("--epochs={}", arguments.epochs),
               fmt::format("--seeds={}", arguments.seeds.size()),
               fmt::format("--precision={}", name_of(arguments.precision)),
               fmt::format("--muon-precision={}", name_of(orthogonalization)),
               fmt::format("--device={}", arguments.device == Device::cuda ? "cuda" : "cpu")};
  all.insert(all.end(), lists.begin(), lists.end());
  return all;
}

Plan parse_plan(int argc, char** argv) {
  Line line;
  Plan plan = {.words = Words(argv + 1, argv + argc)};
  CLI::App app(about, "sweep");
  parse_line(app, line, plan.words);
  plan.protocol = line.protocol;
  plan.batch_sizes = line.batch_sizes;
  Arguments& arguments = plan.arguments;
  arguments.data = line.data;
  arguments.epochs = line.epochs;
  arguments.batch_size = line.batch_sizes.front();
  arguments.device = parse_device(line.device);
  arguments.precision = parse_precision("--precision", line.precision);
  arguments.out = line.out;
  arguments.quiet = line.quiet;
  arguments.program = argv[0];
  arguments.contenders = choose(comparison_of(plan.protocol).contenders, line, arguments.device);
  for (int i = 0; i < line.seeds; ++i) arguments.seeds.push_back(i);
  for (const Contender& contender : arguments.contenders) {
    plan.rates.push_back(rates_around(contender.lr));
  }
  for (const std::string& text : line.rates) {
    set_rates(plan, text);
    const std::string name = text.substr(0, text.find('=') + 1);
    const auto is_same = [&name](const std::string& other) { return other.starts_with(name); };
    check(std::ranges::count_if(line.rates, is_same) == 1, "--rates: ", name,
          "LIST stands more than once");
  }
  check_size(plan);
  set_threads(line.threads);
  return plan;
}

const Defaults& comparison_of(const std::string& protocol) {
  return protocol == "mnist" ? mnist_defaults() : cifar10_defaults();
}

Experiment experiment_of(const Plan& plan) {
  return plan.protocol == "mnist" ? mnist_experiment(plan.arguments.setting())
                                  : cifar10_experiment(plan.arguments.setting(), {});
}

std::vector<float> rates_around(float lr) {
  std::vector<float> rates;
  for (const double factor : {0.1, 0.3, 1.0, 3.0, 10.0}) {
    // Rounded, so that three tenths of 0.01F are what 0.003 is when it is typed.
    const std::string text = fmt::format("{:.3g}", factor * static_cast<double>(lr));
    rates.push_back(std::strtof(text.c_str(), nullptr));
  }
  return rates;
}

}  // namespace muonlab::app
