#include "muonlab/core/kernels/conv2d.h"

#include <algorithm>

#include "muonlab/core/cpu/bfloat16.h"
#include "muonlab/core/cpu/convolution.h"
#include "muonlab/core/cpu/parallel.h"
#include "muonlab/core/cpu/transpose.h"
#include "muonlab/core/cpu/unfold.h"
#include "muonlab/core/math.h"

// For one group of one image, the convolution is a product of the filters with the unfolded image
// x', and its gradients are products too:
//
//     y = w x'    dx' = w^T dy    dw = dy x'^T    x' = unfold(x): (taps, positions)
//
// x' is made panel by panel, so that it exists in the cache only. For bfloat16 the operands are
// rounded first and then multiplied in float32.
namespace muonlab::kernel {
namespace {

/// Cuts `positions` columns into panels and calls body(first, count) for each.
template <class Body>
void for_each_panel(Index positions, const Body& body) {
  for (Index first = 0; first < positions; first += panel_width) {
    body(first, std::min(panel_width, positions - first));
  }
}

/// Copies the first `count` columns of x into a panel; x's rows are `stride` floats apart.
void copy_columns(const float* x, Index stride, Index rows, Index count, float* panel) {
  const Index width = whole_vectors(count);
  for (Index i = 0; i < rows; ++i) {
    std::copy_n(x + i * stride, count, panel + i * width);
    std::fill_n(panel + i * width + count, width - count, 0.0F);
  }
}

/// Copies the same columns transposed: the panel is (count, rows).
void copy_transposed(const float* x, Index stride, Index rows, Index count, float* panel) {
  const Index width = whole_vectors(rows);
  if (width > rows) std::fill_n(panel, count * width, 0.0F);
  transpose(x, stride, rows, count, panel, width);
}

/// The number of pieces that a batch is cut into, each with its own sum of `size` floats: at most
/// 16, and fewer when the sums would take more than 64 MB. The number of threads plays no part, so
/// results do not depend on it.
Index pieces_for(Index images, Index size) {
  return std::min(images, std::clamp<Index>((Index{1} << 24) / size, 1, 16));
}

/// Zeros, written by this thread alone: within a task, the other threads have work of their own.
Tensor zeros(Index count) {
  Tensor t({count});
  std::fill_n(t.data(), count, 0.0F);
  return t;
}

}  // namespace

void Conv2d::cpu() const {
  if (convolve(*this)) return;
  if (precision == Precision::bfloat16) {
    const Tensor x16 = rounded_to_bfloat16(x);
    const Tensor w16 = rounded_to_bfloat16(w);
    return Conv2d{.x = x16,
                  .w = w16,
                  .bias = bias,
                  .y = y,
                  .options = options,
                  .precision = Precision::float32}
        .cpu();
  }
  const Unfold unfold(x.shape(), w.shape(), y.shape(), options);
  const Index out = w.shape()[0] / options.groups;
  const Index taps = unfold.taps();
  const Index positions = unfold.positions();
  parallel_tasks(x.shape()[0] * options.groups, [&, out, taps, positions](Index image) {
    const Index group = image % options.groups;
    const float* filters = w.data() + group * out * taps;
    float* to = y.data() + image * out * positions;
    Tensor padded = zeros(unfold.padded());
    Tensor panel({taps * panel_width});
    Tensor sums({out * panel_width});
    unfold.pad(x.data() + image * unfold.image(), padded.data());
    for_each_panel(positions, [&, out, taps, positions](Index first, Index count) {
      const Index width = whole_vectors(count);
      unfold.unfold(padded.data(), first, count, panel.data());
      for (Index o = 0; o < out; ++o) {
        std::fill_n(sums.data() + o * width, width, bias ? bias->data()[group * out + o] : 0.0F);
      }
      multiply_panel({.a = filters,
                      .b = panel.data(),
                      .c = sums.data(),
                      .rows = out,
                      .k = taps,
                      .width = width,
                      .a_stride = taps,
                      .c_stride = width});
      for (Index o = 0; o < out; ++o) {
        std::copy_n(sums.data() + o * width, count, to + o * positions + first);
      }
    });
  });
}

void Conv2dInputGrad::cpu() const {
  if (convolve(*this)) return;
  if (precision == Precision::bfloat16) {
    const Tensor w16 = rounded_to_bfloat16(w);
    const Tensor dy16 = rounded_to_bfloat16(dy);
    return Conv2dInputGrad{
        .w = w16, .dy = dy16, .dx = dx, .options = options, .precision = Precision::float32}
        .cpu();
  }
  const Unfold unfold(dx.shape(), w.shape(), dy.shape(), options);
  const Index out = w.shape()[0] / options.groups;
  const Index taps = unfold.taps();
  const Index positions = unfold.positions();
  const Tensor transposed = math::permute(w.reshape({options.groups, out, taps}), {0, 2, 1});
  parallel_tasks(dx.shape()[0] * options.groups, [&, out, taps, positions](Index image) {
    const float* filters = transposed.data() + image % options.groups * taps * out;
    const float* from = dy.data() + image * out * positions;
    Tensor padded = zeros(unfold.padded());
    Tensor panel({out * panel_width});
    Tensor sums({taps * panel_width});
    for_each_panel(positions, [&, out, taps, positions](Index first, Index count) {
      const Index width = whole_vectors(count);
      copy_columns(from + first, positions, out, count, panel.data());
      std::fill_n(sums.data(), taps * width, 0.0F);
      multiply_panel({.a = filters,
                      .b = panel.data(),
                      .c = sums.data(),
                      .rows = taps,
                      .k = out,
                      .width = width,
                      .a_stride = out,
                      .c_stride = width});
      unfold.fold(sums.data(), first, count, padded.data());
    });
    unfold.crop(padded.data(), dx.data() + image * unfold.image());
  });
}

void Conv2dWeightGrad::cpu() const {
  if (convolve(*this)) return;
  if (precision == Precision::bfloat16) {
    const Tensor x16 = rounded_to_bfloat16(x);
    const Tensor dy16 = rounded_to_bfloat16(dy);
    return Conv2dWeightGrad{
        .x = x16, .dy = dy16, .dw = dw, .options = options, .precision = Precision::float32}
        .cpu();
  }
  const Unfold unfold(x.shape(), dw.shape(), dy.shape(), options);
  const Index out = dw.shape()[0] / options.groups;
  const Index taps = unfold.taps();
  const Index positions = unfold.positions();
  const Index columns = whole_vectors(out);
  const Index images = x.shape()[0];
  const Index pieces = pieces_for(images, options.groups * taps * columns);
  Tensor sums = math::zeros({pieces, options.groups, taps, columns});  // transposed, of each piece
  parallel_tasks(pieces * options.groups, [&, out, taps, positions, columns](Index task) {
    const Index piece = task / options.groups;
    Tensor padded = zeros(unfold.padded());
    Tensor panel({taps * panel_width});
    Tensor transposed({panel_width * panel_width});
    for (Index n = images * piece / pieces; n < images * (piece + 1) / pieces; ++n) {
      const Index image = n * options.groups + task % options.groups;
      const float* from = dy.data() + image * out * positions;
      unfold.pad(x.data() + image * unfold.image(), padded.data());
      for_each_panel(positions, [&, out, taps, positions, columns](Index first, Index count) {
        unfold.unfold(padded.data(), first, count, panel.data());
        for_each_panel(out, [&, taps, positions, columns](Index channel, Index channels) {
          copy_transposed(from + channel * positions + first, positions, channels, count,
                          transposed.data());
          multiply_panel({.a = panel.data(),
                          .b = transposed.data(),
                          .c = sums.data() + task * taps * columns + channel,
                          .rows = taps,
                          .k = count,
                          .width = whole_vectors(channels),
                          .a_stride = whole_vectors(count),
                          .c_stride = columns});
        });
      });
    }
  });
  const Tensor total = math::slice(math::sum(sums, 0), -1, 0, out);
  dw.copy_from(math::permute(total, {0, 2, 1}).reshape(dw.shape()));
}

}  // namespace muonlab::kernel
