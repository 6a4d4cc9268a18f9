#pragma once

#include <numeric>
#include <utility>
#include <vector>

#include "muonlab/core/math.h"
#include "muonlab/optim/stage.h"
#include "muonlab/optim/stages/newton_schulz.h"
#include "muonlab/optim/stages/scale.h"

namespace muonlab::optim {

/// Orthogonalizes blocks of rows by themselves, each as a parameter of its own, with the scale of
/// its own shape: the heads of a layer, or its query, key and value rows where one matrix holds all
/// three.
class Blocks final : public Stage {
 public:
  /// Of `sizes` rows each, or, where that is empty, `count` blocks of as many rows.
  Blocks(Index count, std::vector<Index> sizes, OrthogonalizeOptions options, ScaleRule scale)
      : count_(count), sizes_(std::move(sizes)), options_(std::move(options)), scale_(scale) {}

  const char* name() const override { return "orthogonalize"; }

  void operator()(Matrices& m, std::span<Tensor> /*kept*/) const override {
    std::vector<Tensor> blocks;
    Index begin = 0;
    for (const Index rows : sizes(m.rows)) {
      Tensor block = math::slice(m.u, 1, begin, begin + rows);
      orthogonalize_in_place(block, options_);
      blocks.push_back(math::scale(
          scale_of(scale_, rows, m.columns) / scale_of(scale_, m.rows, m.columns), block));
      begin += rows;
    }
    m.u = math::concatenate(blocks, 1);
  }

  Operations operations(Index rows, Index columns) const override {
    Operations sum;
    for (const Index block : sizes(rows)) {
      const auto [written, performed] = NewtonSchulz(options_).operations(block, columns);
      sum.written += written;
      sum.performed += performed;
    }
    return sum;
  }

 private:
  /// Throws unless they make up a matrix of so many rows.
  std::vector<Index> sizes(Index rows) const {
    std::vector<Index> all = sizes_;
    if (all.empty()) all.assign(static_cast<std::size_t>(count_), rows / count_);
    check(std::accumulate(all.begin(), all.end(), Index{0}) == rows, "muon: a matrix of ", rows,
          " rows is not made of the ", all.size(), " blocks that it should be");
    return all;
  }

  Index count_;
  std::vector<Index> sizes_;
  OrthogonalizeOptions options_;
  ScaleRule scale_;
};

}  // namespace muonlab::optim
