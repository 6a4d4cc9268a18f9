#include "muonlab/core/kernels/map.h"

#include "muonlab/core/cuda/launch.cuh"

namespace muonlab::kernel {
namespace {

template <class F>
void map(F f, const Map& k) {
  const float* x = cuda::on_gpu(k.x);
  float* y = cuda::on_gpu(k.y);
  cuda::for_each(k.x.count(), [=] __device__(Index i) { y[i] = f.value(x[i]); });
}

template <class F>
void map_grad(F f, const MapGrad& k) {
  const float* x = cuda::on_gpu(k.x);
  const float* y = cuda::on_gpu(k.y);
  const float* dy = cuda::on_gpu(k.dy);
  float* dx = cuda::on_gpu(k.dx);
  cuda::for_each(k.x.count(), [=] __device__(Index i) { dx[i] = dy[i] * f.slope(x[i], y[i]); });
}

}  // namespace

void Map::cuda() const {
  visit(function, [this](auto f) { map(f, *this); });
}

void MapGrad::cuda() const {
  visit(function, [this](auto f) { map_grad(f, *this); });
}

}  // namespace muonlab::kernel
