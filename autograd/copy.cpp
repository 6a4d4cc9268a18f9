#include "muonlab/core/kernels/copy.h"

#include "muonlab/autograd/functions.h"
#include "muonlab/core/math.h"

namespace muonlab {

Variable reshape(const Variable& v, Shape shape) {
  auto pullback = [from = v.shape()](const Tensor& dy) { return dy.reshape(from); };
  return record("reshape", v.value().reshape(shape), {{v, pullback}});
}

Variable permute(const Variable& v, const std::vector<int>& axes) {
  const Tensor y = math::permute(v.value(), axes);
  std::vector<int> inverse(axes.size());
  for (std::size_t i = 0; i < axes.size(); ++i) inverse[axes[i]] = static_cast<int>(i);
  auto pullback = [inverse](const Tensor& dy) { return math::permute(dy, inverse); };
  return record("permute", y, {{v, pullback}});
}

Variable slice(const Variable& v, int axis, Index begin, Index end) {
  const Shape from = v.shape();
  const Tensor y = math::slice(v.value(), axis, begin, end);
  auto pullback = [from, axis, begin, end](const Tensor& dy) {  // zeros around dy
    const Index size = from[axis];
    return math::concatenate({math::zeros(from.with(axis, begin), dy.device()), dy,
                              math::zeros(from.with(axis, size - end), dy.device())},
                             axis);
  };
  return record("slice", y, {{v, pullback}});
}

Variable concatenate(const std::vector<Variable>& parts, int axis) {
  std::vector<Tensor> tensors;
  for (const Variable& part : parts) tensors.push_back(part.value());
  const Tensor y = math::concatenate(tensors, axis);

  std::vector<Edge> edges;
  Index begin = 0;
  for (const Variable& part : parts) {
    const Index end = begin + part.shape()[axis];
    auto pullback = [axis, begin, end](const Tensor& dy) {
      return math::slice(dy, axis, begin, end);
    };
    edges.push_back({part, pullback});
    begin = end;
  }
  return record("concatenate", y, std::move(edges));
}

}  // namespace muonlab
