#pragma once

#include <string>
#include <string_view>

#include "core/memory.h"

namespace muonlab {

/// How products of matrices and convolutions take their operands. Sums and results are float32 with
/// both: this is a property of products, not of tensors.
enum class Precision {
  float32,
  bfloat16,  ///< operands rounded to 8 significant bits: relative error at most 2^-8 each
};

/// "float32", "bfloat16".
std::string_view name_of(Precision precision);

/// The precision that this thread's products have now: float32, unless a ProductPrecision lives.
/// The gradients of a product have its own precision, whatever holds when they are computed.
Precision product_precision();

/// While one lives, products of this thread have this precision, but for those of optimizers, which
/// are float32 unless a rule has an option for it:
///
///     const ProductPrecision scope(Precision::bfloat16);
///     const Variable loss = cross_entropy(model(x), labels);
class ProductPrecision {
 public:
  explicit ProductPrecision(Precision precision);
  ~ProductPrecision();
  ProductPrecision(const ProductPrecision&) = delete;
  ProductPrecision& operator=(const ProductPrecision&) = delete;

 private:
  Precision previous_;
};

/// The precision in which this machine's CPU and this build multiply fastest: bfloat16 where both
/// have instructions for it, such as AVX512-BF16 or AMX with oneDNN, else float32.
Precision fastest_precision();

/// The same of a device; a GPU's is bfloat16, which all have since 2020.
Precision fastest_precision(Device device);

/// What multiplies and convolves on the CPU, with its version: "oneDNN 2.6.3".
std::string product_library();

}  // namespace muonlab
