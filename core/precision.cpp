#include "muonlab/core/precision.h"

namespace muonlab {
namespace {

thread_local Precision current = Precision::float32;

}  // namespace

std::string_view name_of(Precision precision) {
  return precision == Precision::float32 ? "float32" : "bfloat16";
}

Precision fastest_precision(Device device) {
  return device == Device::cuda ? Precision::bfloat16 : fastest_precision();
}

Precision product_precision() { return current; }

ProductPrecision::ProductPrecision(Precision precision) : previous_(current) {
  current = precision;
}
ProductPrecision::~ProductPrecision() { current = previous_; }

}  // namespace muonlab
