#include "muonlab/core/kernels/dropout.h"

#include "muonlab/autograd/functions.h"
#include "muonlab/core/math.h"

namespace muonlab {

Variable dropout(const Variable& v, float p, Rng& rng) {
  check(0 <= p && p < 1, "dropout: p must be within [0, 1), got ", p);
  const Tensor& x = v.value();
  Tensor mask(x.shape(), x.device());
  run(x.device(), kernel::DropoutMask{.mask = mask, .p = p, .rng = rng});
  auto pullback = [mask](const Tensor& dy) { return math::mul(dy, mask); };
  return record("dropout", math::mul(x, mask), {{v, pullback}});
}

}  // namespace muonlab
