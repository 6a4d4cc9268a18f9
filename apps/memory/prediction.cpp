#include "apps/memory/prediction.h"

#include <charconv>
#include <utility>

#include "apps/experiments/contenders.h"
#include "apps/training/divergence.h"
#include "muonlab/optim/adam.h"
#include "muonlab/optim/muon.h"
#include "muonlab/optim/sgd.h"

namespace muonlab::app {

using nn::Role;

namespace {

/// Keeping::hidden of a rule that keeps `count` copies of each matrix.
std::function<Index(const Shape&)> copies(Index count) {
  return [count](const Shape& matrix) { return count * matrix.count(); };
}

/// A rule of Muon's family, as comparisons use it: for every matrix, with momentum for the biases.
Keeping keeping_of(const optim::NamedRule& named) {
  const optim::Rule rule = optim::rule_named(named.name);
  std::string about;
  for (const optim::Kept& kept : rule.keeps(1, 1)) {
    about += (about.empty() ? "the " : ", ") + kept.name;
  }
  const auto hidden = [rule](const Shape& matrix) {
    Index numbers = 0;
    for (const auto& kept : rule.keeps(matrix[0], matrix[1])) numbers += kept.shape.count();
    return numbers;
  };
  const auto routes = [named] { return matrix_contender(named.name, "", 0).routes({.lr = 0.01F}); };
  return {std::string(named.name), about, hidden, 1, routes};
}

}  // namespace

double Keeping::copies() const {
  const Shape large{4096, 4096};
  return 1 + static_cast<double>(hidden(large)) / static_cast<double>(large.count());
}

const std::vector<Keeping>& all_keepings() {
  static const std::vector<Keeping> all = [] {
    using optim::use;
    std::vector<Keeping> some = {
        {"sgd", "nothing", copies(0), 0, [] { return std::vector{use<optim::Sgd>(all_roles)}; }},
        {"momentum", "the momentum", copies(1), 1,
         [] { return std::vector{use<optim::Sgd>(all_roles, {.momentum = 0.9F})}; }}};
    for (const optim::NamedRule& rule : optim::named_rules()) some.push_back(keeping_of(rule));
    const std::vector<Role> ends = {Role::input, Role::head, Role::gain, Role::bias};
    some.push_back({"hybrid", "as muon and adamw, by role", copies(1), 2,
                    [ends] {
                      return std::vector{use<optim::Muon>({Role::hidden}), use<optim::AdamW>(ends)};
                    },
                    true});
    some.push_back({"adamw", "the means of g and g²", copies(2), 2,
                    [] { return std::vector{use<optim::AdamW>(all_roles)}; }});
    return some;
  }();
  return all;
}

const Keeping& keeping_named(const std::string& name) {
  for (const Keeping& keeping : all_keepings()) {
    if (keeping.name == name) return keeping;
  }
  throw Error("memory: there is no optimizer " + name);
}

const std::vector<Keeping>& shown_for_models() {
  static const std::vector<Keeping> some = {keeping_named("sgd"), keeping_named("momentum"),
                                            keeping_named("muon"), keeping_named("adamw")};
  return some;
}

double predicted_bytes(const Keeping& keeping, double parameters) {
  return sizeof(float) * keeping.copies() * parameters;
}

Index predicted_parameters(const nn::Parameters& parameters) {
  return count(parameters) * Index{sizeof(float)};
}

Index predicted_state(const Keeping& keeping, const nn::Parameters& parameters) {
  Index bytes = 0;
  for (const nn::Parameter& parameter : parameters) {
    const Index numbers = parameter.role == Role::hidden
                              ? keeping.hidden(optim::matrix_of(parameter))
                              : keeping.others * parameter.variable.shape().count();
    bytes += numbers * Index{sizeof(float)};
  }
  return bytes;
}

const std::vector<Published>& all_published() {
  static const std::vector<Published> all = {
      {"VGG-19", 144e6, 1.7e9},        {"Transformer", 213e6, 2.5e9}, {"BERT-Large", 340e6, 4e9},
      {"GPT-2", 1.5e9, 18e9},          {"GPT-3", 175e9, 2e12},        {"Llama 2 70B", 70e9, 840e9},
      {"Llama 3 405B", 405e9, 4.9e12},
  };
  return all;
}

double parse_count(const std::string& text) {
  constexpr double limit = 1e18;
  double count = 0;
  const char* end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, count);
  const std::string unit(stop, end);
  double factor = 0;
  for (const auto& [name, value] : {std::pair("", 1.0), std::pair("K", 1e3), std::pair("M", 1e6),
                                    std::pair("B", 1e9), std::pair("T", 1e12)}) {
    if (unit == name) factor = value;
  }
  const bool is_count = problem == std::errc() && factor * count >= 1 && factor * count <= limit;
  check(is_count, "--parameters: expected a number such as 7B, 340M, 12K or 1.5e9, got '", text,
        "'");
  return factor * count;
}

}  // namespace muonlab::app
