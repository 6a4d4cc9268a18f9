#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <ostream>
#include <span>

#include "muonlab/core/error.h"

namespace muonlab {

/// Every size and every position: signed, so differences are safe.
using Index = std::int64_t;

/// Sizes of an array, outermost first. Trivially copyable, so kernels take it by value.
/// Throws when there are more than max_rank axes, a size is negative, or the count overflows.
class Shape {
 public:
  static constexpr int max_rank = 4;

  Shape() = default;
  Shape(std::initializer_list<Index> sizes) : Shape(std::span(sizes.begin(), sizes.size())) {}
  explicit Shape(std::span<const Index> sizes) {
    check(sizes.size() <= max_rank, "shape: at most ", max_rank, " axes, got ", sizes.size());
    std::copy(sizes.begin(), sizes.end(), sizes_.begin());
    rank_ = static_cast<int>(sizes.size());
    Index product = 1;
    for (const Index size : sizes) {
      check(size >= 0, "shape: sizes cannot be negative, got ", *this);
      check(size == 0 || product <= std::numeric_limits<Index>::max() / size,
            "shape: the number of elements overflows, got ", *this);
      product *= size;
    }
  }

  int rank() const { return rank_; }

  /// The size of an axis; -1 is the last one.
  Index operator[](int axis) const { return sizes_[axis < 0 ? axis + rank_ : axis]; }

  /// Number of elements: the product of all sizes, 1 for ().
  Index count() const {
    Index count = 1;
    for (const Index size : *this) count *= size;
    return count;
  }

  /// Size of the last axis, 1 for (). With rows() it is how row-wise kernels see any shape.
  Index columns() const { return rank_ == 0 ? 1 : sizes_[rank_ - 1]; }

  /// Product of all sizes but the last.
  Index rows() const {
    Index rows = 1;
    for (int axis = 0; axis + 1 < rank_; ++axis) rows *= sizes_[axis];
    return rows;
  }

  /// This shape with one axis of another size; -1 is the last axis.
  Shape with(int axis, Index size) const {
    std::array<Index, max_rank> sizes = sizes_;
    sizes[axis < 0 ? axis + rank_ : axis] = size;
    return Shape(std::span<const Index>(sizes.data(), rank_));
  }

  const Index* begin() const { return sizes_.data(); }
  const Index* end() const { return sizes_.data() + rank_; }

  friend bool operator==(const Shape& a, const Shape& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end());
  }

  friend std::ostream& operator<<(std::ostream& out, const Shape& shape) {
    out << '(';
    for (int axis = 0; axis < shape.rank(); ++axis) out << (axis ? ", " : "") << shape[axis];
    return out << ')';
  }

 private:
  std::array<Index, max_rank> sizes_{};
  int rank_ = 0;
};

}  // namespace muonlab
