// Prints what optimizers keep in memory: predicted for the models of the tutorials and for any
// number of parameters, predicted and measured for the networks of the comparisons.

#include <filesystem>
#include <fmt/format.h>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apps/experiments/models.h"
#include "apps/kit/main.h"
#include "apps/kit/names.h"
#include "apps/kit/numbers.h"
#include "apps/kit/options.h"
#include "apps/memory/page.h"
#include "apps/memory/printing.h"
#include "apps/page/out.h"
#include "apps/training/divergence.h"

namespace muonlab::app {
namespace {

constexpr Index max_images = 4096;
constexpr Index max_width = 256;
constexpr Index max_activations = 65'536;  // width times images: a step holds 1 GB at its peak

constexpr const char* about =
    "Shows what optimizers keep in memory beside a model's parameters: Muon one copy,\n"
    "its momentum; AdamW two, the means of the gradients and of their squares. With the\n"
    "parameters that is 8 and 12 bytes for each of them in float32.";

constexpr const char* footer =
    "Examples:\n"
    "  memory                                # the tutorial's table\n"
    "  memory --out results/memory           # and leaves a page there\n"
    "  memory --parameters 7B                # 84 GB with AdamW, 56 GB with Muon\n"
    "  memory --model cnn --width 64         # predicted, and measured around a step";

constexpr const char* counted_note =
    "Parameters and optimizer state in float32. In training the gradients are one\n"
    "more copy, and activations come on top. A hybrid, Muon for hidden matrices and\n"
    "AdamW for the rest, lies between these two: --model shows one.\n";

constexpr const char* measured_note =
    "Measured: what arrays hold, in blocks of up to an eighth more than they need, so\n"
    "that a block serves again. The peak has all that lives during a step: images,\n"
    "activations, parameters, gradients, state, and what the optimizer works with; it\n"
    "differs a little from run to run, as threads meet.\n";

/// The command line as it is written.
struct Options {
  std::string parameters = {};
  std::string model = {};
  Index width = 32;
  Index batch_size = 64;
  std::filesystem::path out = {};
};

Subject subject_of(const Options& options) {
  check_name("--model", options.model, {"mlp", "cnn"});
  if (options.model == "mlp") {
    return {.name = "the network of mnist_compare",
            .make = [](Rng& rng) { return std::make_unique<Mlp>(rng); },
            .images = {options.batch_size, 1, 28, 28}};
  }
  check(options.width * options.batch_size <= max_activations, "--batch-size: got ",
        options.batch_size, " images for --width ", options.width, ", expected at most ",
        max_activations / options.width, ", with which a step holds 1 GB");
  return {.name = "the network of cifar_compare",
          .make = [width = options.width](Rng& rng) { return std::make_unique<Cnn>(width, rng); },
          .images = {options.batch_size, 3, 32, 32}};
}

/// What to print.
struct Task {
  double parameters = 0;           // predict for so many; 0: not given
  std::optional<Subject> subject;  // the model to measure, if any
  std::filesystem::path out;       // the folder for the page, empty when none is wanted
  Json making;
};

Task task_of(const Words& words) {
  Options options;
  CLI::App app(about, "memory");
  app.footer(footer);
  app.get_formatter()->column_width(28);
  const auto* parameters =
      app.add_option("--parameters", options.parameters, "How many: 7B, 340M, 12K, 1.5e9")
          ->type_name("N");
  const auto* model =
      app.add_option("--model", options.model, "Build and measure a model: mlp or cnn")
          ->type_name("NAME");
  const auto* width = app.add_option("--width", options.width, "Filters of the cnn's first layer")
                          ->type_name("N")
                          ->transform(whole(1, max_width))
                          ->capture_default_str();
  const auto* batch_size = app.add_option("--batch-size", options.batch_size, "Images for one step")
                               ->type_name("N")
                               ->transform(whole(1, max_images))
                               ->capture_default_str();
  add_out(app, options.out);
  parse(app, words);
  check(parameters->count() == 0 || model->count() == 0,
        "--parameters: not beside --model, which has its own");
  check(width->count() == 0 || options.model == "cnn", "--width: needs --model cnn");
  check(batch_size->count() == 0 || model->count() > 0, "--batch-size: needs --model mlp or cnn");
  Task task = {.subject = {}, .out = options.out, .making = making("memory", words)};
  if (parameters->count() > 0) task.parameters = parse_count(options.parameters);
  if (model->count() > 0) task.subject = subject_of(options);
  return task;
}

/// Prints what is measured, and returns the page of it.
std::string show_measured(const Subject& subject, const Json& making) {
  std::vector<Measured> measured;
  for (const Keeping& keeping : all_keepings()) measured.push_back(measure(subject, keeping));
  Rng rng(0);
  const auto model = subject.make(rng);
  const nn::Parameters parameters = model->parameters();
  fmt::print("{}: {} parameters, batches of {}\n\n{}\n{}", subject.name, count(parameters),
             subject.images[0], measured_table(parameters, measured), measured_note);
  return measured_page(subject, parameters, measured, making);
}

int show(const Task& task) {
  check_writable(task.out);
  std::string page;
  if (task.subject) {
    page = show_measured(*task.subject, task.making);
  } else if (task.parameters > 0) {
    fmt::print("{}\n{}", count_table(task.parameters), counted_note);
    page = count_page(task.parameters, task.making);
  } else {
    fmt::print("{}\n{}", published_table(), counted_note);
    page = published_page(task.making);
  }
  if (!task.out.empty()) write_page(task.out, page);
  return 0;
}

}  // namespace
}  // namespace muonlab::app

int main(int argc, char** argv) {
  using namespace muonlab::app;
  return run_app([&] { return task_of(Words(argv + 1, argv + argc)); }, show);
}
