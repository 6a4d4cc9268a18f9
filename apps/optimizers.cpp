// Prints the gallery of optimizers: a list of all of them, or a card of one by its name.

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <string>
#include <vector>

#include "apps/experiments/elementwise.h"
#include "apps/kit/main.h"
#include "apps/kit/names.h"
#include "apps/kit/options.h"
#include "muonlab/optim/rules.h"

namespace muonlab::app {
namespace {

// The matrix for which state and work are counted: a layer of a small transformer.
constexpr Index rows = 768;
constexpr Index columns = 3072;

constexpr const char* about =
    "Lists the optimizers that comparisons know, or says all about one of them. In their\n"
    "formulas g is the gradient, m the momentum, v a mean square, w the weights, u the\n"
    "update, N orthogonalization, ema a running mean.";

constexpr const char* note =
    "state: copies of the parameters that are kept; work: operations of a step against\n"
    "Muon's, both for a matrix ({}, {}); evidence: \"records\" where training is fastest in\n"
    "public, \"compared\" where others or figures speak for it, else \"unproven\".\n"
    "`optimizers NAME` says more of one, `mnist_compare --optimizers NAME,...` compares.\n";

/// What the list and a card say of one optimizer.
struct Entry {
  std::string name;
  std::string about;
  std::string formula;
  std::string takes;  // which parameters
  std::vector<std::string> keeps;
  double state;
  double work;
  std::string evidence;
  std::string source;
};

Entry entry_of(const optim::NamedRule& named) {
  const optim::Rule rule = optim::rule_named(named.name);
  std::vector<std::string> keeps;
  double numbers = 0;
  for (const optim::Kept& kept : rule.keeps(rows, columns)) {
    keeps.push_back(fmt::format("{} ({}, {})", kept.name, kept.shape[0], kept.shape[1]));
    numbers += static_cast<double>(kept.shape.count());
  }
  const double muon = optim::rule_named("muon").operations(rows, columns).performed;
  return {.name = std::string(named.name),
          .about = std::string(named.about),
          .formula = std::string(named.formula),
          .takes = "matrices, and filters as matrices; others go to another optimizer",
          .keeps = keeps,
          .state = numbers / static_cast<double>(rows * columns),
          .work = rule.operations(rows, columns).performed / muon,
          .evidence = std::string(name_of(named.evidence)),
          .source = std::string(named.source)};
}

Entry entry_of(const ElementwiseRule& rule) {
  return {.name = rule.name,
          .about = rule.about,
          .formula = rule.formula,
          .takes = "parameters of any shape",
          .keeps = {},
          .state = static_cast<double>(rule.state),
          .work = 0,
          .evidence = std::string(name_of(rule.evidence)),
          .source = rule.source};
}

template <class Rules>
std::vector<Entry> entries_of(const Rules& rules) {
  std::vector<Entry> all;
  for (const auto& rule : rules) all.push_back(entry_of(rule));
  return all;
}

void print_list(const std::string& title, const std::vector<Entry>& entries) {
  fmt::print("{:15}state  work  evidence  source\n", title);
  for (const Entry& entry : entries) {
    fmt::print("{:14} {:5.2f} {:5.2f}  {:8}  {}\n    {}\n", entry.name, entry.state, entry.work,
               entry.evidence, entry.source, entry.formula);
  }
  fmt::print("\n");
}

void print_card(const Entry& entry) {
  fmt::print("{}: {}\n\n", entry.name, entry.about);
  fmt::print("  formula   {}\n", entry.formula);
  fmt::print("  takes     {}\n", entry.takes);
  fmt::print("  state     {:.2f} copies of the parameters\n", entry.state);
  for (const std::string& kept : entry.keeps) fmt::print("            {}\n", kept);
  if (entry.work > 0) fmt::print("  work      {:.2f} of Muon's operations\n", entry.work);
  fmt::print("  evidence  {}\n  source    {}\n\n", entry.evidence, entry.source);
  fmt::print("  mnist_compare --optimizers muon,{0}    compares it with Muon\n", entry.name);
  if (!entry.keeps.empty()) {
    fmt::print(
        "  optim::rule_named(\"{}\")    is it in C++, for optim::MatrixRule or optim::use()\n",
        entry.name);
  }
}

/// Reads the command line. Returns whose card to print; empty: the list.
std::string parse_name(const Words& words) {
  std::string name;
  CLI::App app(about, "optimizers");
  app.add_option("name", name, "Of one optimizer")->type_name("NAME");
  app.footer(
      "Examples:\n  optimizers             # the list\n  optimizers normuon     # one card\n");
  parse(app, words);
  return name;
}

int show(const std::string& name) {
  const std::vector<Entry> matrices = entries_of(optim::named_rules());
  const std::vector<Entry> elementwise = entries_of(elementwise_rules());
  for (const auto* entries : {&matrices, &elementwise}) {
    for (const Entry& entry : *entries) {
      if (entry.name != name) continue;
      print_card(entry);
      return 0;
    }
  }
  print_list("for matrices", matrices);
  print_list("for all", elementwise);
  fmt::print(note, rows, columns);
  return 0;
}

/// Returns `name`. Throws unless it is empty or the name of a rule.
std::string checked(const std::string& name) {
  std::vector<std::string> names;
  for (const auto& rule : optim::named_rules()) names.emplace_back(rule.name);
  for (const auto& rule : elementwise_rules()) names.emplace_back(rule.name);
  if (!name.empty()) check_name("NAME", name, names);
  return name;
}

}  // namespace
}  // namespace muonlab::app

int main(int argc, char** argv) {
  using namespace muonlab::app;
  const auto prepare = [&] { return checked(parse_name(Words(argv + 1, argv + argc))); };
  return run_app(prepare, show);
}
