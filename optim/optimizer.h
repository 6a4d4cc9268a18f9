#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "muonlab/nn/parameter.h"
#include "muonlab/optim/stage.h"

namespace muonlab::optim {

/// Which rule updates a parameter.
struct Assignment {
  nn::Parameter parameter;
  std::string optimizer;
  Operations operations = {};  // of a step, that orthogonalize it
};

/// What an optimizer remembers between steps. The tensors share memory with the optimizer.
struct State {
  struct Named {
    std::string name;  // "momentum.body.0.weight"
    Tensor tensor;
    std::string parameter = {};  // "body.0.weight"
    bool is_momentum = false;    // what the parameter is about to follow
  };
  std::vector<Named> tensors;
  std::vector<Index> updates;  // how many each parameter has received
};

/// Throws unless `given` has the names, shapes and number of parameters of `own`, the state of the
/// rule that the message calls `name`.
void check_fits(const std::string& name, const State& given, const State& own);

/// Throws unless `value` is within [0, 1). The message calls it the `option` of `rule`.
void check_decay_rate(std::string_view rule, const char* option, float value);

/// The same unless it is finite and not negative.
void check_not_negative(std::string_view rule, const char* option, float value);

/// What a training loop sees. A step reads gradients and never changes them; a parameter without a
/// gradient is left alone entirely: no decay, no momentum.
class Optimizer {
 public:
  Optimizer() = default;
  virtual ~Optimizer() = default;
  Optimizer(const Optimizer&) = delete;
  Optimizer& operator=(const Optimizer&) = delete;

  virtual void step() = 0;
  virtual void zero_grad() = 0;

  /// Multiplies every learning rate; one schedule can drive a hybrid whose parts differ.
  virtual void set_lr_scale(float scale) = 0;

  /// Takes the parameters to where they are evaluated, and back: a rule that averages weights has
  /// two places for them. Steps are taken, and states saved, in training only.
  virtual void train(bool /*on*/ = true) {}

  /// Every parameter with the rule that updates it.
  virtual std::vector<Assignment> assignments() const = 0;

  virtual State state() const = 0;

  /// Copies the values of `state` in. Throws, and changes nothing, when it does not fit state().
  virtual void load_state(const State& state) = 0;

  /// Bytes kept between steps.
  Index state_bytes() const;
};

/// The part all rules share: walk the parameters, count updates, scale the learning rate.
class ParameterOptimizer : public Optimizer {
 public:
  void step() final;
  void zero_grad() final;
  void set_lr_scale(float scale) final { lr_scale_ = scale; }
  std::vector<Assignment> assignments() const override;
  State state() const final;
  void load_state(const State& state) final;

 protected:
  /// `name` is what tables and messages call the rule. Throws unless lr is finite and not negative.
  ParameterOptimizer(std::string name, nn::Parameters parameters, float lr);

  /// One parameter of a step.
  struct Update {
    std::size_t i;       // of the parameter, and of the rule's own buffers for it
    Tensor& value;       // to be moved
    const Tensor& grad;  // along this
  };

  /// Moves every parameter that has a gradient; there is at least one.
  virtual void update(const std::vector<Update>& updates) = 0;

  /// One zero tensor per parameter, kept between steps and saved under `name`.
  std::vector<Tensor> add_state(const std::string& name, bool is_momentum = false);

  /// Saves a tensor of parameter i under `name`; it shares memory with the rule's own.
  void add_state(const std::string& name, std::size_t i, Tensor tensor, bool is_momentum);

  const std::string& name() const { return name_; }
  const nn::Parameters& parameters() const { return parameters_; }
  float lr() const { return lr_ * lr_scale_; }

  /// How many updates parameter i has received, this one included: t of the papers.
  Index updates(std::size_t i) const { return state_.updates[i]; }

 private:
  /// Throws when the parameter is on another device than the state.
  void check_moved(const nn::Parameter& parameter) const;

  std::string name_;
  nn::Parameters parameters_;
  float lr_;
  float lr_scale_ = 1;
  State state_;
};

}  // namespace muonlab::optim
