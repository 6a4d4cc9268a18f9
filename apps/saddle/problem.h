#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "muonlab/core/rng.h"
#include "muonlab/nn/parameter.h"

/// Losses with a saddle point, where the gradient is zero and yet the loss falls in some
/// directions.
namespace muonlab::app {

/// A loss and its parameters, which an optimizer moves.
class Problem {
 public:
  Problem() = default;
  virtual ~Problem() = default;
  Problem(const Problem&) = delete;
  Problem& operator=(const Problem&) = delete;

  virtual nn::Parameters parameters() const = 0;
  virtual Variable loss() const = 0;

  /// How far each falling direction has come: 0 at the saddle, 1 at the minimum.
  virtual std::vector<double> progress() const = 0;
};

struct Saddle {
  std::string name;
  std::string about;
  std::vector<std::string> directions;  // those in which the loss falls
  double minimum;                       // the least loss

  /// Makes the problem. Its parameters are near the saddle, or near a ridge that leads to it: off
  /// by normal draws times `start`.
  std::function<std::unique_ptr<Problem>(Rng& rng, float start)> make;
};

/// A deep linear network, and a saddle in the plane.
const std::vector<Saddle>& all_saddles();

}  // namespace muonlab::app
