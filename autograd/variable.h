#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "core/tensor.h"

namespace muonlab {

struct Node;

/// A tensor that remembers how it was computed. Copies refer to the same node.
class Variable {
 public:
  explicit Variable(Tensor value, bool requires_grad = false);

  const Tensor& value() const;

  /// For optimizers and initialization. Write into it between backward() and the next recording:
  /// what was recorded before and needs the old numbers throws in backward(). What replaces it,
  /// `v.value() = t`, leaves the old memory to what was recorded.
  Tensor& value();

  const Shape& shape() const { return value().shape(); }
  Device device() const { return value().device(); }
  bool requires_grad() const;

  /// d(loss)/d(this) after backward(), on leaves only; none before, and none where no path leads.
  const std::optional<Tensor>& grad() const;

  /// Replaces the gradient, for rules that change all gradients between backward() and step().
  /// Throws unless it has this variable's shape.
  void set_grad(Tensor grad);
  void zero_grad();

  /// Adds d(this)/d(leaf) to the gradient of every leaf below that requires one, and frees what was
  /// recorded on the way, so it works once for a recording. Throws unless this holds one number
  /// and something below requires a gradient, and when a number that a gradient needs was written
  /// since it was recorded, by an optimizer's step for example; gradients are then incomplete.
  void backward() const;

 private:
  friend struct Node;
  friend Variable record(const char* op, Tensor y, std::vector<struct Edge> edges);

  std::shared_ptr<Node> node_;
};

/// An array that a pullback needs as it is now, although others hold it, too: an input's value, or
/// the output's. Reading it throws when it was written since, because the gradient would be that of
/// other numbers. Make it when the array is complete.
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
/// function that made it: name every capture, and capture tensors, never variables; those that
/// others hold as Saved.
using Pullback = std::function<Tensor(const Tensor& dy)>;

struct Edge {
  Variable input;
  Pullback pullback;
};

/// Records y = op(inputs), the only way to make a variable that has a gradient path. Edges to
/// inputs that need no gradient are dropped, and with them every tensor their pullback had saved.
Variable record(const char* op, Tensor y, std::vector<Edge> edges);

/// While one lives, nothing is recorded on this thread.
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
