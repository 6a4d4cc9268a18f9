// Lets optimizers escape from saddle points, and prints how many steps each takes.

#include <filesystem>
#include <fmt/format.h>
#include <string>
#include <vector>

#include "apps/kit/main.h"
#include "apps/kit/names.h"
#include "apps/kit/numbers.h"
#include "apps/kit/options.h"
#include "apps/kit/table.h"
#include "apps/page/out.h"
#include "apps/saddle/page.h"
#include "apps/training/tuning.h"
#include "muonlab/optim/adam.h"
#include "muonlab/optim/muon.h"
#include "muonlab/optim/sgd.h"

namespace muonlab::app {
namespace {

constexpr int max_seeds = 1000;
constexpr Index max_limit = 1'000'000;

constexpr const char* about =
    "Shows how optimizers escape from saddle points, where the gradient is almost zero\n"
    "and yet the loss falls in some directions. SGD is as slow as the gradient is small:\n"
    "strong directions first, weak ones much later. Adam rescales every number by\n"
    "itself. Muon gives all directions of a matrix steps of one size.";

constexpr const char* note =
    "Steps until a direction has come half the way from the saddle to the minimum:\n"
    "the median of {} seeds, the least and the most; never: not within {}, or the\n"
    "loss ends no lower than it starts. Between columns they depend on the rates, too\n"
    "(--lr). With Muon weak directions come first: they have the shorter way, and it\n"
    "takes equal steps along all.\n";

const std::vector<Contender> contenders = {
    {.name = "sgd",
     .about = "plain gradient descent",
     .lr = 0.1F,
     .routes =
         [](const Tuning& tuning) {
           return std::vector{optim::use<optim::Sgd>(all_roles, {.lr = tuning.lr})};
         }},
    {.name = "momentum",
     .about = "gradient descent with momentum 0.9",
     .lr = 0.02F,
     .routes =
         [](const Tuning& tuning) {
           return std::vector{
               optim::use<optim::Sgd>(all_roles, {.lr = tuning.lr, .momentum = 0.9F})};
         }},
    {.name = "adam",
     .about = "Adam",
     .lr = 0.01F,
     .routes =
         [](const Tuning& tuning) {
           return std::vector{optim::use<optim::Adam>(all_roles, {.lr = tuning.lr})};
         }},
    {.name = "muon",
     .about = "Muon; in the plane it follows the gradient's direction",
     .lr = 0.02F,
     .routes =
         [](const Tuning& tuning) {
           return std::vector{optim::use<optim::Muon>(all_roles, tuning.muon())};
         },
     .orthogonalization = {.precision = Precision::float32}},
};

/// The command line: what to print.
struct Options {
  std::string problem = "all";
  int seeds = 11;
  float start = 1e-3F;
  Index limit = 10'000;
  std::vector<std::string> rates = {};
  std::vector<Contender> contenders = app::contenders;  // with the rates of --lr
  std::filesystem::path out = {};                       // folder for the page; empty: none
  Words words = {};                                     // of the command line
};

std::string rates_text(const std::vector<Contender>& all) {
  std::string text;
  for (const Contender& contender : all) {
    text += fmt::format("  {:8}  rate {:<5}  {}\n", contender.name, contender.lr, contender.about);
  }
  return text;
}

std::string footer() {
  return "Optimizers:\n" + rates_text(contenders) +
         "\nExamples:\n"
         "  saddle --out results/saddle    # leaves a page there\n"
         "  saddle --problem deep --lr muon=0.05 sgd=0.5\n"
         "  saddle --start 1e-6    # nearer to the saddle: SGD and momentum take longer\n"
         "  saddle --start 0       # on it, the gradient is zero, and nobody moves\n";
}

void check_problem(const Options& options) {
  Words problems;
  for (const Saddle& saddle : all_saddles()) problems.push_back(saddle.name);
  problems.emplace_back("all");
  check_name("--problem", options.problem, problems);
}

Options options_of(const Words& words) {
  Options options;
  CLI::App app(about, "saddle");
  app.footer(footer());
  app.get_formatter()->column_width(28);
  app.add_option("--problem", options.problem, "deep, plane or all")
      ->type_name("NAME")
      ->capture_default_str();
  app.add_option("--seeds", options.seeds, "Starts to try: seeds 0 to N - 1")
      ->type_name("N")
      ->transform(whole(1, max_seeds))
      ->capture_default_str();
  app.add_option("--start", options.start, "How far off the saddle, or its ridge, to start")
      ->type_name("SIZE")
      ->transform(real(0, 1))
      ->default_str("0.001");
  app.add_option("--steps", options.limit, "Steps after which to give up")
      ->type_name("N")
      ->transform(whole(1, max_limit))
      ->capture_default_str();
  app.add_option("--lr", options.rates, "Other rates, such as muon=0.05 sgd=0.5")
      ->type_name("NAME=VALUE");
  add_out(app, options.out);
  parse(app, words);
  check_problem(options);
  set_rates(options.contenders, options.rates);
  options.words = words;
  return options;
}

/// A row for each direction, a column for each optimizer.
std::string escapes_table(const Escapes& escapes) {
  std::vector<std::string> titles = {"direction"};
  std::vector<std::vector<std::string>> rows;
  for (const std::string& direction : escapes.saddle.directions) rows.push_back({direction});
  for (const Escapes::Of& one : escapes.all) {
    titles.push_back(one.contender.name);
    for (std::size_t k = 0; k < rows.size(); ++k) {
      rows[k].push_back(median_and_range(one.steps[k]));
    }
  }
  return table(titles, rows);
}

int show(const Options& options) {
  check_writable(options.out);
  std::vector<Escapes> all;
  for (const Saddle& saddle : all_saddles()) {
    if (options.problem != "all" && options.problem != saddle.name) continue;
    all.push_back(escapes(saddle, options.contenders, options.seeds, options.start, options.limit));
    fmt::print("{}: {}\n\n{}\n", saddle.name, saddle.about, escapes_table(all.back()));
  }
  fmt::print("{}\n{}", fmt::format(note, options.seeds, options.limit),
             rates_text(options.contenders));
  if (!options.out.empty()) {
    write_page(options.out,
               saddle_page(all, options.start, options.limit, making("saddle", options.words)));
  }
  return 0;
}

}  // namespace
}  // namespace muonlab::app

int main(int argc, char** argv) {
  using namespace muonlab::app;
  return run_app([&] { return options_of(Words(argv + 1, argv + argc)); }, show);
}
