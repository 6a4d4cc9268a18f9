#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "muonlab/core/tensor.h"

namespace muonlab {

struct Node;

/// What sees the inputs of a layer and the gradients of its outputs: of linear() as matrices
/// (rows, in) and (rows, out), of conv2d() as images (batch, in, height, width) and
/// (batch, out, height, width).
using Watcher = std::function<void(const Tensor& inputs, const Tensor& gradients)>;

/// A tensor that remembers how it was computed. Copies refer to the same node.
class Variable {
 public:
  explicit Variable(Tensor value, bool requires_grad = false);

  const Tensor& value() const;

  /// For optimizers and initialization. Write into it between backward() and the next recording:
  /// backward() throws when a function recorded before needs the old numbers. Replacing it,
  /// `v.value() = t`, is safe, because the recording keeps the old memory.
  Tensor& value();

  const Shape& shape() const { return value().shape(); }
  Device device() const { return value().device(); }
  bool requires_grad() const;

  /// d(loss)/d(this) after backward(), on leaves only; none before, and none on a leaf that the
  /// loss does not depend on.
  const std::optional<Tensor>& grad() const;

  /// Replaces the gradient, for rules that change all gradients between backward() and step().
  /// Throws unless it has this variable's shape.
  void set_grad(Tensor grad);
  void zero_grad();

  /// Of a weight: `watcher` is given what each linear() and conv2d() multiplied it with, and the
  /// gradient of what came out, whenever backward() comes by; a null one ends that. It is for
  /// optimizers that precondition by a layer's inputs. Recordings made before do not know it, and
  /// a Replay calls it when it records only. It must not hold this variable, which holds it.
  void watch(Watcher watcher);
  const Watcher& watcher() const;

  /// Adds d(this)/d(leaf) to the gradient of every leaf below that requires one, and frees the
  /// recording, so that it works once for each recording. Throws unless this holds one number and
  /// something below requires a gradient. Throws also when a number that a gradient needs was
  /// overwritten since it was recorded, for example by an optimizer's step; gradients are then
  /// incomplete.
  void backward() const;

 private:
  friend struct Node;
  friend Variable record(const char* op, Tensor y, std::vector<struct Edge> edges);

  std::shared_ptr<Node> node_;
};

/// An array that a pullback needs as it is now, although others hold it too, such as an input or
/// the output. Reading it throws when it was written since, because the gradient would belong to
/// other numbers. Construct it when the array is complete.
template <class T>
class Saved {
 public:
  explicit Saved(const Array<T>& array) : array_(array), version_(array.version()) {}

  const Array<T>& operator*() const {
    check(array_.version() == version_, "an array of shape ", array_.shape(),
          " was written after it was recorded, by a step of an optimizer or by values() or data() "
          "that are not const; compute the loss again before backward()");
    return array_;
  }
  const Array<T>* operator->() const { return &**this; }

 private:
  Array<T> array_;
  std::uint64_t version_;
};

/// Turns the gradient of an output into the gradient of one input. It lives longer than the
/// function that made it: name every capture, and capture tensors, never variables. Capture tensors
/// that others hold as Saved.
using Pullback = std::function<Tensor(const Tensor& dy)>;

struct Edge {
  Variable input;
  Pullback pullback;
};

/// Records y = op(inputs), the only way to make a variable that has a gradient path. Edges to
/// inputs that need no gradient are dropped, and with them every tensor their pullback had saved.
Variable record(const char* op, Tensor y, std::vector<Edge> edges);

/// Turns the gradient of an output into the gradients of all inputs, in their order. That of an
/// input that needs none is not looked at, and may be Tensor().
using JointPullback = std::function<std::vector<Tensor>(const Tensor& dy)>;

/// The same where one kernel makes several gradients at once: `pullback` is called once.
Variable record(const char* op, Tensor y, const std::vector<Variable>& inputs,
                JointPullback pullback);

/// A scope in which this thread records nothing.
class NoGrad {
 public:
  NoGrad();
  ~NoGrad();
  NoGrad(const NoGrad&) = delete;
  NoGrad& operator=(const NoGrad&) = delete;

 private:
  bool previous_;
};

}  // namespace muonlab
