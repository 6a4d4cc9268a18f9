#include "core/cpu/product.h"

#include <map>
#include <oneapi/dnnl/dnnl.hpp>
#include <tuple>
#include <utility>

#include "core/cpu/onednn/library.h"
#include "core/precision.h"

namespace muonlab {
namespace {

using dnnl::memory;

template <class T>
memory::desc desc_of(const Operand<T>& x, Index rows, Index columns) {
  const auto type = std::is_same_v<T, float> ? memory::data_type::f32 : memory::data_type::bf16;
  const auto strides = x.transposed ? memory::dims{1, x.stride} : memory::dims{x.stride, 1};
  return {{rows, columns}, type, strides};
}

/// A product of given sizes, compiled, and where it finds its matrices.
class Multiplication {
 public:
  template <class T>
  explicit Multiplication(const Product<T>& p) {
    dnnl::primitive_attr attributes;
    if (p.alpha != 1) attributes.set_output_scales(0, {p.alpha});
    if (p.add) {
      dnnl::post_ops after;
      after.append_sum();
      attributes.set_post_ops(after);
    }
    const memory::desc c({p.m, p.n}, memory::data_type::f32, memory::dims{p.c_stride, 1});
    const dnnl::matmul::primitive_desc plan({desc_of(p.a, p.m, p.k), desc_of(p.b, p.k, p.n), c},
                                            attributes, onednn::engine());
    matmul_ = dnnl::matmul(plan);
    for (const auto& [name, desc] : {std::pair(DNNL_ARG_SRC, plan.src_desc()),
                                     std::pair(DNNL_ARG_WEIGHTS, plan.weights_desc()),
                                     std::pair(DNNL_ARG_DST, plan.dst_desc())}) {
      arguments_.emplace(name, memory(desc, onednn::engine(), nullptr));
    }
  }

  /// All three are read or written only during the call; oneDNN's interface knows no const.
  template <class T>
  void run(const Product<T>& p) {
    arguments_[DNNL_ARG_SRC].set_data_handle(const_cast<T*>(p.a.data));
    arguments_[DNNL_ARG_WEIGHTS].set_data_handle(const_cast<T*>(p.b.data));
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
  const std::tuple key(p.m, p.n, p.k, p.a.stride, p.a.transposed, p.b.stride, p.b.transposed,
                       p.c_stride, p.alpha, p.add);
  thread_local auto& cache = onednn::immortal<onednn::Cache<decltype(key), Multiplication>>();
  cache.get(key, [&p] { return Multiplication(p); }).run(p);
}

}  // namespace

void multiply(const Product<float>& product) { multiply_by_onednn(product); }
void multiply(const Product<Bfloat16>& product) { multiply_by_onednn(product); }

Precision fastest_precision() {
  static const bool has_bfloat16 = dnnl::get_effective_cpu_isa() >= dnnl::cpu_isa::avx512_core_bf16;
  return has_bfloat16 ? Precision::bfloat16 : Precision::float32;
}

std::string product_library() {
  const dnnl_version_t& v = *dnnl::version();
  return "oneDNN " + std::to_string(v.major) + "." + std::to_string(v.minor) + "." +
         std::to_string(v.patch);
}

}  // namespace muonlab
