#pragma once

#include <string>
#include <string_view>

#include "muonlab/core/memory.h"

namespace muonlab {

/// The format to which matrix products and convolutions round their operands. Sums and results are
/// float32 with both: precision is a property of products, not of tensors.
enum class Precision {
  float32,
  bfloat16,  ///< operands rounded to 8 significant bits: relative error at most 2^-8 each
};

/// "float32", "bfloat16".
std::string_view name_of(Precision precision);

/// The precision of this thread's products: float32 outside of any ProductPrecision. The gradients
/// of a product are computed in the precision of the product itself.
Precision product_precision();

/// A scope in which this thread's products have this precision. Products of optimizers stay
/// float32, unless a rule has an option for it:
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

/// The same for a device: bfloat16 for a GPU, as all since 2020 have it.
Precision fastest_precision(Device device);

/// The library that multiplies and convolves on the CPU, with its version: "oneDNN 2.6.3".
std::string product_library();

}  // namespace muonlab
