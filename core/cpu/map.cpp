#include "core/kernels/map.h"

#include "core/cpu/parallel.h"

namespace muonlab::kernel {

void Map::cpu() const {
  visit(function, [this](auto f) {
    const float* from = x.data();
    float* to = y.data();
    parallel_for(x.count(), elementwise_grain, [=](Index begin, Index end) {
      for (Index i = begin; i < end; ++i) to[i] = f.value(from[i]);
    });
  });
}

void MapGrad::cpu() const {
  visit(function, [this](auto f) {
    const float* in = x.data();
    const float* out = y.data();
    const float* dout = dy.data();
    float* din = dx.data();
    parallel_for(x.count(), elementwise_grain, [=](Index begin, Index end) {
      for (Index i = begin; i < end; ++i) din[i] = dout[i] * f.slope(in[i], out[i]);
    });
  });
}

}  // namespace muonlab::kernel
