#include "apps/saddle/problem.h"

#include <array>
#include <cmath>

#include "muonlab/autograd/functions.h"
#include "muonlab/core/linalg.h"
#include "muonlab/core/math.h"
#include "muonlab/nn/init.h"

namespace muonlab::app {
namespace {

using nn::Role;

constexpr std::array strengths = {1.0F, 0.3F, 0.1F, 0.03F};

/// |W2 W1 - A|^2 / 2, where A = U S V^T has random directions and the strengths above. W1 = W2 = 0
/// is a saddle. Each direction of A leads down from it; the weaker it is, the less steep.
class DeepLinear final : public Problem {
 public:
  DeepLinear(Rng& rng, float start)
      : u_(linalg::orthonormal_columns(nn::init::normal({size, rank}, 1, rng))),
        v_(linalg::orthonormal_columns(nn::init::normal({size, rank}, 1, rng))),
        target_(target()),
        w1_(nn::init::normal({size, size}, start, rng), true),
        w2_(nn::init::normal({size, size}, start, rng), true) {}

  nn::Parameters parameters() const override {
    return {{"w1", w1_, Role::hidden}, {"w2", w2_, Role::hidden}};
  }

  Variable loss() const override {
    return scale(0.5F, sum(square(sub(matmul(w2_, w1_), target_))));
  }

  /// u_k^T W2 W1 v_k / s_k for each direction k.
  std::vector<double> progress() const override {
    const Tensor left = math::matmul(w2_.value(), u_, math::Op::transpose);  // W2^T u, as columns
    const Tensor right = math::matmul(w1_.value(), v_);
    const Tensor reached = math::sum(math::mul(left, right), 0);
    std::vector<double> shares;
    for (Index k = 0; k < rank; ++k) {
      shares.push_back(double{reached.data()[k]} / double{strengths[static_cast<std::size_t>(k)]});
    }
    return shares;
  }

 private:
  static constexpr Index size = 16;
  static constexpr Index rank = strengths.size();

  Variable target() const {
    const Tensor scaled = math::mul(u_, Tensor({rank}, std::span<const float>(strengths)));
    return Variable(math::matmul(scaled, v_, math::Op::none, math::Op::transpose));
  }

  Tensor u_, v_;
  Variable target_, w1_, w2_;
};

/// x^2 / 2 - y^2 / 2 + y^4 / 4, from near (1, 0). Along x the way leads to the saddle at (0, 0),
/// along y down to the minimum at (0, 1) or (0, -1).
class Plane final : public Problem {
 public:
  Plane(Rng& rng, float start) : place_(Tensor({1, 2}, {1, start * rng.normal()}), true) {}

  nn::Parameters parameters() const override { return {{"place", place_, Role::hidden}}; }

  Variable loss() const override {
    const Variable squares = square(place_);
    return sum(add(mul(squares, Variable(Tensor({2}, {0.5F, -0.5F}))),
                   mul(square(squares), Variable(Tensor({2}, {0, 0.25F})))));
  }

  std::vector<double> progress() const override { return {std::abs(place_.value().data()[1])}; }

 private:
  Variable place_;
};

}  // namespace

const std::vector<Saddle>& all_saddles() {
  static const std::vector<Saddle> all = {
      {.name = "deep",
       .about = "|W2 W1 - A|² / 2 with matrices 16 x 16, from near 0; A has 4 directions",
       .directions = {"σ = 1", "σ = 0.3", "σ = 0.1", "σ = 0.03"},
       .minimum = 0,
       .make = [](Rng& rng, float start) { return std::make_unique<DeepLinear>(rng, start); }},
      {.name = "plane",
       .about = "x²/2 - y²/2 + y⁴/4, on a ridge at first, near (1, 0)",
       .directions = {"y"},
       .minimum = -0.25,
       .make = [](Rng& rng, float start) { return std::make_unique<Plane>(rng, start); }},
  };
  return all;
}

}  // namespace muonlab::app
