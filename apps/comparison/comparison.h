#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "apps/comparison/curve.h"
#include "muonlab/optim/hybrid.h"
#include "muonlab/optim/rules.h"

/// What a comparison of optimizers is made of.
namespace muonlab::app {

/// For a contender with one rule for all parameters.
inline const std::vector<nn::Role> all_roles = {nn::Role::input, nn::Role::hidden, nn::Role::head,
                                                nn::Role::gain, nn::Role::bias};

/// What the command line says to an optimizer.
struct Tuning {
  float lr;
  optim::OrthogonalizeOptions orthogonalization = {};

  /// The same as options of a rule of Muon's family.
  optim::MuonOptions muon() const;
};

/// One way to train: rules for the parameters of a model, by their roles, and how they are tuned.
struct Contender {
  std::string name;   // as --optimizers spells it
  std::string about;  // one line for --help
  float lr;
  std::function<std::vector<optim::Route>(const Tuning&)> routes;
  bool by_default = true;  // it is compared unless told otherwise
  optim::OrthogonalizeOptions orthogonalization = {};

  /// Of the products that orthogonalize.
  Precision precision_on(Device device) const {
    return orthogonalization.precision.value_or(fastest_precision(device));
  }

  std::unique_ptr<optim::Optimizer> optimizer(const nn::Parameters& parameters) const;

  /// Which rule each parameter has, without an optimizer's state.
  std::vector<optim::Assignment> assignments(const nn::Parameters& parameters) const;
};

struct Epoch {
  int number;            // from 1
  double loss;           // mean of the batch losses
  double test_loss;      // mean cross-entropy of the test images after it; NaN where not known
  double test_accuracy;  // within [0, 1]
  double train_seconds;  // of training alone, without evaluation
};

/// Where the time of a step goes, and what holds memory.
struct Profile {
  struct Part {
    std::string name;
    int depth;  // 1 within the last part of depth 0 before it
    double ms;  // for a step
  };
  struct Kind {
    std::string name;
    Index bytes;
  };
  Index steps;  // that were measured
  std::vector<Part> parts;
  std::vector<Kind> memory;
};

/// What became of one contender with one seed.
struct Run {
  std::string optimizer;
  float lr;
  std::uint64_t seed;
  Index parameters;   // numbers in the model
  Index state_bytes;  // that the optimizer keeps between steps
  std::vector<Epoch> epochs = {};
  std::string stopped = {};  // why the run ended early; empty when it did not
  std::optional<Profile> profile = {};
  std::optional<Curve> curve = {};  // none when its beginning was not recorded

  bool is_finished(int all_epochs) const {
    return !stopped.empty() || static_cast<int>(epochs.size()) == all_epochs;
  }

  double train_seconds() const {
    double total = 0;
    for (const Epoch& epoch : epochs) total += epoch.train_seconds;
    return total;
  }
};

/// A loss or a parameter is not finite: the run has no future. what() names the step, the loss, and
/// the first parameter that is not finite.
class Diverged : public std::runtime_error {
 public:
  Diverged(Index step, double loss, const nn::Parameters& parameters);
};

/// The first parameter that has an element infinite or NaN; null when all are finite.
const nn::Parameter* first_not_finite(const nn::Parameters& parameters);

/// Number of single numbers in all parameters.
Index count(const nn::Parameters& parameters);

class Stopwatch {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

  /// seconds(), and starts again.
  double lap() {
    const double passed = seconds();
    start_ = std::chrono::steady_clock::now();
    return passed;
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace muonlab::app
