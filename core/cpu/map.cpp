#include "muonlab/core/kernels/map.h"

#include "muonlab/core/cpu/parallel.h"
#include "muonlab/core/cpu/vector_math.h"

namespace muonlab::kernel {
namespace {

/// F for loops: calls of <cmath> are replaced by vector_math, which the compiler vectorizes.
template <class F>
struct Vectorized : F {};

template <>
struct Vectorized<Tanh> : Tanh {
  static float value(float x) { return vector_math::tanh(x); }
};

template <>
struct Vectorized<Sigmoid> : Sigmoid {
  static float value(float x) { return vector_math::sigmoid(x); }
};

template <>
struct Vectorized<Silu> {
  static float value(float x) { return times(x, vector_math::sigmoid(x)); }
  static float slope(float x, float y) { return Silu::slope_given(y, vector_math::sigmoid(x)); }
};

template <>
struct Vectorized<Gelu> {
  static float value(float x) { return times(x, vector_math::Normal::at(x).below); }
  static float slope(float x, float /*y*/) {
    const auto normal = vector_math::Normal::at(x);
    return normal.below + times(x * 0.39894228F, normal.density);  // 1 / sqrt(2 pi)
  }
};

template <>
struct Vectorized<GeluTanh> {
  static float value(float x) { return times(x, vector_math::sigmoid(GeluTanh::twice_t(x))); }
  static float slope(float x, float /*y*/) {
    return GeluTanh::slope_given(x, vector_math::sigmoid(GeluTanh::twice_t(x)));
  }
};

template <>
struct Vectorized<Exp> : Exp {
  static float value(float x) { return vector_math::exp(x); }
};

template <>
struct Vectorized<Log> : Log {
  static float value(float x) { return vector_math::log(x); }
};

}  // namespace

void Map::cpu() const {
  visit(function, [this]<class F>(F) {
    const Vectorized<F> f{};
    const float* from = x.data();
    float* to = y.data();
    parallel_for(x.count(), elementwise_grain, [=](Index begin, Index end) {
      for (Index i = begin; i < end; ++i) to[i] = f.value(from[i]);
    });
  });
}

void MapGrad::cpu() const {
  visit(function, [this]<class F>(F) {
    const Vectorized<F> f{};
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
