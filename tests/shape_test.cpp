#include <limits>
#include <sstream>

#include <doctest/doctest.h>

#include "muonlab/core/tensor.h"

namespace muonlab::test {
namespace {

TEST_CASE("a shape knows its count, rows and columns") {
  const Shape shape{2, 3, 4};
  CHECK(shape.count() == 24);
  CHECK(shape.rows() == 6);
  CHECK(shape.columns() == 4);
  CHECK(shape[-1] == 4);
  CHECK(shape.with(-1, 7) == Shape{2, 3, 7});
  CHECK(Shape{}.count() == 1);
  CHECK(Shape{}.rows() == 1);
  CHECK((std::ostringstream() << shape).str() == "(2, 3, 4)");
}

TEST_CASE("shapes that cannot be are refused") {
  constexpr Index huge = std::numeric_limits<Index>::max() / 2;
  CHECK_THROWS_WITH_AS(Shape({1, 2, 3, 4, 5}), "shape: at most 4 axes, got 5", Error);
  CHECK_THROWS_WITH_AS(Shape({2, -1}), "shape: sizes cannot be negative, got (2, -1)", Error);
  CHECK_THROWS_AS(Shape({huge, 3}), Error);
  CHECK_THROWS_AS(Tensor({huge}), Error);
}

TEST_CASE("copies of an array share memory, clones do not") {
  Tensor a({2}, {1, 2});
  Tensor copy = a;
  const Tensor clone = a.clone();
  copy.data()[0] = 5;
  CHECK(a.data()[0] == 5);
  CHECK(clone.data()[0] == 1);
}

TEST_CASE("a slice of the first axis is an offset into the same memory") {
  Tensor a({3, 2}, {1, 2, 3, 4, 5, 6});
  Tensor rows = a.slice(1, 3);
  CHECK(rows.shape() == Shape{2, 2});
  CHECK(rows.data() == a.data() + 2);
  CHECK(a.slice(3, 3).count() == 0);
  CHECK_THROWS_WITH_AS(a.slice(2, 4), "slice: [2, 4) is not within the first axis of (3, 2)",
                       Error);
}

TEST_CASE("arrays check what they are given") {
  const Tensor a({2, 3}, {1, 2, 3, 4, 5, 6});
  CHECK_THROWS_WITH_AS(Tensor({2}, {1, 2, 3}), "array: shape (2) needs 2 values, got 3", Error);
  CHECK_THROWS_WITH_AS(a.reshape({4}), "reshape: (2, 3) cannot become (4)", Error);
  CHECK_THROWS_WITH_AS(a.item(), "item: needs a single element, got shape (2, 3)", Error);
  CHECK(Tensor({1, 1}, {7}).item() == 7);
  CHECK(Tensor().count() == 0);
}

}  // namespace
}  // namespace muonlab::test
