#include "optim/muon.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>

#include "core/kernels/update.h"
#include "core/profile.h"
#include "core/threads.h"

namespace muonlab::optim {
namespace {

OrthogonalizeOptions orthogonalization(const MuonOptions& options) {
  return {.steps = options.steps,
          .coefficients = options.coefficients,
          .sequence = options.sequence,
          .precision = options.precision,
          .form = options.products};
}

/// Parameters whose matrices have one shape.
struct Group {
  Shape shape;
  std::vector<std::size_t> members;
};

/// The largest matrices first, so that the small ones fill the gaps that they leave.
std::vector<Group> by_shape(const std::vector<Tensor>& directions) {
  std::vector<Group> groups;
  for (std::size_t i = 0; i < directions.size(); ++i) {
    const Shape& shape = directions[i].shape();
    const Shape matrix{shape[0], shape.count() / shape[0]};
    auto group = std::ranges::find_if(groups, [&](const Group& g) { return g.shape == matrix; });
    if (group == groups.end()) group = groups.insert(groups.end(), {matrix, {}});
    group->members.push_back(i);
  }
  std::ranges::stable_sort(groups, std::greater(),
                           [](const Group& group) { return group.shape.count(); });
  return groups;
}

}  // namespace

float scale_of(ScaleRule rule, Index rows, Index columns) {
  const float aspect = static_cast<float>(rows) / static_cast<float>(columns);
  switch (rule) {
    case ScaleRule::original: return std::sqrt(std::max(1.0F, aspect));
    case ScaleRule::match_rms: return 0.2F * std::sqrt(static_cast<float>(std::max(rows, columns)));
    case ScaleRule::spectral: return std::sqrt(aspect);
  }
  return 1;
}

Muon::Muon(nn::Parameters parameters, const Options& options)
    : ParameterOptimizer("muon", std::move(parameters), options.lr),
      options_(options),
      momentum_(add_state("momentum")) {
  check_decay_rate("momentum", options.momentum);
  check_not_negative("weight_decay", options.weight_decay);
  check(options.steps >= 1, "muon: at least 1 Newton-Schulz step is needed, got ", options.steps);
  steps_of(orthogonalization(options));  // throws when they are not safe
  for (const nn::Parameter& parameter : this->parameters()) {
    check(parameter.variable.shape().rank() >= 2 && parameter.variable.value().count() > 0,
          "muon: ", parameter.name, " is not a matrix, got ", parameter.variable.shape(),
          "; give it to another optimizer");
  }
}

void Muon::prepare(const std::vector<Update>& updates) {
  std::vector<std::size_t> members;
  for (const Update& update : updates) members.push_back(update.i);
  if (members == members_ && directions_.size() == members.size()) return;
  members_ = members;
  directions_.clear();
  orthogonal_.clear();
  replay_ = {};
  for (const Update& update : updates) {
    directions_.emplace_back(update.grad.shape(), update.grad.device());
  }
}

void Muon::add_gradients(const std::vector<Update>& updates) {
  std::vector<kernel::MomentumUpdate::Part> parts;
  for (std::size_t k = 0; k < updates.size(); ++k) {
    const auto& [i, value, grad] = updates[k];
    parts.push_back({.count = grad.count(),
                     .grad = grad.data(),
                     .buffer = momentum_[i].data(),
                     .direction = directions_[k].data()});
  }
  const float momentum = options_.momentum;
  run(updates[0].value.device(),
      kernel::MomentumUpdate{.parts = parts,
                             .momentum = momentum,
                             .fresh = options_.form == Momentum::average ? 1 - momentum : 1,
                             .nesterov = options_.nesterov});
}

std::vector<Tensor> Muon::orthogonalized(std::vector<Tensor> directions) const {
  const std::vector<Group> groups = by_shape(directions);
  const OrthogonalizeOptions options = orthogonalization(options_);
  run_together(directions[0].device(), static_cast<Index>(groups.size()), [&](Index number) {
    const auto& [shape, members] = groups[static_cast<std::size_t>(number)];
    std::vector<Tensor> matrices;
    for (const std::size_t i : members) matrices.push_back(directions[i].reshape(shape));
    matrices = orthogonalize(matrices, options);
    for (std::size_t k = 0; k < members.size(); ++k) directions[members[k]] = matrices[k];
  });
  return directions;
}

void Muon::move(const std::vector<Update>& updates) const {
  std::vector<kernel::DirectionUpdate::Part> parts;
  for (std::size_t k = 0; k < updates.size(); ++k) {
    Tensor& value = updates[k].value;
    const Index rows = value.shape()[0];
    const float scale = scale_of(options_.scale, rows, value.count() / rows);
    parts.push_back({.count = value.count(),
                     .value = value.data(),
                     .direction = orthogonal_[k].data(),
                     .step = lr() * scale});
  }
  run(updates[0].value.device(),
      kernel::DirectionUpdate{.parts = parts, .decay = 1 - lr() * options_.weight_decay});
}

void Muon::update(const std::vector<Update>& updates) {
  const Device device = updates[0].value.device();
  prepare(updates);
  add_gradients(updates);
  {
    const profile::Section section("orthogonalize");
    replay_(device, [&, this] {
      auto directions = replays(device) ? directions_ : std::exchange(directions_, {});
      orthogonal_ = orthogonalized(std::move(directions));
    });
  }
  move(updates);
  if (!replays(device)) {  // the memory serves others until the next step
    members_.clear();
    orthogonal_.clear();
  }
}

}  // namespace muonlab::optim
