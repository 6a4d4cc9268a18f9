#include "apps/training/tuning.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <fmt/format.h>
#include <span>
#include <sstream>

#include "apps/kit/names.h"
#include "apps/kit/numbers.h"
#include "apps/kit/terminal.h"

namespace muonlab::app {
namespace {

std::vector<std::string> names(const std::vector<Contender>& contenders) {
  std::vector<std::string> result;
  for (const Contender& contender : contenders) result.push_back(contender.name);
  return result;
}

/// The one of `all` that name_of() calls `name`. Throws, in the name of `option`, when none is.
template <class Range>
auto named(const std::string& option, const Range& all, const std::string& name) {
  std::vector<std::string> names;
  for (const auto& one : all) names.emplace_back(name_of(one));
  check_name(option, name, names);
  return std::ranges::find(all, name, [](const auto& one) { return name_of(one); });
}

}  // namespace

Contender& find_contender(std::vector<Contender>& contenders, std::string_view option,
                          std::string_view name) {
  const auto found = std::ranges::find(contenders, name, &Contender::name);
  if (found != contenders.end()) return *found;
  std::vector<std::string> some;
  for (const Contender& contender : contenders) {
    if (contender.by_default) some.push_back(contender.name);
  }
  if (some.size() < contenders.size()) some.emplace_back("another that --help lists");
  const std::string word(name);
  throw Error(fmt::format("{}: got {}, expected {}{}", option, excerpt(word), any_of(some),
                          suggestion(word, names(contenders))));
}

std::vector<std::string> set_rates(std::vector<Contender>& contenders,
                                   const std::vector<std::string>& rates) {
  std::vector<std::string> set;
  for (const std::string& text : rates) {
    const std::size_t equals = text.find('=');
    check(equals != std::string::npos, "--lr: got ", excerpt(text), ", expected NAME=VALUE");
    Contender& contender = find_contender(contenders, "--lr", text.substr(0, equals));
    contender.lr = parse_rate("--lr", contender.name, text.substr(equals + 1));
    set.push_back(contender.name);
  }
  check_no_doubles("--lr", set);
  return set;
}

float parse_rate(const std::string& option, const std::string& name, const std::string& text) {
  float rate = 0;
  const char* end = text.data() + text.size();
  const auto [stop, status] = std::from_chars(text.data(), end, rate);
  check(status == std::errc() && stop == end && std::isfinite(rate) && rate > 0, option,
        ": the rate of ", name, " must be a positive number, got ", excerpt(text));
  return rate;
}

Device parse_device(const std::string& text) {
  check_name("--device", text, {"cpu", "cuda"});
  if (text == "cpu") return Device::cpu;
  const std::string problem = problem_with(Device::cuda);
  check(problem.empty(), "--device cuda: ", problem, "; use --device cpu");
  return Device::cuda;
}

Precision parse_precision(const std::string& option, const std::string& text) {
  check_name(option, text, {"float32", "bfloat16"});
  return text == "float32" ? Precision::float32 : Precision::bfloat16;
}

optim::OrthogonalizeOptions parse_newton_schulz(const std::string& text) {
  using optim::Form;
  const std::string option = "--newton-schulz";
  optim::OrthogonalizeOptions options;
  std::vector<std::string> given;
  std::istringstream list(text);
  for (std::string word; std::getline(list, word, ',');) {
    const std::string name = word.substr(0, word.find('='));
    const std::string value = word.substr(std::min(name.size() + 1, word.size()));
    check_name(option, name, {"steps", "set", "form"});
    check(std::ranges::count(given, name) == 0, option, ": ", name, " is given more than once");
    given.push_back(name);
    if (name == "steps") {
      std::string digits = value;
      const std::string problem = whole(1, 100)(digits);
      check(problem.empty(), option, ": steps: ", problem);
      options.steps = std::stoi(digits);
    } else if (name == "set") {
      options.coefficients = *named(option + ": set", optim::all_coefficients(), value);
    } else {
      constexpr std::array forms = {Form::automatic, Form::plain, Form::symmetric, Form::gram};
      options.form = *named(option + ": form", std::span(forms), value);
    }
  }
  return options;
}

}  // namespace muonlab::app
