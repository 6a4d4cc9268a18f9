#include "muonlab/core/cpu/bfloat16.h"

#include "muonlab/core/cpu/parallel.h"

namespace muonlab {

Array<Bfloat16> to_bfloat16(const Tensor& x) {
  Array<Bfloat16> y(x.shape());
  const float* from = x.data();
  Bfloat16* to = y.data();
  parallel_for(x.count(), elementwise_grain, [=](Index begin, Index end) {
    for (Index i = begin; i < end; ++i) to[i] = to_bfloat16(from[i]);
  });
  return y;
}

Tensor rounded_to_bfloat16(const Tensor& x) {
  Tensor y(x.shape());
  const float* from = x.data();
  float* to = y.data();
  parallel_for(x.count(), elementwise_grain, [=](Index begin, Index end) {
    for (Index i = begin; i < end; ++i) to[i] = to_float(to_bfloat16(from[i]));
  });
  return y;
}

}  // namespace muonlab
