#include "muonlab/core/cpu/convolution.h"

#include <algorithm>
#include <memory>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "muonlab/core/cpu/onednn/library.h"
#include "muonlab/core/cpu/onednn/planned.h"
#include "muonlab/core/cpu/parallel.h"
#include "muonlab/core/math.h"

// oneDNN convolves in layouts of its own, with 16 channels of a pixel side by side. Images are
// converted to them and back one at a time (for the filters' gradient, a few at a time), so that
// these layouts exist in the cache only.
namespace muonlab {
namespace {

using onednn::Memory;
using onednn::Planned;

constexpr auto float32 = Memory::data_type::f32;
constexpr auto direct = dnnl::algorithm::convolution_direct;

/// What oneDNN compiles a convolution for: sizes, options and type.
struct Problem {
  Memory::dims x, w, y;  // (n, in, h, w); (groups, out / groups, in / groups, kh, kw); ...
  Memory::dims stride, padding, dilation;
  Memory::data_type type;  // of the operands

  Problem(Index images, const Shape& xs, const Shape& ws, const Shape& ys, const Conv2dOptions& o,
          Precision precision)
      : x{images, xs[1], xs[2], xs[3]},
        w{o.groups, ws[0] / o.groups, ws[1], ws[2], ws[3]},
        y{images, ys[1], ys[2], ys[3]},
        stride{o.stride[0], o.stride[1]},
        padding{o.padding[0], o.padding[1]},
        dilation{o.dilation[0] - 1, o.dilation[1] - 1},  // oneDNN counts the gaps
        type(precision == Precision::float32 ? float32 : Memory::data_type::bf16) {}

  auto key() const { return std::tie(x, w, y, stride, padding, dilation, type); }
  bool operator<(const Problem& other) const { return key() < other.key(); }
};

/// An array whose layout the plan is free to choose.
Memory::desc any(const Memory::dims& dims, Memory::data_type type) {
  return {dims, type, Memory::format_tag::any};
}

/// Whether oneDNN generates code for these shapes. Its other implementations are slower than our
/// own convolution, and one of them moves the stack pointer, see product.cpp.
template <class Plan>
bool is_compiled(const Plan& plan) {
  const std::string_view name = plan.impl_info_str();
  return name.starts_with("jit") || name.starts_with("brg");
}

dnnl::convolution_forward::primitive_desc forward_plan(const Problem& p) {
  return {{dnnl::prop_kind::forward_training, direct, any(p.x, p.type), any(p.w, p.type),
           any({p.y[1]}, float32), any(p.y, float32), p.stride, p.dilation, p.padding, p.padding},
          onednn::engine()};
}

/// y = w * x + bias.
struct Forward {
  using Plan = dnnl::convolution_forward::primitive_desc;
  static Plan plan(const Problem& p) { return forward_plan(p); }
  Forward(const Plan& plan, const Problem& p)
      : run(plan), x(p.x, plan.src_desc()), y(p.y, plan.dst_desc()), w(plan.weights_desc()) {}

  void operator()(const float* from, const Memory& weights, const Memory& bias, float* to) {
    const onednn::OneThread alone;
    run.execute(onednn::stream(), {{DNNL_ARG_SRC, x.read(from)},
                                   {DNNL_ARG_WEIGHTS, weights},
                                   {DNNL_ARG_BIAS, bias},
                                   {DNNL_ARG_DST, y.result()}});
    y.write(to);
  }

  dnnl::convolution_forward run;
  Planned x, y;
  Memory::desc w;
};

/// dx from dy and w.
struct InputGrad {
  using Plan = dnnl::convolution_backward_data::primitive_desc;
  static Plan plan(const Problem& p) {
    return {{direct, any(p.x, float32), any(p.w, p.type), any(p.y, p.type), p.stride, p.dilation,
             p.padding, p.padding},
            onednn::engine(),
            forward_plan(p)};
  }
  InputGrad(const Plan& plan, const Problem& p)
      : run(plan),
        dy(p.y, plan.diff_dst_desc()),
        dx(p.x, plan.diff_src_desc()),
        w(plan.weights_desc()) {}

  void operator()(const float* from, const Memory& weights, float* to) {
    const onednn::OneThread alone;
    run.execute(onednn::stream(), {{DNNL_ARG_DIFF_DST, dy.read(from)},
                                   {DNNL_ARG_WEIGHTS, weights},
                                   {DNNL_ARG_DIFF_SRC, dx.result()}});
    dx.write(to);
  }

  dnnl::convolution_backward_data run;
  Planned dy, dx;
  Memory::desc w;
};

/// dw from x and dy, summed over images.
struct WeightGrad {
  using Plan = dnnl::convolution_backward_weights::primitive_desc;
  static Plan plan(const Problem& p) {
    return {{direct, any(p.x, p.type), any(p.w, float32), any(p.y, p.type), p.stride, p.dilation,
             p.padding, p.padding},
            onednn::engine(),
            forward_plan(p)};
  }
  WeightGrad(const Plan& plan, const Problem& p)
      : run(plan),
        x(p.x, plan.src_desc()),
        dy(p.y, plan.diff_dst_desc()),
        dw(p.w, plan.diff_weights_desc()) {}

  void operator()(const float* x_from, const float* dy_from, float* to) {
    const onednn::OneThread alone;
    run.execute(onednn::stream(), {{DNNL_ARG_SRC, x.read(x_from)},
                                   {DNNL_ARG_DIFF_DST, dy.read(dy_from)},
                                   {DNNL_ARG_DIFF_WEIGHTS, dw.result()}});
    dw.write(to);
  }

  dnnl::convolution_backward_weights run;
  Planned x, dy, dw;
};

/// This thread's primitive for a problem, compiled on first use; null when oneDNN has no good one.
template <class Pass>
Pass* compiled(const Problem& problem) {
  const onednn::OneThread alone;
  thread_local const onednn::Own<onednn::Cache<Problem, std::unique_ptr<Pass>, 256>> cache;
  return cache
      ->get(problem,
            [&problem]() -> std::unique_ptr<Pass> {
              try {
                const typename Pass::Plan plan = Pass::plan(problem);
                return is_compiled(plan) ? std::make_unique<Pass>(plan, problem) : nullptr;
              } catch (const dnnl::error&) {  // sizes that oneDNN does not take
                return nullptr;
              }
            })
      .get();
}

/// The filters in the plan's layout, converted once and read by all threads.
struct Filters {
  Filters(const Problem& p, const Tensor& w, const Memory::desc& plan)
      : storage({static_cast<Index>(plan.get_size())}),
        planned(plan, onednn::engine(), storage.data()) {
    const onednn::OneThread alone;
    Memory from = onednn::ours(p.w, w.data());
    dnnl::reorder(from, planned).execute(onednn::stream(), from, planned);
  }
  Bytes storage;
  Memory planned;
};

/// Cuts the images of a piece into runs [begin, end) so short that oneDNN's layouts of them stay in
/// the cache.
std::vector<std::pair<Index, Index>> runs(Index images, Index piece, Index pieces) {
  constexpr Index most = 8;
  std::vector<std::pair<Index, Index>> result;
  const Index end = images * (piece + 1) / pieces;
  for (Index begin = images * piece / pieces; begin < end; begin += most) {
    result.emplace_back(begin, std::min(begin + most, end));
  }
  return result;
}

}  // namespace

bool convolve(const kernel::Conv2d& call) {
  const Problem one(1, call.x.shape(), call.w.shape(), call.y.shape(), call.options,
                    call.precision);
  const Forward* pass = compiled<Forward>(one);
  if (pass == nullptr) return false;
  const Filters filters(one, call.w, pass->w);
  const Tensor bias = call.bias == nullptr ? math::zeros({one.y[1]}) : *call.bias;
  const Memory bias_memory({{one.y[1]}, float32, Memory::format_tag::x}, onednn::engine(),
                           const_cast<float*>(bias.data()));
  const Index images = call.x.shape()[0];
  parallel_tasks(images, [&, images](Index i) {
    (*compiled<Forward>(one))(call.x.data() + i * (call.x.count() / images), filters.planned,
                              bias_memory, call.y.data() + i * (call.y.count() / images));
  });
  return true;
}

bool convolve(const kernel::Conv2dInputGrad& call) {
  const Problem one(1, call.dx.shape(), call.w.shape(), call.dy.shape(), call.options,
                    call.precision);
  const InputGrad* pass = compiled<InputGrad>(one);
  if (pass == nullptr) return false;
  const Filters filters(one, call.w, pass->w);
  const Index images = call.dx.shape()[0];
  parallel_tasks(images, [&, images](Index i) {
    (*compiled<InputGrad>(one))(call.dy.data() + i * (call.dy.count() / images), filters.planned,
                                call.dx.data() + i * (call.dx.count() / images));
  });
  return true;
}

bool convolve(const kernel::Conv2dWeightGrad& call) {
  const Index images = call.x.shape()[0];
  const Index pieces = std::min<Index>(images, 16);  // each with a sum of its own
  const auto problem = [&call](Index count) {
    return Problem(count, call.x.shape(), call.dw.shape(), call.dy.shape(), call.options,
                   call.precision);
  };
  for (Index piece = 0; piece < pieces; ++piece) {
    for (const auto& [begin, end] : runs(images, piece, pieces)) {
      if (compiled<WeightGrad>(problem(end - begin)) == nullptr) return false;
    }
  }
  Tensor sums({pieces, call.dw.count()});
  parallel_tasks(pieces, [&, images, pieces](Index piece) {
    Tensor sum = sums.slice(piece, piece + 1);
    Tensor more;
    for (const auto& [begin, end] : runs(images, piece, pieces)) {
      const bool is_first = begin == images * piece / pieces;
      if (!is_first && more.count() == 0) more = Tensor(sum.shape());
      float* total = sum.data();
      float* dw = is_first ? total : more.data();
      (*compiled<WeightGrad>(problem(end - begin)))(
          call.x.data() + begin * (call.x.count() / images),
          call.dy.data() + begin * (call.dy.count() / images), dw);
      for (Index i = 0; !is_first && i < sum.count(); ++i) total[i] += dw[i];
    }
  });
  call.dw.copy_from(math::sum(sums, 0).reshape(call.dw.shape()));
  return true;
}

}  // namespace muonlab
