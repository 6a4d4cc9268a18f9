#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "muonlab/optim/optimizer.h"
#include "muonlab/optim/stage.h"
#include "muonlab/optim/stages/move.h"
#include "muonlab/optim/stages/scale.h"

namespace muonlab::optim {

/// How matrices are updated, as a list of what is done one after the other:
///
///     momentum -> pre-scaling -> orthogonalization -> post-normalization    stages
///              -> scale -> decay and move -> what comes after the step
///
/// Each has a neutral choice, the default here. optim/rules.cpp has the rules that are known by
/// name; another is made in the same way:
///
///     const Stages stages = {std::make_shared<MomentumStage>(0.95F, true, Momentum::average),
///                            std::make_shared<NewtonSchulz>(OrthogonalizeOptions{})};
///     MatrixRule optimizer(parameters, {.name = "mine", .stages = stages}, 0.02F);
struct Rule {
  std::string name;
  Stages stages;  // the first makes u of the gradients: a MomentumStage
  ScaleRule scale = ScaleRule::none;
  Move move = subtract();
  std::function<void(const nn::Parameters&)> after = {};  // looks at weights that have all moved
  std::shared_ptr<const Stage> work_of_move = {};  // whose operations the move has; none: few

  /// What its stages keep of a matrix.
  std::vector<Kept> keeps(Index rows, Index columns) const;

  /// Of a step, on a matrix.
  Operations operations(Index rows, Index columns) const;
};

/// The shape (rows, columns) of a parameter as a matrix: a filter bank (out, in, kh, kw) is
/// (out, in kh kw).
Shape matrix_of(const nn::Parameter& parameter);

/// Updates matrices by a rule: walks parameters, works on those of one shape together, replays on a
/// GPU, and saves what stages keep, each under "NAME.PARAMETER". Throws when a parameter has fewer
/// than two axes.
class MatrixRule : public ParameterOptimizer {
 public:
  MatrixRule(nn::Parameters parameters, Rule rule, float lr);

  std::vector<Assignment> assignments() const final;

 private:
  /// Parameters whose matrices have one shape, (rows, columns).
  struct Group {
    Shape shape;
    std::vector<std::size_t> members = {};       // the parameters' numbers
    std::vector<std::vector<Tensor>> kept = {};  // of each stage, all members' one after the other
  };

  /// Neighbours in a group, all of which move in this step.
  struct Piece {
    std::size_t group;
    Index begin;
    Index end;
    Tensor u = {};                     // kept where steps are replayed, else made anew
    std::vector<Replay> replays = {};  // of work on u, one for each stage
  };

  void make_groups();
  void keep(Group& group);

  /// Makes what a stage keeps under one of its names known to state().
  void save(std::size_t stage, std::size_t number);

  void update(const std::vector<Update>& updates) final;

  /// Cuts groups into pieces; those of the step before stay when the same parameters move.
  void cut(const std::vector<Update>& updates);

  /// All stages of some pieces, and the move.
  void update(std::span<Piece> pieces, const std::vector<const Update*>& of_parameter);

  Matrices matrices(Piece& piece, const std::vector<const Update*>& of_parameter) const;

  Rule rule_;
  std::vector<Group> groups_;        // the largest matrices first, so that the small ones fill gaps
  std::vector<std::size_t> moving_;  // the parameters that pieces_ are of
  std::vector<Piece> pieces_;
};

}  // namespace muonlab::optim
