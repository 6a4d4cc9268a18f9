#include "muonlab/optim/rule.h"

#include <algorithm>
#include <functional>
#include <set>
#include <string>
#include <utility>

#include "muonlab/core/math.h"
#include "muonlab/core/profile.h"
#include "muonlab/core/rng.h"
#include "muonlab/core/threads.h"
#include "muonlab/optim/orthogonalize.h"

namespace muonlab::optim {
namespace {

/// Elements of the updates that are in memory at a time, 16 MB on a CPU.
Index most_at_once(Device device) {
  return device == Device::cpu ? Index{1} << 22 : Index{1} << 28;
}

/// (k, ...): the same standard normal numbers k times, so that a matrix starts alike alone and
/// beside others.
Tensor repeated_random(const Shape& shape) {
  Tensor all(shape);
  for (Index k = 0; k < shape[0]; ++k) {
    Rng rng(0x646F696E);  // arbitrary
    Tensor one = all.slice(k, k + 1);
    for (float& x : one.values()) x = rng.normal();
  }
  return all;
}

}  // namespace

Shape matrix_of(const nn::Parameter& parameter) {
  const Shape& shape = parameter.variable.shape();
  return {shape[0], shape.count() / shape[0]};
}

std::vector<Kept> Rule::keeps(Index rows, Index columns) const {
  std::vector<Kept> all;
  for (const auto& stage : stages) {
    for (Kept& kept : stage->keeps(rows, columns)) all.push_back(std::move(kept));
  }
  return all;
}

Operations Rule::operations(Index rows, Index columns) const {
  Operations sum;
  Stages all = stages;
  if (work_of_move) all.push_back(work_of_move);
  for (const auto& stage : all) {
    const auto [written, performed] = stage->operations(rows, columns);
    sum.written += written;
    sum.performed += performed;
  }
  return sum;
}

MatrixRule::MatrixRule(nn::Parameters parameters, Rule rule, float lr)
    : ParameterOptimizer(rule.name, std::move(parameters), lr), rule_(std::move(rule)) {
  check(!rule_.stages.empty(), name(), ": a rule has at least one stage");
  for (const nn::Parameter& parameter : this->parameters()) {
    check(parameter.variable.shape().rank() >= 2 && parameter.variable.value().count() > 0, name(),
          ": ", parameter.name, " is not a matrix, got ", parameter.variable.shape(),
          "; give it to another optimizer");
  }
  make_groups();
  for (Group& group : groups_) keep(group);
  for (std::size_t s = 0; s < rule_.stages.size() && !groups_.empty(); ++s) {
    for (std::size_t j = 0; j < groups_[0].kept[s].size(); ++j) save(s, j);
  }
}

std::vector<Assignment> MatrixRule::assignments() const {
  std::vector<Assignment> all = ParameterOptimizer::assignments();
  for (Assignment& assignment : all) {
    const Shape shape = matrix_of(assignment.parameter);
    assignment.operations = rule_.operations(shape[0], shape[1]);
  }
  return all;
}

void MatrixRule::make_groups() {
  for (std::size_t i = 0; i < parameters().size(); ++i) {
    const Shape shape = matrix_of(parameters()[i]);
    auto group = std::ranges::find(groups_, shape, &Group::shape);
    if (group == groups_.end()) group = groups_.insert(group, Group{.shape = shape});
    group->members.push_back(i);
  }
  std::ranges::stable_sort(groups_, std::greater(),
                           [](const Group& group) { return group.shape.count(); });
}

void MatrixRule::keep(Group& group) {
  std::set<std::string> names;
  for (const Kept& what : rule_.keeps(group.shape[0], group.shape[1])) {
    check(names.insert(what.name).second, name(), ": two stages keep '", what.name,
          "', which needs names of their own");
  }
  const Device device = parameters()[group.members[0]].variable.device();
  for (const auto& stage : rule_.stages) {
    std::vector<Tensor>& kept = group.kept.emplace_back();
    for (const Kept& what : stage->keeps(group.shape[0], group.shape[1])) {
      std::vector<Index> sizes = {std::ssize(group.members)};
      sizes.insert(sizes.end(), what.shape.begin(), what.shape.end());
      kept.push_back(what.is_random ? repeated_random(Shape(sizes)).to(device)
                                    : math::full(Shape(sizes), what.start, device));
    }
  }
}

void MatrixRule::save(std::size_t stage, std::size_t number) {
  for (std::size_t i = 0; i < parameters().size(); ++i) {
    const Shape shape = matrix_of(parameters()[i]);
    const Group& group = *std::ranges::find(groups_, shape, &Group::shape);
    const Index k = std::ranges::find(group.members, i) - group.members.begin();
    const Kept what = rule_.stages[stage]->keeps(shape[0], shape[1]).at(number);
    const Shape own = what.shape == shape ? parameters()[i].variable.shape() : what.shape;
    add_state(what.name, i, group.kept[stage][number].slice(k, k + 1).reshape(own),
              what.is_momentum);
  }
}

void MatrixRule::cut(const std::vector<Update>& updates) {
  std::vector<std::size_t> moving;
  for (const Update& update : updates) moving.push_back(update.i);
  if (moving == moving_) return;
  moving_ = std::move(moving);
  pieces_.clear();
  const Device device = updates[0].value.device();
  for (std::size_t g = 0; g < groups_.size(); ++g) {
    const Group& group = groups_[g];
    const auto most = static_cast<Index>(stack_size(group.shape, device));
    const Index count = std::ssize(group.members);
    const auto moves = [&](Index k) {
      return std::ranges::binary_search(moving_, group.members[static_cast<std::size_t>(k)]);
    };
    for (Index end = 0; end < count;) {
      const Index begin = end++;
      if (!moves(begin)) continue;
      while (end < count && end - begin < most && moves(end)) ++end;
      pieces_.push_back({.group = g, .begin = begin, .end = end});
      pieces_.back().replays.resize(rule_.stages.size());
    }
  }
}

Matrices MatrixRule::matrices(Piece& piece, const std::vector<const Update*>& of_parameter) const {
  const Group& group = groups_[piece.group];
  const Index rows = group.shape[0];
  const Index columns = group.shape[1];
  Matrices m = {.rows = rows,
                .columns = columns,
                .gradients = {},
                .weights = {},
                .u = piece.u,
                .step = lr() * scale_of(rule_.scale, rows, columns),
                .replay = nullptr};
  for (Index k = piece.begin; k < piece.end; ++k) {
    const Update& update = *of_parameter[group.members[static_cast<std::size_t>(k)]];
    m.gradients.push_back(update.grad.reshape(group.shape));
    m.weights.push_back(update.value.reshape(group.shape));
  }
  const Device device = m.weights[0].device();
  if (m.u.count() == 0) m.u = Tensor({piece.end - piece.begin, rows, columns}, device);
  if (replays(device)) piece.u = m.u;
  return m;
}

void MatrixRule::update(std::span<Piece> pieces, const std::vector<const Update*>& of_parameter) {
  std::vector<Matrices> all;
  for (Piece& piece : pieces) all.push_back(matrices(piece, of_parameter));
  for (std::size_t s = 0; s < rule_.stages.size(); ++s) {
    const Stage& stage = *rule_.stages[s];
    const profile::Section section(stage.name());
    run_together(all[0].u.device(), std::ssize(all), [&](Index i) {
      Piece& piece = pieces[static_cast<std::size_t>(i)];
      Matrices& m = all[static_cast<std::size_t>(i)];
      m.replay = &piece.replays[s];
      std::vector<Tensor> kept;
      for (const Tensor& whole : groups_[piece.group].kept[s]) {
        kept.push_back(whole.slice(piece.begin, piece.end));
      }
      stage(m, kept);
    });
  }
  rule_.move(all, lr());
}

void MatrixRule::update(const std::vector<Update>& updates) {
  cut(updates);
  std::vector<const Update*> of_parameter(parameters().size());
  for (const Update& update : updates) of_parameter[update.i] = &update;
  const auto elements = [this](const Piece& piece) {
    return (piece.end - piece.begin) * groups_[piece.group].shape.count();
  };
  const Index most = most_at_once(updates[0].value.device());
  for (std::span<Piece> left(pieces_); !left.empty();) {
    std::size_t count = 1;
    Index sum = elements(left[0]);
    while (count < left.size() && (sum += elements(left[count])) <= most) ++count;
    update(left.first(count), of_parameter);
    left = left.subspan(count);
  }
  if (rule_.after) rule_.after(parameters());
}

}  // namespace muonlab::optim
