#include "nn/module.h"

namespace muonlab::nn {

Parameters Module::parameters() const {
  Parameters all = parameters_;
  for (const auto& [name, child] : children_) {
    for (Parameter& parameter : child->parameters()) {
      parameter.name = name + "." + parameter.name;
      all.push_back(std::move(parameter));
    }
  }
  return all;
}

void Module::mark(Role role) {
  for (Parameter& parameter : parameters_) {
    if (parameter.role == Role::hidden) parameter.role = role;
  }
  for (auto& [name, child] : children_) child->mark(role);
}

void Module::train(bool on) {
  training_ = on;
  for (auto& [name, child] : children_) child->train(on);
}

void Module::to(Device device) {
  for (Parameter& parameter : parameters_) {
    parameter.variable.value() = parameter.variable.value().to(device);
  }
  for (auto& [name, child] : children_) child->to(device);
}

Variable Module::add_parameter(std::string name, Tensor value, Role role) {
  check_name(name);
  parameters_.push_back({std::move(name), Variable(std::move(value), true), role});
  return parameters_.back().variable;
}

void Module::add_child(std::string name, std::unique_ptr<Module> child) {
  check_name(name);
  children_.emplace_back(std::move(name), std::move(child));
}

void Module::check_name(const std::string& name) const {
  check(!name.empty() && name.find('.') == std::string::npos,
        "module: a name without dots is needed, got '", name, "'");
  bool taken = false;
  for (const Parameter& parameter : parameters_) taken |= parameter.name == name;
  for (const auto& [child_name, child] : children_) taken |= child_name == name;
  check(!taken, "module: the name ", name, " is taken");
}

}  // namespace muonlab::nn
