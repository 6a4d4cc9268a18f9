#pragma once

#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "muonlab/autograd/functions.h"
#include "muonlab/core/rng.h"
#include "muonlab/nn/parameter.h"

namespace muonlab::nn {

/// A tree of named parameters. A model declares, builds and names a child in one line,
///
///     nn::Linear& head_ = add<nn::Linear>("head", 128, 10, rng_);
///
/// and is built once, never copied or moved.
class Module {
 public:
  Module() = default;
  virtual ~Module() = default;
  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;

  /// All parameters below, names joined by dots, in order of declaration: own ones first.
  Parameters parameters() const;

  /// All buffers below, named and ordered alike.
  Buffers buffers() const;

  /// The random generators below, such as those of dropout, named and ordered alike. Their states
  /// decide the masks to come.
  std::vector<std::pair<std::string, Rng*>> generators();

  /// Gives `role` to every hidden parameter below; gains, biases and input tables keep theirs.
  void mark(Role role);

  /// Switches to training mode, which a module starts in, or to evaluation mode, where dropout does
  /// nothing and batch normalization uses its running statistics.
  void train(bool on = true);
  void eval() { train(false); }
  bool is_training() const { return training_; }

  /// Moves every parameter and buffer below to `device`, in place. An optimizer's state stays where
  /// it was, so make optimizers after this.
  void to(Device device);

 protected:
  /// Registers a parameter that requires a gradient. Throws when the name is taken.
  Variable add_parameter(std::string name, Tensor value, Role role);

  /// Registers a buffer; the reference lives as long as the module. Throws when the name is taken.
  Tensor& add_buffer(std::string name, Tensor value);

  /// Registers a random generator. Throws when the name is taken.
  Rng& add_generator(std::string name, Rng rng);

  /// Builds a child from `arguments` and registers it. Throws when the name is taken.
  template <class M, class... Arguments>
  M& add(std::string name, Arguments&&... arguments) {
    auto child = std::make_unique<M>(std::forward<Arguments>(arguments)...);
    M& reference = *child;
    add_child(std::move(name), std::move(child));
    return reference;
  }

 private:
  void add_child(std::string name, std::unique_ptr<Module> child);
  void check_name(const std::string& name) const;

  Parameters parameters_;
  std::deque<Buffer> buffers_;                          // a deque, so that references stay
  std::deque<std::pair<std::string, Rng>> generators_;  // a deque, so that references stay
  std::vector<std::pair<std::string, std::unique_ptr<Module>>> children_;
  bool training_ = true;
};

/// A module from one variable to one variable: what Sequential holds.
class Layer : public Module {
 public:
  virtual Variable operator()(const Variable& x) = 0;
};

}  // namespace muonlab::nn
