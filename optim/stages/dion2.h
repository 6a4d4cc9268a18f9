#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

#include "muonlab/core/kernels/gather.h"
#include "muonlab/optim/stages/newton_schulz.h"
#include "muonlab/optim/stages/squares.h"

namespace muonlab::optim {

/// Momentum and orthogonalization of a part of it: M = M + g, then of the rows of M (columns, where
/// there are fewer) those with the largest sums of |M|,
///
///     u of these = orthogonalize(these), of others 0;  these = 0.95 these
///
/// so that a step costs a fraction of Muon's. Dion2: Ahn et al. 2025, arXiv:2512.16928. Dion3 picks
/// rows always, and takes the picked ones to one size as NorMuon does. Nearly equal sums make it
/// depend on rounding which are picked.
class Dion2 final : public Stage {
 public:
  enum class Kind { dion2, dion3 };
  Dion2(Kind kind, float fraction, OrthogonalizeOptions options)
      : kind_(kind), fraction_(fraction), options_(std::move(options)) {}

  const char* name() const override { return "dion2"; }

  std::vector<Kept> keeps(Index rows, Index columns) const override {
    std::vector<Kept> all = {{.name = "momentum", .shape = {rows, columns}, .is_momentum = true}};
    if (kind_ == Kind::dion3) all.push_back({.name = "row_square", .shape = {rows, 1}});
    return all;
  }

  void operator()(Matrices& m, std::span<Tensor> kept) const override {
    const bool turned = kind_ == Kind::dion2 && m.rows > m.columns;
    const auto as_rows = [turned](const Tensor& x) { return turned ? math::transpose(x) : x; };
    for (std::size_t k = 0; k < m.gradients.size(); ++k) {
      const auto i = static_cast<Index>(k);
      Tensor whole = kept[0].slice(i, i + 1).reshape({m.rows, m.columns});
      math::combine(1, whole, 1, m.gradients[k], whole);
      const Tensor rows = as_rows(whole);
      const Integers picked = largest(rows);
      const Tensor block = taken(rows, picked);
      math::combine(1, whole, kept_share - 1, as_rows(scattered(block, picked, rows.shape())),
                    whole);
      Tensor o = orthogonalize(block, options_);
      if (kind_ == Kind::dion3) {
        Tensor v = kept[1].slice(i, i + 1).reshape({m.rows, 1});
        o = of_one_size(o, v, picked);
      }
      const Tensor u = as_rows(scattered(o, picked, rows.shape()));
      m.u.slice(i, i + 1).reshape(u.shape()).copy_from(u);
    }
  }

  Operations operations(Index rows, Index columns) const override {
    const bool turned = kind_ == Kind::dion2 && rows > columns;
    const Index side = turned ? columns : rows;
    const Index other = turned ? rows : columns;
    return NewtonSchulz(options_).operations(count_of(side), other);
  }

 private:
  static constexpr float kept_share = 0.95F;  // of the picked rows of M
  static constexpr float beta = 0.95F;        // of Dion3's mean squares

  Index count_of(Index side) const {
    return static_cast<Index>(std::ceil(fraction_ * static_cast<float>(side)));
  }

  /// The numbers of the rows with the largest sums of absolute values, in rising order.
  Integers largest(const Tensor& rows) const {
    const Tensor sums = math::sum(math::map(Elementwise::abs, rows), 1).to(Device::cpu);
    std::vector<std::int32_t> order(static_cast<std::size_t>(sums.count()));
    std::iota(order.begin(), order.end(), 0);
    const auto size = [&sums](std::int32_t row) {  // NaN counts as the largest
      const float sum = sums.data()[row];
      return std::isnan(sum) ? std::numeric_limits<float>::infinity() : sum;
    };
    std::ranges::stable_sort(order, std::greater(), size);
    order.resize(static_cast<std::size_t>(count_of(sums.count())));
    std::ranges::sort(order);
    return Integers({std::ssize(order)}, order).to(rows.device());
  }

  static Tensor taken(const Tensor& rows, const Integers& numbers) {
    Tensor y(rows.shape().with(0, numbers.count()), rows.device());
    run(rows.device(), kernel::Gather{.x = rows, .index = numbers, .y = y});
    return y;
  }

  static Tensor scattered(const Tensor& rows, const Integers& numbers, const Shape& shape) {
    Tensor y(shape, rows.device());
    run(rows.device(), kernel::ScatterAdd{.x = rows, .index = numbers, .y = y});
    return y;
  }

  /// What RowRms does, for the picked rows alone.
  static Tensor of_one_size(const Tensor& o, Tensor& v, const Integers& picked) {
    const Tensor old = taken(v, picked);
    const Tensor stack = o.reshape({1, o.shape()[0], o.shape()[1]});
    Tensor now(old.shape(), old.device());
    const Tensor means = squares(stack, Part::row).reshape(old.shape());
    math::combine(beta, old, (1 - beta) / static_cast<float>(o.shape()[1]), means, now);
    const Tensor change = math::sub(now, old);
    math::combine(1, v, 1, scattered(change, picked, v.shape()), v);
    const Tensor h = math::div(o, plus(sqrt(now), 1e-8F));
    const Tensor norm = norms(h.reshape(stack.shape()));
    return math::mul(h, math::div(norms(stack), plus(norm, 1e-8F)).reshape({1}));
  }

  Kind kind_;
  float fraction_;
  OrthogonalizeOptions options_;
};

}  // namespace muonlab::optim
