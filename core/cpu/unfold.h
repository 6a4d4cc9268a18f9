#pragma once

#include <array>
#include <vector>

#include "core/cpu/panel.h"
#include "core/kernels/conv2d.h"

namespace muonlab {

/// The images of one group of a convolution as the matrix (taps, positions) whose product with the
/// filters (out, taps) is the convolution: element (t, q) is the pixel that tap t = (c, u, v) sees
/// when the filter is at position q = (i, j). The matrix is made in panels of positions, from a
/// copy of the image that has its zeros around it, so that no pixel needs a check.
class Unfold {
 public:
  /// For images `x` (n, in, h, w), filters `w` (out, in / groups, kh, kw), results `y`
  /// (n, out, oh, ow).
  Unfold(const Shape& x, const Shape& w, const Shape& y, const Conv2dOptions& options);

  Index taps() const { return channels_ * taps_of_channel(); }
  Index positions() const { return out_[0] * out_[1]; }

  /// Floats of a group's image, and of pad()'s result.
  Index image() const { return channels_ * in_[0] * in_[1]; }
  Index padded() const { return channels_ * padded_[0] * padded_[1]; }

  /// Copies an image into the middle of `padded`, whose border is zero already.
  void pad(const float* image, float* padded) const;

  /// The transposed of pad(): the middle of `padded`.
  void crop(const float* padded, float* image) const;

  /// Columns [first, first + count) of the matrix; columns from count to width are zero.
  void unfold(const float* padded, Index first, Index count, float* panel) const;

  /// The transposed of unfold(): adds every column to the pixels that it came from.
  void fold(const float* panel, Index first, Index count, float* padded) const;

 private:
  /// Calls visit(row, middle) for every row of an image: where it begins, and where its copy does.
  template <class Visit>
  void for_each_row(const Visit& visit) const;

  /// Calls visit(length, column, pixel) for every channel, and every row of the result that the
  /// columns touch: `length` columns from `column` of the panel on, the first tap's, see pixels a
  /// stride apart, from `pixel` of the padded image on; for the other taps see taps_.
  template <class Visit>
  void for_each_run(Index first, Index count, const Visit& visit) const;

  Index taps_of_channel() const { return static_cast<Index>(taps_.size()); }

  Index channels_;  // of a group
  std::array<Index, 2> in_, out_, padded_;
  Conv2dOptions options_;

  /// A tap (u, v) of a channel: its row of the matrix and the pixel it sees, both counted from
  /// those of tap (0, 0).
  struct Tap {
    Index row, pixel;
  };
  std::vector<Tap> taps_;
};

}  // namespace muonlab
