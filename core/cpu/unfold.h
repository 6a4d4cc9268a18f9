#pragma once

#include <array>
#include <vector>

#include "muonlab/core/cpu/panel.h"
#include "muonlab/core/kernels/conv2d.h"

namespace muonlab {

/// The images of one group of a convolution as the matrix (taps, positions) whose product with the
/// filters (out, taps) is the convolution: element (t, q) is the pixel that tap t = (c, u, v) sees
/// when the filter is at position q = (i, j). The matrix is made in panels of positions, from a
/// copy of the image that is padded with zeros, so that no pixel needs a check.
class Unfold {
 public:
  /// For images `x` (n, in, h, w), filters `w` (out, in / groups, kh, kw), results `y`
  /// (n, out, oh, ow).
  Unfold(const Shape& x, const Shape& w, const Shape& y, const Conv2dOptions& options);

  Index taps() const { return channels_ * taps_of_channel(); }
  Index positions() const { return out_[0] * out_[1]; }

  /// Floats of one group of an image, and of its padded copy.
  Index image() const { return channels_ * in_[0] * in_[1]; }
  Index padded() const { return channels_ * padded_[0] * padded_[1]; }

  /// Copies an image into the middle of `padded`, whose border is zero already.
  void pad(const float* image, float* padded) const;

  /// The transpose of pad(): copies the middle of `padded` into an image.
  void crop(const float* padded, float* image) const;

  /// Writes columns [first, first + count) of the matrix; the panel's columns from `count` on are
  /// zero.
  void unfold(const float* padded, Index first, Index count, float* panel) const;

  /// The transpose of unfold(): adds every column to the pixels that it came from.
  void fold(const float* panel, Index first, Index count, float* padded) const;

 private:
  /// Calls visit(row, middle) for every row of an image: its offset in the image and in the padded
  /// copy.
  template <class Visit>
  void for_each_row(const Visit& visit) const;

  /// Calls visit(length, column, pixel) for every channel, and every row of the result that the
  /// columns touch. For tap (0, 0), the `length` elements of the panel from offset `column` on are
  /// pixels of the padded image, from offset `pixel` on, a stride apart. taps_ has the offsets of
  /// the other taps.
  template <class Visit>
  void for_each_run(Index first, Index count, const Visit& visit) const;

  Index taps_of_channel() const { return static_cast<Index>(taps_.size()); }

  Index channels_;  // of a group
  std::array<Index, 2> in_, out_, padded_;
  Conv2dOptions options_;

  /// A tap (u, v) of a channel: its row of the matrix and the pixel it sees, both relative to tap
  /// (0, 0).
  struct Tap {
    Index row, pixel;
  };
  std::vector<Tap> taps_;
};

}  // namespace muonlab
