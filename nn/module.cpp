#include "muonlab/nn/module.h"

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

Buffers Module::buffers() const {
  Buffers all(buffers_.begin(), buffers_.end());
  for (const auto& [name, child] : children_) {
    for (const Buffer& buffer : child->buffers()) {
      all.push_back({name + "." + buffer.name, buffer.tensor});
    }
  }
  return all;
}

std::vector<std::pair<std::string, Rng*>> Module::generators() {
  std::vector<std::pair<std::string, Rng*>> all;
  for (auto& [name, rng] : generators_) all.emplace_back(name, &rng);
  for (const auto& [name, child] : children_) {
    for (const auto& [below, rng] : child->generators()) all.emplace_back(name + "." + below, rng);
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
  for (Buffer& buffer : buffers_) buffer.tensor = buffer.tensor.to(device);
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

Tensor& Module::add_buffer(std::string name, Tensor value) {
  check_name(name);
  return buffers_.emplace_back(Buffer{std::move(name), std::move(value)}).tensor;
}

Rng& Module::add_generator(std::string name, Rng rng) {
  check_name(name);
  return generators_.emplace_back(std::move(name), rng).second;
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
  for (const Buffer& buffer : buffers_) taken |= buffer.name == name;
  for (const auto& [generator, rng] : generators_) taken |= generator == name;
  for (const auto& [child_name, child] : children_) taken |= child_name == name;
  check(!taken, "module: the name ", name, " is taken");
}

}  // namespace muonlab::nn
