// Orthogonalizes a matrix by Newton-Schulz steps, as Muon does with every update, and prints the
// matrix after each step beside the exact answer.

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <string>
#include <vector>

#include "apps/kit/main.h"
#include "apps/kit/names.h"
#include "apps/kit/numbers.h"
#include "apps/kit/options.h"
#include "apps/orthogonalize/matrix.h"
#include "apps/orthogonalize/page.h"
#include "apps/orthogonalize/printing.h"
#include "apps/page/out.h"
#include "apps/training/tuning.h"

namespace muonlab::app {
namespace {

constexpr int max_steps = 100;

/// The most elements of all stages together, those of 64 of the largest matrix. More would take
/// hours, because every stage computes singular values, and repeats the steps before it.
constexpr Index max_work = 64 * max_elements;

constexpr const char* about =
    "Shows how Newton-Schulz steps orthogonalize a matrix M = U S Vᵀ: they leave U and V,\n"
    "and take every singular value in S towards 1, so that all directions of an update\n"
    "count alike. That is what Muon does to its momentum. The exact answer is U Vᵀ.";

constexpr const char* two_by_two_note =
    "\n"
    "M is symmetric and positive definite, so U Vᵀ is the identity, and steps that\n"
    "converge end there: --set taylor --steps 15. The standard ones, made to be fast,\n"
    "only come near: their singular values end between 0.68 and 1.2.\n"
    "The matrix that the tutorial prints, (0.998 -0.050; 0.050 0.998), is another\n"
    "orthogonal one: but for the last digit, Gram-Schmidt's on the columns of M, the\n"
    "Q of M = Q R.\n";

constexpr const char* spectrum_note =
    "\n"
    "The singular values of M are the tutorial's, 10^(-4.5 k / 99) for k = 0 to 99,\n"
    "its singular vectors random. The scale of M does not matter: the steps begin\n"
    "with M / |M|. Each standard one multiplies what is small by 3.4, until it is\n"
    "near 1.\n";

std::string footer() {
  std::string text = "Sets of coefficients, where steps beyond a set's own repeat its last:\n ";
  for (const optim::Coefficients set : optim::all_coefficients()) {
    text += fmt::format(" {} ({})", name_of(set), optim::steps_of(set).size());
  }
  return text +
         "\n\nExamples (the first two are figures of the tutorials):\n"
         "  orthogonalize --example 2x2 --out results/2x2    # leaves a page there\n"
         "  orthogonalize --example spectrum --set standard,polar_express\n"
         "  orthogonalize '3,1,0;1,2,1' --set taylor --steps 15\n"
         "  orthogonalize gradient.npy --set all --precision bfloat16\n";
}

/// The command line as it is written.
struct Options {
  std::string matrix = {};
  std::string example = "2x2";
  std::vector<std::string> sets = {"standard"};
  int steps = 5;
  std::string precision = "float32";
  std::filesystem::path out = {};
};

/// What to study.
struct Task {
  Tensor m;
  std::vector<optim::Coefficients> sets;
  int steps;
  Precision precision;
  std::string example;        // its name, empty when M is the user's
  std::filesystem::path out;  // the folder for the page, empty when none is wanted
  Words words;                // of the command line
};

std::vector<optim::Coefficients> sets_of(const std::vector<std::string>& names) {
  const auto all = optim::all_coefficients();
  if (names == std::vector<std::string>{"all"}) return {all.begin(), all.end()};
  Words known;
  for (const optim::Coefficients set : all) known.emplace_back(name_of(set));
  known.emplace_back("all");
  for (const std::string& name : names) {
    check_name("--set", name, known);
    check(name != "all", "--set: all is all of them, and stands alone");
  }
  check_no_doubles("--set", names);
  std::vector<optim::Coefficients> sets;
  for (const std::string& name : names) {
    sets.push_back(*std::ranges::find(all, name, [](auto set) { return name_of(set); }));
  }
  return sets;
}

void check_work(const Task& task) {
  const auto sets = static_cast<Index>(task.sets.size());
  const Index most = max_work / task.m.count();
  check(sets * task.steps <= most, "--steps: ", task.steps, " steps of ", sets,
        " sets are too many for a matrix ", task.m.shape(), ", expected sets x steps at most ",
        most, "; take a part of the matrix, fewer sets or steps");
}

Tensor example_of(const std::string& name) {
  check_name("--example", name, {"2x2", "spectrum"});
  if (name == "spectrum") return spectrum_example();
  return parse_matrix("2x2", "10,0.5;0.5,0.1", ';');
}

Task task_of(const Words& words) {
  Options options;
  CLI::App app(about, "orthogonalize");
  app.footer(footer());
  app.get_formatter()->column_width(28);
  auto* matrix = app.add_option("MATRIX", options.matrix,
                                "Rows such as '10,0.5;0.5,0.1', or a NAME.csv or .npy")
                     ->type_name("ROWS|FILE");
  auto* example =
      app.add_option("--example", options.example, "Without a MATRIX: 2x2 or spectrum (100 x 100)")
          ->type_name("NAME")
          ->capture_default_str();
  app.add_option("--set", options.sets, "Coefficients, one set or several to compare, or all")
      ->delimiter(',')
      ->type_name("LIST")
      ->default_str("standard");
  app.add_option("--steps", options.steps, "Newton-Schulz steps")
      ->type_name("N")
      ->transform(whole(1, max_steps))
      ->capture_default_str();
  app.add_option("--precision", options.precision,
                 "Of the products: float32 or bfloat16, but float32 all the same where a side is "
                 "below 64, and with sets that have no room for rounding")
      ->type_name("TYPE")
      ->capture_default_str();
  add_out(app, options.out);
  parse(app, words);
  const bool is_example = matrix->count() == 0;
  check(is_example || example->count() == 0, "--example: not beside a MATRIX");
  Task task = {.m = is_example ? example_of(options.example) : read_matrix(options.matrix),
               .sets = sets_of(options.sets),
               .steps = options.steps,
               .precision = parse_precision("--precision", options.precision),
               .example = is_example ? options.example : "",
               .out = options.out,
               .words = words};
  check_work(task);
  return task;
}

int show(const Task& task) {
  check_writable(task.out);
  const Study result = study(task.m, task.sets, task.steps, task.precision);
  const bool is_one = result.paths.size() == 1;
  const bool is_two_by_two = task.example == "2x2";
  fmt::print("{}\n{}", heading(result),
             is_one ? stages(result, is_two_by_two) : comparison(result));
  const std::string bins = histogram(result);
  if (!bins.empty()) fmt::print("\n{}", bins);
  fmt::print("\nσ: singular values of X; error: |X - U Vᵀ| / |U Vᵀ|.\n");
  if (is_two_by_two && is_one) fmt::print("{}", two_by_two_note);
  if (task.example == "spectrum") fmt::print("{}", spectrum_note);
  if (!task.out.empty()) {
    write_page(task.out, study_page(result, task.example, making("orthogonalize", task.words)));
  }
  return 0;
}

}  // namespace
}  // namespace muonlab::app

int main(int argc, char** argv) {
  using namespace muonlab::app;
  return run_app([&] { return task_of(Words(argv + 1, argv + argc)); }, show);
}
