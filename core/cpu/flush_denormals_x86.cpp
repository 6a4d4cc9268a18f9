#include <xmmintrin.h>

#include "muonlab/core/flush_denormals.h"

namespace muonlab {
namespace {

constexpr unsigned flush_to_zero = 1U << 15;
constexpr unsigned denormals_are_zero = 1U << 6;

}  // namespace

FlushDenormals::FlushDenormals() noexcept : previous_(_mm_getcsr()) {
  _mm_setcsr(previous_ | flush_to_zero | denormals_are_zero);
}

FlushDenormals::~FlushDenormals() { _mm_setcsr(previous_); }

}  // namespace muonlab
