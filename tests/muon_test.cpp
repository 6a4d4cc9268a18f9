#include "muonlab/optim/muon.h"

#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "muonlab/core/math.h"
#include "tests/random.h"

namespace muonlab::test {
namespace {

nn::Parameters parameters_of(const std::vector<Shape>& shapes) {
  Rng rng(1);
  nn::Parameters all;
  for (const Shape& shape : shapes) {
    all.push_back({std::string(all.size() + 1, 'w'), Variable(random_normal(shape, rng), true),
                   nn::Role::hidden});
  }
  return all;
}

void give_gradients(nn::Parameters& parameters, Rng& rng) {
  for (nn::Parameter& p : parameters) {
    p.variable.set_grad(random_normal(p.variable.shape(), rng));
  }
}

TEST_CASE("muon: parameters of one shape move together as each would alone, to the bit") {
  const std::vector<Shape> shapes = {{6, 9}, {9, 6}, {6, 9}, {6, 1, 3, 3}, {9, 6}, {6, 9}};
  for (const Precision precision : {Precision::float32, Precision::bfloat16}) {
    const optim::MuonOptions options = {.precision = precision};
    nn::Parameters all = parameters_of(shapes);
    optim::Muon together(all, options);
    Rng rng(2);
    for (int i = 0; i < 3; ++i) {
      give_gradients(all, rng);
      together.step();
    }

    nn::Parameters same = parameters_of(shapes);
    std::vector<std::unique_ptr<optim::Muon>> each;
    for (const nn::Parameter& p : same) {
      each.push_back(std::make_unique<optim::Muon>(nn::Parameters{p}, options));
    }
    Rng again(2);
    for (int i = 0; i < 3; ++i) {
      give_gradients(same, again);
      for (const auto& muon : each) muon->step();
    }
    for (std::size_t i = 0; i < all.size(); ++i) {
      CHECK(values(all[i].variable.value()) == values(same[i].variable.value()));
    }
  }
}

TEST_CASE("muon: precision, form and steps of one's own reach the orthogonalization") {
  Rng rng(3);
  const Tensor g = random_normal({64, 70}, rng);
  const std::vector<optim::NewtonSchulzStep> steps = {{1.5F, -0.5F, 0}};
  const auto update = [&g](const optim::MuonOptions& options) {
    nn::Parameters p = {{"w", Variable(math::zeros(g.shape()), true), nn::Role::hidden}};
    optim::Muon muon(p, options);
    p[0].variable.set_grad(g);
    muon.step();
    return values(math::scale(-1, p[0].variable.value()));
  };
  CHECK(update({.precision = Precision::float32}) != update({.precision = Precision::bfloat16}));
  for (const Precision precision : {Precision::float32, Precision::bfloat16}) {
    for (const optim::Form form : {optim::Form::symmetric, optim::Form::gram}) {
      const Tensor expected = optim::orthogonalize(
          g, {.steps = 3, .sequence = steps, .precision = precision, .form = form});
      const auto moved = update({.lr = 1,
                                 .momentum = 0,
                                 .steps = 3,
                                 .sequence = steps,
                                 .precision = precision,
                                 .products = form});
      CHECK(relative_error(Tensor(g.shape(), moved), expected) < 1e-6);
    }
  }
  CHECK_THROWS_WITH_AS(update({.sequence = {{3, 0, 0}}}),
                       doctest::Contains("newton_schulz: step 5 takes the singular value"), Error);
}

}  // namespace
}  // namespace muonlab::test
