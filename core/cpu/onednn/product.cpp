#include "muonlab/core/cpu/product.h"

#include <oneapi/dnnl/dnnl.hpp>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <unordered_map>
#include <utility>

#include "muonlab/core/cpu/onednn/library.h"
#include "muonlab/core/error.h"
#include "muonlab/core/precision.h"

namespace muonlab {
namespace {

using dnnl::memory;

template <class T>
memory::desc desc_of(Index rows, Index columns, bool transposed) {
  const auto type = std::is_same_v<T, float> ? memory::data_type::f32 : memory::data_type::bf16;
  return {{rows, columns}, type, transposed ? memory::format_tag::ba : memory::format_tag::ab};
}

/// A compiled product of given sizes, with the places of its matrices.
class Multiplication {
 public:
  template <class T>
  explicit Multiplication(const Product<T>& p) {
    const dnnl::matmul::primitive_desc plan(
        {desc_of<T>(p.m, p.k, p.a_transposed), desc_of<T>(p.k, p.n, p.b_transposed),
         desc_of<float>(p.m, p.n, false)},
        onednn::engine());
    // Any other implementation ("gemm") moves the stack pointer to the heap, where the handler of a
    // signal then overwrites what it finds. This one takes dense matrices of all sizes.
    check(std::string_view(plan.impl_info_str()).starts_with("brg"),
          "matmul: oneDNN has no block product for this processor, but ", plan.impl_info_str(),
          "; build with -DMUONLAB_ONEDNN=OFF");
    matmul_ = dnnl::matmul(plan);
    for (const auto& [name, desc] : {std::pair(DNNL_ARG_SRC, plan.src_desc()),
                                     std::pair(DNNL_ARG_WEIGHTS, plan.weights_desc()),
                                     std::pair(DNNL_ARG_DST, plan.dst_desc())}) {
      arguments_.emplace(name, memory(desc, onednn::engine(), nullptr));
    }
  }

  /// const_cast, because oneDNN's interface has no const; a and b are only read.
  template <class T>
  void run(const Product<T>& p) {
    arguments_[DNNL_ARG_SRC].set_data_handle(const_cast<T*>(p.a));
    arguments_[DNNL_ARG_WEIGHTS].set_data_handle(const_cast<T*>(p.b));
    arguments_[DNNL_ARG_DST].set_data_handle(p.c);
    matmul_.execute(onednn::stream(), arguments_);
  }

 private:
  dnnl::matmul matmul_;
  std::unordered_map<int, memory> arguments_;
};

template <class T>
void multiply_by_onednn(const Product<T>& p) {
  const onednn::OneThread alone;
  const std::tuple key(p.m, p.n, p.k, p.a_transposed, p.b_transposed);
  thread_local const onednn::Own<onednn::Cache<decltype(key), Multiplication, 1024>> cache;
  cache->get(key, [&p] { return Multiplication(p); }).run(p);
}

}  // namespace

void multiply(const Product<float>& product) { multiply_by_onednn(product); }
void multiply(const Product<Bfloat16>& product) { multiply_by_onednn(product); }

Precision fastest_precision() {
  constexpr auto needed = static_cast<unsigned>(dnnl::cpu_isa::avx512_core_bf16);
  static const bool has_bfloat16 =
      (static_cast<unsigned>(dnnl::get_effective_cpu_isa()) & needed) == needed;
  return has_bfloat16 ? Precision::bfloat16 : Precision::float32;
}

std::string product_library() {
  const dnnl_version_t& v = *dnnl::version();
  return "oneDNN " + std::to_string(v.major) + "." + std::to_string(v.minor) + "." +
         std::to_string(v.patch);
}

}  // namespace muonlab
