#include "muonlab/core/kernels/gather.h"

#include "muonlab/autograd/functions.h"
#include "muonlab/autograd/index_range.h"

namespace muonlab {

Variable embedding(const Variable& vtable, const Integers& index) {
  const Tensor& table = vtable.value();
  check(table.shape().rank() == 2, "embedding: the table is a matrix (n, dim), got ",
        table.shape());
  check(index.shape().rank() < Shape::max_rank, "embedding: indices have at most ",
        Shape::max_rank - 1, " axes, got ", index.shape());
  check_same_device("embedding", table, index);
  check_range("embedding: index", index, table.shape()[0]);

  std::vector<Index> sizes(index.shape().begin(), index.shape().end());
  sizes.push_back(table.shape()[1]);
  Tensor y(Shape(std::span<const Index>(sizes)), table.device());
  run(table.device(), kernel::Gather{.x = table, .index = index, .y = y});

  auto pullback = [index = Saved(index), shape = table.shape()](const Tensor& dy) {
    Tensor dtable(shape, dy.device());
    run(dy.device(), kernel::ScatterAdd{.x = dy, .index = *index, .y = dtable});
    return dtable;
  };
  return record("embedding", y, {{vtable, pullback}});
}

}  // namespace muonlab
