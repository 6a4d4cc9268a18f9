#include "muonlab/core/kernels/softmax.h"

#include <cmath>

#include "muonlab/core/cpu/parallel.h"
#include "muonlab/core/cpu/sum.h"
#include "muonlab/core/cpu/vector_math.h"

namespace muonlab::kernel {
namespace {

/// Calls body(offset of the row, n) for every row of n elements.
template <class Body>
void for_rows(const Shape& shape, const Body& body) {
  const Index n = shape.columns();
  parallel_for(shape.rows(), row_grain(n), [&](Index begin, Index end) {
    for (Index row = begin; row < end; ++row) body(row * n, n);
  });
}

}  // namespace

void Softmax::cpu() const {
  for_rows(x.shape(), [this](Index row, Index n) {
    const float* in = x.data() + row;
    float* out = y.data() + row;
    const float top = largest(n, in);
    for (Index i = 0; i < n; ++i) out[i] = vector_math::exp(in[i] - top);
    const auto total = static_cast<float>(sum(n, [=](Index i) { return double{out[i]}; }));
    for (Index i = 0; i < n; ++i) out[i] /= total;
  });
}

void SoftmaxGrad::cpu() const {
  for_rows(y.shape(), [this](Index row, Index n) {
    const float* out = y.data() + row;
    const float* dout = dy.data() + row;
    float* din = dx.data() + row;
    const auto total =
        static_cast<float>(sum(n, [=](Index i) { return double{out[i]} * dout[i]; }));
    for (Index i = 0; i < n; ++i) din[i] = out[i] * (dout[i] - total);
  });
}

void LogSoftmax::cpu() const {
  for_rows(x.shape(), [this](Index row, Index n) {
    const float* in = x.data() + row;
    float* out = y.data() + row;
    const float top = largest(n, in);
    const double total = sum(n, [=](Index i) { return double{vector_math::exp(in[i] - top)}; });
    const auto log_total = static_cast<float>(std::log(total));
    for (Index i = 0; i < n; ++i) out[i] = in[i] - top - log_total;
  });
}

void LogSoftmaxGrad::cpu() const {
  for_rows(y.shape(), [this](Index row, Index n) {
    const float* out = y.data() + row;
    const float* dout = dy.data() + row;
    float* din = dx.data() + row;
    const auto total = static_cast<float>(sum(n, [=](Index i) { return double{dout[i]}; }));
    for (Index i = 0; i < n; ++i) din[i] = dout[i] - vector_math::exp(out[i]) * total;
  });
}

}  // namespace muonlab::kernel
