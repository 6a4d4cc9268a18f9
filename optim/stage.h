#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "muonlab/core/replay.h"
#include "muonlab/core/tensor.h"

namespace muonlab::optim {

/// k matrices of one shape that move in a step, as the stages of a rule see them one after the
/// other. A filter bank (out, in, kh, kw) is the matrix (out, in kh kw).
struct Matrices {
  Index rows;
  Index columns;
  std::vector<Tensor> gradients;  // each (rows, columns); others may take their places
  std::vector<Tensor> weights;    // likewise; moved when all stages are done
  Tensor u;                       // (k, rows, columns): the updates so far
  float step;                     // what they are multiplied by in the end
  Replay* replay;                 // of work on u whose numbers do not change from step to step
};

/// What a stage remembers of each matrix between steps.
struct Kept {
  std::string name;          // in checkpoints; no two stages of a rule share one
  Shape shape;               // of what is kept of one matrix
  float start = 0;           // its elements before the first step
  bool is_random = false;    // they start standard normal instead, alike for equal shapes
  bool is_momentum = false;  // what the matrix is about to follow, for those who observe it
};

/// Floating-point operations of orthogonalizing a matrix; a multiplication and an addition count as
/// two.
struct Operations {
  double written = 0;    // as the formula has them
  double performed = 0;  // in the form that is used
};

/// One line of a rule: a paper's formula, which rewrites m.u and what it keeps, or, before there is
/// a u, puts other tensors in the places of the gradients, and does nothing else. A stage is
/// neutral by being left out. It has no state of its own, so several matrices are worked on at
/// once. What it keeps is written in place. A new tensor may take the place of m.u, but not before
/// a stage that uses m.replay: a recording works on the memory that it has seen.
class Stage {
 public:
  Stage() = default;
  virtual ~Stage() = default;
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  /// What a profile calls the time it takes.
  virtual const char* name() const = 0;

  /// What it remembers of a matrix (rows, columns).
  virtual std::vector<Kept> keeps(Index rows, Index columns) const;

  /// `kept` holds of each of keeps() the k matrices' one after the other: (k, shape...).
  virtual void operator()(Matrices& m, std::span<Tensor> kept) const = 0;

  /// For one matrix; none unless the stage orthogonalizes.
  virtual Operations operations(Index rows, Index columns) const;
};

using Stages = std::vector<std::shared_ptr<const Stage>>;

}  // namespace muonlab::optim
