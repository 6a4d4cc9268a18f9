#include "apps/memory/prediction.h"

#include <charconv>
#include <utility>

#include "apps/experiments/contenders.h"
#include "optim/adam.h"

namespace muonlab::app {

using nn::Role;

const std::vector<Keeping>& all_keepings() {
  static const std::vector<Keeping> all = {
      {.name = "sgd",
       .about = "nothing",
       .hidden = 0,
       .others = 0,
       .make =
           [](const nn::Parameters& parameters) {
             return std::make_unique<optim::Sgd>(parameters);
           }},
      {.name = "momentum",
       .about = "the momentum",
       .hidden = 1,
       .others = 1,
       .make =
           [](const nn::Parameters& parameters) {
             return std::make_unique<optim::Sgd>(parameters, optim::SgdOptions{.momentum = 0.9F});
           }},
      {.name = "muon",
       .about = "the momentum",
       .hidden = 1,
       .others = 1,
       .make =
           [](const nn::Parameters& parameters) {
             return make_muon(parameters, {.lr = 0.01F, .orthogonalization = Precision::float32});
           }},
      {.name = "hybrid",
       .about = "hidden as muon, others as adamw",
       .hidden = 1,
       .others = 2,
       .make =
           [](const nn::Parameters& parameters) {
             return std::make_unique<optim::Hybrid>(
                 parameters, std::vector{optim::use<optim::Muon>({Role::hidden}),
                                         optim::use<optim::AdamW>(
                                             {Role::input, Role::head, Role::gain, Role::bias})});
           }},
      {.name = "adamw",
       .about = "the means of g and g²",
       .hidden = 2,
       .others = 2,
       .make =
           [](const nn::Parameters& parameters) {
             return std::make_unique<optim::AdamW>(parameters);
           }},
  };
  return all;
}

const Keeping& keeping_named(const std::string& name) {
  for (const Keeping& keeping : all_keepings()) {
    if (keeping.name == name) return keeping;
  }
  throw Error("memory: there is no optimizer " + name);
}

double predicted_bytes(const Keeping& keeping, double parameters) {
  return sizeof(float) * static_cast<double>(keeping.copies()) * parameters;
}

Index predicted_parameters(const nn::Parameters& parameters) {
  return count(parameters) * Index{sizeof(float)};
}

Index predicted_state(const Keeping& keeping, const nn::Parameters& parameters) {
  Index bytes = 0;
  for (const nn::Parameter& parameter : parameters) {
    const Index copies = parameter.role == Role::hidden ? keeping.hidden : keeping.others;
    bytes += copies * parameter.variable.shape().count() * Index{sizeof(float)};
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
