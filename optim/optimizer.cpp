#include "muonlab/optim/optimizer.h"

#include <cmath>
#include <map>
#include <utility>

#include "muonlab/core/math.h"
#include "muonlab/core/precision.h"
#include "muonlab/core/profile.h"

namespace muonlab::optim {

void check_decay_rate(std::string_view rule, const char* option, float value) {
  check(0 <= value && value < 1, rule, ": ", option, " must be within [0, 1), got ", value);
}

void check_not_negative(std::string_view rule, const char* option, float value) {
  check(std::isfinite(value) && value >= 0, rule, ": ", option,
        " must be finite and not negative, got ", value);
}

void check_fits(const std::string& name, const State& given, const State& own) {
  check(given.tensors.size() == own.tensors.size(), name,
        ": the state is of another model or rule, got ", given.tensors.size(),
        " tensors, expected ", own.tensors.size());
  check(given.updates.size() == own.updates.size(), name, ": the state is of another model, got ",
        given.updates.size(), " parameters, expected ", own.updates.size());
  for (std::size_t i = 0; i < given.tensors.size(); ++i) {
    const State::Named& got = given.tensors[i];
    const State::Named& expected = own.tensors[i];
    check(got.name == expected.name && got.tensor.shape() == expected.tensor.shape(), name,
          ": the state has ", got.name, ' ', got.tensor.shape(), ", expected ", expected.name, ' ',
          expected.tensor.shape());
  }
  for (const Index updates : given.updates) {
    check(updates >= 0, name, ": a parameter cannot have received ", updates, " updates");
  }
}

Index Optimizer::state_bytes() const {
  Index bytes = 0;
  for (const State::Named& named : state().tensors) {
    bytes += named.tensor.count() * Index{sizeof(float)};
  }
  return bytes;
}

ParameterOptimizer::ParameterOptimizer(std::string name, nn::Parameters parameters, float lr)
    : name_(std::move(name)), parameters_(std::move(parameters)), lr_(lr) {
  check_not_negative(name_, "lr", lr);
  std::map<const float*, std::string> names;  // all are updated at once, each by one thread
  for (const nn::Parameter& parameter : parameters_) {
    const auto [same, is_new] = names.emplace(parameter.variable.value().data(), parameter.name);
    check(is_new || parameter.variable.value().count() == 0, name_, ": ", parameter.name, " and ",
          same->second, " are the same parameter; give it once");
  }
  state_.updates.resize(parameters_.size());
}

void ParameterOptimizer::step() {
  const profile::Section section("optimizer");
  const ProductPrecision precision(Precision::float32);  // a rule asks for another by itself
  std::vector<Update> updates;
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    Variable& variable = parameters_[i].variable;
    if (!variable.grad()) continue;
    check_moved(parameters_[i]);
    ++state_.updates[i];
    updates.push_back({.i = i, .value = variable.value(), .grad = *variable.grad()});
  }
  if (!updates.empty()) update(updates);
}

void ParameterOptimizer::check_moved(const nn::Parameter& parameter) const {
  if (state_.tensors.empty()) return;
  const Device own = state_.tensors[0].tensor.device();
  const Device device = parameter.variable.device();
  check(own == device, name_, ": its state is on ", own, ", ", parameter.name, " on ", device,
        "; make the optimizer after the model has moved");
}

void ParameterOptimizer::zero_grad() {
  for (nn::Parameter& parameter : parameters_) parameter.variable.zero_grad();
}

std::vector<Assignment> ParameterOptimizer::assignments() const {
  std::vector<Assignment> all;
  for (const nn::Parameter& parameter : parameters_) all.push_back({parameter, name_});
  return all;
}

State ParameterOptimizer::state() const { return state_; }

void ParameterOptimizer::load_state(const State& state) {
  check_fits(name_, state, state_);
  for (std::size_t i = 0; i < state.tensors.size(); ++i) {
    state_.tensors[i].tensor.copy_from(state.tensors[i].tensor);
  }
  state_.updates = state.updates;
}

std::vector<Tensor> ParameterOptimizer::add_state(const std::string& name, bool is_momentum) {
  std::vector<Tensor> buffers;
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    const Variable& variable = parameters_[i].variable;
    buffers.push_back(math::zeros(variable.shape(), variable.device()));
    add_state(name, i, buffers.back(), is_momentum);
  }
  return buffers;
}

void ParameterOptimizer::add_state(const std::string& name, std::size_t i, Tensor tensor,
                                   bool is_momentum) {
  const std::string& parameter = parameters_[i].name;
  state_.tensors.push_back({.name = name + "." + parameter,
                            .tensor = std::move(tensor),
                            .parameter = parameter,
                            .is_momentum = is_momentum});
}

}  // namespace muonlab::optim
