// The command lines of all apps: an app's name in the first line, a word in each that follows. They
// are read, nothing is run.
#include <algorithm>
#include <map>
#include <sstream>

#include "apps/comparison/parse_arguments.h"
#include "apps/experiments/cifar10.h"
#include "apps/experiments/mnist.h"
#include "apps/kit/terminal.h"
#include "apps/sweep/plan.h"
#include "apps/training/tuning.h"
#include "muonlab/core/error.h"
#include "muonlab/core/threads.h"
#include "tests/fuzz/fuzz.h"

// The apps' own main(), with parse_only/ in place of what runs them.
int memory_main(int argc, char** argv);
int orthogonalize_main(int argc, char** argv);
int report_main(int argc, char** argv);
int saddle_main(int argc, char** argv);

namespace muonlab::fuzz {
namespace {

using App = void (*)(int argc, char** argv);

void cifar_compare(int argc, char** argv) {
  app::Cifar10Options options;
  app::Defaults defaults = app::cifar10_defaults();
  defaults.add_options = [&options](CLI::App& app) { add_options(app, options); };
  parse_arguments(argc, argv, defaults);
}

void sweep(int argc, char** argv) {
  const app::Plan plan = app::parse_plan(argc, argv);
  plan.cells();
  plan.recipe();
}

const std::map<std::string, App> apps = {
    {"cifar_compare", cifar_compare},
    {"memory", [](int argc, char** argv) { memory_main(argc, argv); }},
    {"mnist_compare",
     [](int argc, char** argv) { parse_arguments(argc, argv, app::mnist_defaults()); }},
    {"orthogonalize", [](int argc, char** argv) { orthogonalize_main(argc, argv); }},
    {"report", [](int argc, char** argv) { report_main(argc, argv); }},
    {"saddle", [](int argc, char** argv) { saddle_main(argc, argv); }},
    {"sweep", sweep},
};

}  // namespace

void read(const std::string& input) {
  std::vector<std::string> words;
  std::istringstream lines(input);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("-h") || line.starts_with("--help")) return;  // which ends the program
    words.push_back(line.substr(0, line.find('\0')));
  }
  const auto app = apps.find(words.empty() ? "" : words.front());
  if (app == apps.end()) return;
  const bool is_text = std::ranges::all_of(words, app::is_printable);
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  try {
    app->second(static_cast<int>(words.size()), pointers.data());
  } catch (const Error&) {
    if (is_text) throw;  // otherwise the message repeats the user's own bytes
  }
  set_threads(1);
}

std::vector<std::string> seeds() {
  return {
      "mnist_compare\n--optimizers=muon,sgd\n--lr\nmuon=0.02\nsgd=1e-1\n--epochs=3\n--seeds\n2",
      "mnist_compare\n--batch-size\n64\n--seed\n7\n--checkpoint\nx\n--every=2epochs\n--quiet",
      "cifar_compare\n--width=16\n--augment=none\n--muon-precision\nbfloat16",
      "cifar_compare\n--device=cpu\n--threads=1\n--graph=off\n--out=x\n--telemetry=1\n--profile",
      "sweep\nmnist\n--optimizers\nmuon,adamw\n--rates\nmuon=0.003,0.01\nadamw=1\n--epochs=2",
      "sweep\ncifar10\n--batch-sizes=16,64\n--seeds=3\n--data=x\n--out=y\n--threads=1",
      "orthogonalize\n3,1,0;1,2,1\n--set=taylor,standard\n--steps=15\n--precision=bfloat16",
      "orthogonalize\n--example\n2x2\n--set=all\n--out=x",
      "memory\n--parameters\n1.5e9",
      "memory\n--model\ncnn\n--width=64\n--batch-size=8\n--out=x",
      "saddle\n--problem\ndeep\n--lr\nmuon=0.05\nsgd=0.5\n--seeds=3\n--start=1e-6\n--steps=9"};
}

}  // namespace muonlab::fuzz
