#include "muonlab/core/kernels/cross_entropy.h"

#include "muonlab/autograd/functions.h"
#include "muonlab/autograd/index_range.h"

namespace muonlab {

Variable cross_entropy(const Variable& v, const Integers& labels, CrossEntropyOptions options) {
  const Tensor& x = v.value();
  const float smoothing = options.label_smoothing;
  const Index rows = x.shape().rows();
  check(x.shape().rank() >= 1 && rows > 0, "cross_entropy: rows of logits are needed, got ",
        x.shape());
  check(labels.count() == rows, "cross_entropy: logits ", x.shape(), " need ", rows,
        " labels, got ", labels.shape());
  check(0 <= smoothing && smoothing <= 1,
        "cross_entropy: label_smoothing must be within [0, 1], got ", smoothing);
  check_same_device("cross_entropy", x, labels);
  check_range("cross_entropy: label", labels, x.shape().columns());

  const float scale = options.reduction == Reduction::mean ? 1 / static_cast<float>(rows) : 1.0F;
  Tensor p(x.shape(), x.device());
  Tensor loss(Shape{}, x.device());
  run(x.device(),
      kernel::CrossEntropy{
          .x = x, .labels = labels, .p = p, .loss = loss, .smoothing = smoothing, .scale = scale});

  auto pullback = [p, labels = Saved(labels), smoothing, scale](const Tensor& dloss) {
    Tensor dx(p.shape(), p.device());
    run(p.device(), kernel::CrossEntropyGrad{.p = p,
                                             .labels = *labels,
                                             .dloss = dloss,
                                             .dx = dx,
                                             .smoothing = smoothing,
                                             .scale = scale});
    return dx;
  };
  return record("cross_entropy", loss, {{v, pullback}});
}

}  // namespace muonlab
