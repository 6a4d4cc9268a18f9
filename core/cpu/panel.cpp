#include "muonlab/core/cpu/panel.h"

namespace muonlab {
namespace {

using Vector [[gnu::vector_size(lanes * sizeof(float)), gnu::may_alias]] = float;

/// Computes `rows` rows of `vectors` vectors of c, with all of their sums in registers at once.
template <int rows, int vectors>
void multiply(const PanelProduct& p, Index row) {
  const float* a = p.a + row * p.a_stride;
  const float* b = p.b;
  const auto c = [&p, row](int r, int v) {
    return reinterpret_cast<Vector*>(p.c + (row + r) * p.c_stride + v * lanes);
  };
  Vector sum[rows][vectors];
  for (int r = 0; r < rows; ++r) {
    for (int v = 0; v < vectors; ++v) sum[r][v] = *c(r, v);
  }
  for (Index k = 0; k < p.k; ++k, b += vectors * lanes) {
    Vector x[vectors];
    for (int v = 0; v < vectors; ++v) x[v] = reinterpret_cast<const Vector*>(b)[v];
    for (int r = 0; r < rows; ++r) {
      for (int v = 0; v < vectors; ++v) sum[r][v] += a[r * p.a_stride + k] * x[v];
    }
  }
  for (int r = 0; r < rows; ++r) {
    for (int v = 0; v < vectors; ++v) *c(r, v) = sum[r][v];
  }
}

template <int vectors>
void multiply_rows(const PanelProduct& p) {
  Index row = 0;
  for (; row + 6 <= p.rows; row += 6) multiply<6, vectors>(p, row);
  for (; row + 2 <= p.rows; row += 2) multiply<2, vectors>(p, row);
  if (row < p.rows) multiply<1, vectors>(p, row);
}

}  // namespace

void multiply_panel(const PanelProduct& product) {
  switch (product.width / lanes) {
    case 1: return multiply_rows<1>(product);
    case 2: return multiply_rows<2>(product);
    case 3: return multiply_rows<3>(product);
    default: return multiply_rows<4>(product);
  }
}

}  // namespace muonlab
