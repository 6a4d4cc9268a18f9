#include "muonlab/optim/hybrid.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace muonlab::optim {
namespace {

bool names(const Route& route, nn::Role role) {
  return std::find(route.roles.begin(), route.roles.end(), role) != route.roles.end();
}

void check_routes(const nn::Parameters& parameters, const std::vector<Route>& routes) {
  const bool has_head = std::any_of(parameters.begin(), parameters.end(),
                                    [](const auto& p) { return p.role == nn::Role::head; });
  check(has_head,
        "hybrid: no parameter has the role head; mark the layer that makes the logits with "
        "mark(nn::Role::head)");
  for (const nn::Parameter& parameter : parameters) {
    const auto count = std::count_if(routes.begin(), routes.end(), [&](const Route& route) {
      return names(route, parameter.role);
    });
    check(count == 1, "hybrid: ", parameter.name, " has the role ", parameter.role, ", which ",
          count, " optimizers name, expected 1; name it in one use<>()");
  }
}

}  // namespace

Route use(std::vector<nn::Role> roles, const Rule& rule, float lr) {
  return {
      .roles = std::move(roles),
      .rule = rule.name,
      .make =
          [rule, lr](nn::Parameters parameters) {
            return std::make_unique<MatrixRule>(std::move(parameters), rule, lr);
          },
      .operations = [rule](Index rows, Index columns) { return rule.operations(rows, columns); }};
}

std::vector<Assignment> assign(const nn::Parameters& parameters, const std::vector<Route>& routes) {
  check_routes(parameters, routes);
  std::vector<Assignment> all;
  for (const Route& route : routes) {
    for (const nn::Parameter& parameter : parameters) {
      if (!names(route, parameter.role)) continue;
      all.push_back({.parameter = parameter, .optimizer = route.rule});
      const Variable& variable = parameter.variable;
      if (!route.operations || variable.shape().rank() < 2 || variable.value().count() == 0) {
        continue;  // the optimizer will say that it is no matrix
      }
      const Shape shape = matrix_of(parameter);
      all.back().operations = route.operations(shape[0], shape[1]);
    }
  }
  return all;
}

Hybrid::Hybrid(const nn::Parameters& parameters, const std::vector<Route>& routes) {
  check_routes(parameters, routes);
  for (const Route& route : routes) {
    nn::Parameters share;
    for (const nn::Parameter& parameter : parameters) {
      if (names(route, parameter.role)) share.push_back(parameter);
    }
    if (!share.empty()) parts_.push_back(route.make(std::move(share)));
  }
}

void Hybrid::step() {
  for (auto& part : parts_) part->step();
}

void Hybrid::zero_grad() {
  for (auto& part : parts_) part->zero_grad();
}

void Hybrid::set_lr_scale(float scale) {
  for (auto& part : parts_) part->set_lr_scale(scale);
}

void Hybrid::train(bool on) {
  for (auto& part : parts_) part->train(on);
}

std::vector<Assignment> Hybrid::assignments() const {
  std::vector<Assignment> all;
  for (const auto& part : parts_) {
    for (Assignment& assignment : part->assignments()) all.push_back(std::move(assignment));
  }
  return all;
}

// The parts' states one after the other.
State Hybrid::state() const {
  State all;
  for (const auto& part : parts_) {
    State state = part->state();
    std::move(state.tensors.begin(), state.tensors.end(), std::back_inserter(all.tensors));
    all.updates.insert(all.updates.end(), state.updates.begin(), state.updates.end());
  }
  return all;
}

void Hybrid::load_state(const State& state) {
  check_fits("hybrid", state, this->state());
  auto tensor = state.tensors.begin();
  auto update = state.updates.begin();
  for (const auto& part : parts_) {
    const State shape = part->state();
    const auto tensor_end = tensor + static_cast<std::ptrdiff_t>(shape.tensors.size());
    const auto update_end = update + static_cast<std::ptrdiff_t>(shape.updates.size());
    part->load_state({.tensors = {tensor, tensor_end}, .updates = {update, update_end}});
    tensor = tensor_end;
    update = update_end;
  }
}

}  // namespace muonlab::optim
