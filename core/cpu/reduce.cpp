#include "muonlab/core/kernels/reduce.h"

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <vector>

#include "muonlab/core/cpu/parallel.h"
#include "muonlab/core/cpu/sum.h"

namespace muonlab::kernel {
namespace {

/// Sum of term(i) over many elements, on all threads: pieces of fixed size, added in order.
template <class Term>
double parallel_sum(Index count, const Term& term) {
  const Index pieces = (count + elementwise_grain - 1) / elementwise_grain;
  std::vector<double> partial(static_cast<std::size_t>(pieces));
  parallel_for(count, elementwise_grain, [&](Index begin, Index end) {
    partial[begin / elementwise_grain] = sum(end - begin, [&](Index i) { return term(begin + i); });
  });
  double total = 0;
  for (const double value : partial) total += value;
  return total;
}

/// An element as a double; a denormal one counts as 0, because kernels run with FlushDenormals.
constexpr auto as_double = [](float x) { return double{x}; };

/// An element as a double, denormal ones included: four times as slow.
constexpr auto denormal_too = [](float x) {
  const auto bits = std::bit_cast<std::uint32_t>(x);
  const auto magnitude = static_cast<std::int32_t>(bits & 0x7FFFFFFF);
  const double denormal = magnitude * 0x1p-149;
  const bool is_normal = magnitude >= 0x00800000;
  return is_normal ? x : bits >> 31 == 0 ? denormal : -denormal;
};

/// Calls visit(norm of x, function that reads an element). Denormal elements, below 2^-126, do not
/// count beside a norm of 2^-60, so only smaller norms are computed with them.
template <class Visit>
void with_norm(const Tensor& x, const Visit& visit) {
  const auto norm_by = [&x](const auto& read) {
    return std::sqrt(parallel_sum(x.count(), [&read, data = x.data()](Index i) {
      const double value = read(data[i]);
      return value * value;
    }));
  };
  const double norm = norm_by(as_double);
  if (norm < 0x1p-60) return visit(norm_by(denormal_too), denormal_too);
  visit(norm, as_double);
}

/// y(i) = sum over j of x(j, i) for the columns [begin, end) of x, (size, inner).
void sum_columns(const float* x, float* y, Index size, Index inner, Index begin, Index end) {
  constexpr Index width = 64;  // columns added together: their sums stay in registers
  for (Index first = begin; first < end; first += width) {
    std::array<double, width> total{};
    const Index count = std::min(width, end - first);
    for (Index j = 0; j < size; ++j) {
      const float* row = x + j * inner + first;
      for (Index i = 0; i < count; ++i) total[i] += row[i];
    }
    for (Index i = 0; i < count; ++i) y[first + i] = static_cast<float>(total[i]);
  }
}

}  // namespace

void Sum::cpu() const {
  if (y.count() == 0) return;
  const float* from = x.data();
  float* to = y.data();
  if (inner > 1) {
    const Index grain = std::max<Index>(64, row_grain(size) / 64 * 64);
    const Index pieces = (inner + grain - 1) / grain;
    parallel_tasks(outer * pieces, [=, *this](Index task) {
      const Index o = task / pieces;
      const Index begin = task % pieces * grain;
      sum_columns(from + o * size * inner, to + o * inner, size, inner, begin,
                  std::min(begin + grain, inner));
    });
  } else if (outer > 1) {
    parallel_for(outer, row_grain(size), [=, *this](Index begin, Index end) {
      for (Index o = begin; o < end; ++o) {
        const float* row = from + o * size;
        to[o] = static_cast<float>(sum(size, [=](Index i) { return double{row[i]}; }));
      }
    });
  } else {
    *to = static_cast<float>(parallel_sum(size, [=](Index i) { return double{from[i]}; }));
  }
}

void ArgMax::cpu() const {
  const Index columns = x.shape().columns();
  std::int32_t* to = y.data();
  parallel_for(y.count(), row_grain(columns), [=, *this](Index begin, Index end) {
    for (Index r = begin; r < end; ++r) {
      const float* row = x.data() + r * columns;
      Index best = 0;
      for (Index i = 1; i < columns && !std::isnan(row[best]); ++i) {
        if (!(row[i] <= row[best])) best = i;
      }
      to[r] = static_cast<std::int32_t>(best);
    }
  });
}

void FrobeniusNorm::cpu() const {
  with_norm(x, [this](double found, const auto& /*read*/) { norm = found; });
}

void Normalize::cpu() const {
  with_norm(x, [this](double norm, const auto& read) {
    const double inverse = norm == 0 ? 0 : 1 / norm;
    const float* from = x.data();
    float* to = y.data();
    parallel_for(x.count(), elementwise_grain, [=](Index begin, Index end) {
      for (Index i = begin; i < end; ++i) to[i] = static_cast<float>(read(from[i]) * inverse);
    });
  });
}

void AllFinite::cpu() const {
  // 0 * value is 0, or NaN where the value is not finite.
  const double zero =
      parallel_sum(x.count(), [data = x.data()](Index i) { return 0.0 * double{data[i]}; });
  finite = zero == 0;
}

}  // namespace muonlab::kernel
