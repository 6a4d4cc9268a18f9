// What each rule of Muon's family promises, in one table, and which rules are the same up to a
// factor.
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "muonlab/core/linalg.h"
#include "muonlab/core/math.h"
#include "muonlab/core/threads.h"
#include "muonlab/optim/rules.h"
#include "muonlab/optim/stages/dion2.h"
#include "tests/random.h"

namespace muonlab::test {
namespace {

using optim::MatrixRule;
using optim::Momentum;
using optim::MuonOptions;
using optim::Rule;
using optim::rule_named;
using optim::ScaleRule;

/// A rule, and what changes it follows.
struct Row {
  std::string name;
  bool scale;      // gradients times 8: the same steps
  bool rotation;   // weights and gradients times orthogonal matrices, from both sides: so are steps
  bool order;      // rows in another order: so are steps
  bool transpose;  // transposed weights and gradients: so are steps
  bool rests;      // gradients of zero: no steps
};

const std::vector<Row> rows = {
    {"muon", true, true, true, false, true},       {"polar_express", true, true, true, false, true},
    {"moonlight", true, true, true, true, true},   {"normuon", true, false, true, false, true},
    {"muoneq", true, false, true, false, true},    {"muoneq_c", true, false, true, false, true},
    {"muoneq_rc", true, false, true, false, true}, {"muon_plus", true, true, true, false, true},
    {"nanochat", true, false, true, false, true},  {"hyperball", true, true, true, true, true},
    {"airbench", true, true, true, false, false},  {"scion", true, true, true, false, true},
    {"mars_m", false, true, true, true, true},     {"dion2", true, false, true, false, true},
    {"dion3", true, false, true, false, true},     {"dion", true, false, false, false, true},
    {"muon2", true, false, true, false, true},     {"adamuon", true, false, true, true, true},
    {"aurora", true, false, true, false, true},    {"polargrad", false, true, true, true, true},
    {"namo", true, true, true, true, true},        {"mud", true, false, false, false, true},
    {"spel", true, true, true, true, false},
};

constexpr Index steps = 3;

/// A matrix and its gradients in some steps.
struct Problem {
  Tensor weights;
  std::vector<Tensor> gradients;
};

Problem problem_of(const Shape& shape, std::uint64_t seed) {
  Rng rng(seed);
  Problem problem = {.weights = random_normal(shape, rng), .gradients = {}};
  for (Index t = 0; t < steps; ++t) problem.gradients.push_back(random_normal(shape, rng));
  return problem;
}

template <class F>
Problem mapped(const Problem& problem, const F& f) {
  Problem result = {.weights = f(problem.weights), .gradients = {}};
  for (const Tensor& g : problem.gradients) result.gradients.push_back(f(g));
  return result;
}

/// The weights of each problem after all steps, taken together.
std::vector<Tensor> trained(const Rule& rule, const std::vector<Problem>& problems) {
  nn::Parameters parameters;
  for (const Problem& problem : problems) {
    parameters.push_back({.name = "w" + std::to_string(parameters.size()),
                          .variable = Variable(problem.weights.clone(), true),
                          .role = nn::Role::hidden});
  }
  MatrixRule optimizer(parameters, rule, 0.05F);
  for (std::size_t t = 0; t < steps; ++t) {
    for (std::size_t i = 0; i < problems.size(); ++i) {
      parameters[i].variable.set_grad(problems[i].gradients[t]);
    }
    optimizer.step();
  }
  std::vector<Tensor> weights;
  for (const nn::Parameter& p : parameters) weights.push_back(p.variable.value());
  return weights;
}

Tensor trained(const Rule& rule, const Problem& problem) {
  return trained(rule, std::vector{problem})[0];
}

/// How far apart two rules take a matrix, in terms of how far the first one does.
double difference(const Rule& a, const Problem& on_a, const Rule& b, const Problem& on_b) {
  const Tensor step_a = math::sub(trained(a, on_a), on_a.weights);
  const Tensor step_b = math::sub(trained(b, on_b), on_b.weights);
  return math::norm(math::sub(step_a, step_b)) / math::norm(step_a);
}

MuonOptions exact() { return {.precision = Precision::float32}; }

constexpr double tolerance = 2e-4;  // of rounding, which Newton-Schulz steps multiply

void check_follows(bool promised, const Row& row, const Problem& problem, const char* what,
                   const std::function<Tensor(const Tensor&)>& change) {
  if (!promised) return;
  CAPTURE(what);
  const Rule rule = rule_named(row.name, exact());
  Problem then = problem;
  then.weights = change(trained(rule, problem));
  const Problem changed = mapped(problem, change);
  const Tensor expected = math::sub(then.weights, changed.weights);
  const Tensor got = math::sub(trained(rule, changed), changed.weights);
  CHECK(math::norm(math::sub(got, expected)) < tolerance * math::norm(expected));
}

TEST_CASE(
    "every rule of the family has a row, and follows the changes that it promises to follow") {
  std::set<std::string> names;
  for (const optim::NamedRule& named : optim::named_rules()) names.insert(std::string(named.name));
  for (const Row& row : rows) {
    CAPTURE(row.name);
    CHECK(names.erase(row.name) == 1);
    for (const Shape& shape : {Shape{6, 9}, Shape{9, 6}, Shape{7, 7}}) {
      CAPTURE(shape);
      const Problem problem = problem_of(shape, 1);
      Rng rng(2);
      const Tensor left = linalg::orthonormal_columns(random_normal({shape[0], shape[0]}, rng));
      const Tensor right = linalg::orthonormal_columns(random_normal({shape[1], shape[1]}, rng));
      check_follows(row.rotation, row, problem, "rotation",
                    [&](const Tensor& x) { return math::matmul(math::matmul(left, x), right); });
      check_follows(row.order, row, problem, "order", [&](const Tensor& x) {
        return math::concatenate({math::slice(x, 0, 2, x.shape()[0]), math::slice(x, 0, 0, 2)}, 0);
      });
      check_follows(row.transpose, row, problem, "transpose",
                    [](const Tensor& x) { return math::transpose(x); });
    }
  }
  CHECK(names.empty());
}

TEST_CASE("gradients eight times as large make the same steps, where a rule promises so") {
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const Rule rule = rule_named(row.name, exact());
    Problem problem = problem_of({6, 9}, 3);
    for (Tensor& g : problem.gradients) g = math::scale(0.02F, g);  // where MARS clips none
    Problem larger = problem;
    for (Tensor& g : larger.gradients) g = math::scale(8, g);
    CHECK((difference(rule, problem, rule, larger) < tolerance) == row.scale);
  }
}

TEST_CASE("gradients of zero move nothing, and nothing becomes NaN") {
  for (const Row& row : rows) {
    CAPTURE(row.name);
    Problem problem = problem_of({6, 9}, 4);
    for (Tensor& g : problem.gradients) g = math::zeros(g.shape());
    const Tensor after = trained(rule_named(row.name, exact()), problem);
    CHECK(math::all_finite(after));
    CHECK((relative_error(after, problem.weights) < 1e-6) == row.rests);
  }
}

TEST_CASE("a gradient that is NaN spoils its own matrix, and no other of its shape") {
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const Rule rule = rule_named(row.name, exact());
    Problem spoilt = problem_of({6, 9}, 5);
    spoilt.gradients[1].data()[7] = std::numeric_limits<float>::quiet_NaN();
    const Problem sound = problem_of({6, 9}, 6);
    const std::vector<Tensor> after = trained(rule, {spoilt, sound});
    CHECK_FALSE(math::all_finite(after[0]));
    CHECK(relative_error(after[1], trained(rule, sound)) == 0);
  }
}

TEST_CASE("every rule has the same bits on one thread and on many") {
  const int before = threads();
  for (const Row& row : rows) {
    CAPTURE(row.name);
    std::vector<Problem> problems;
    for (std::uint64_t seed = 0; seed < 5; ++seed) {
      problems.push_back(problem_of(seed < 3 ? Shape{40, 70} : Shape{64, 33}, seed));
    }
    set_threads(1);
    const std::vector<Tensor> one = trained(rule_named(row.name), problems);
    set_threads(3);
    const std::vector<Tensor> many = trained(rule_named(row.name), problems);
    for (std::size_t i = 0; i < one.size(); ++i) CHECK(relative_error(many[i], one[i]) == 0);
  }
  set_threads(before);
}

TEST_CASE("some rules are others, up to a factor") {
  MuonOptions plain = exact();
  plain.nesterov = false;
  MuonOptions converged = exact();
  converged.coefficients = optim::Coefficients::deepseek;
  converged.steps = 10;
  const auto with = [](MuonOptions o, ScaleRule scale, Momentum form) {
    o.scale = scale;
    o.form = form;
    return o;
  };
  const Problem wide = problem_of({6, 9}, 7);
  const auto same = [&wide](const Rule& a, const Rule& b, double within) {
    CHECK(difference(a, wide, b, wide) < within);
  };

  // The sum is the average over 1 - momentum, and orthogonalization removes factors.
  same(rule_named("muon", with(exact(), ScaleRule::original, Momentum::average)),
       rule_named("muon", with(exact(), ScaleRule::original, Momentum::sum)), tolerance);
  // Scion's spectral norm is Muon with another scale, without a look ahead.
  same(rule_named("scion", exact()),
       rule_named("muon", with(plain, ScaleRule::spectral, Momentum::average)), tolerance);
  // Dion2 of all rows, which then shrink by 0.95, is Muon in the form of a sum.
  const Rule all_rows = {.name = "all rows",
                         .stages = {std::make_shared<optim::Dion2>(
                             optim::Dion2::Kind::dion2, 1.0F,
                             optim::OrthogonalizeOptions{.precision = Precision::float32})},
                         .scale = ScaleRule::spectral};
  same(all_rows, rule_named("muon", with(plain, ScaleRule::spectral, Momentum::sum)), tolerance);
  // Rows of a wide orthogonal matrix have one size, so NorMuon finds nothing to do.
  same(rule_named("muon", converged), rule_named("normuon", converged), 2e-3);
  // Rows of a square one, too, so Aurora has one step.
  const Problem square = problem_of({7, 7}, 8);
  CHECK(difference(rule_named("muon", exact()), square, rule_named("aurora", exact()), square) <
        tolerance);
}

TEST_CASE("the first step of Muon^2 orthogonalizes the signs of the gradient") {
  Problem problem = problem_of({6, 9}, 9);
  Problem signs = problem;
  for (Tensor& g : problem.gradients) g = problem.gradients[0];
  for (Tensor& g : signs.gradients) g = math::map(Elementwise::sign, problem.gradients[0]);
  CHECK(difference(rule_named("muon2", exact()), problem, rule_named("muon", exact()), signs) <
        tolerance);
}

TEST_CASE("cautious decay spares weights that a step takes away from zero") {
  // The signs of the steps are known, those of the gradients, and weights have both.
  Problem problem = problem_of({2, 2}, 10);
  problem.weights = Tensor({2, 2}, {1, -1, 1, -1});
  for (Tensor& g : problem.gradients) g = Tensor({2, 2}, {1, 1, 1, 1});
  MuonOptions decays = exact();
  decays.weight_decay = 1;
  MuonOptions cautious = decays;
  cautious.cautious = true;
  const Tensor none = trained(rule_named("muon", exact()), problem);
  const Tensor all = trained(rule_named("muon", decays), problem);
  const Tensor some = trained(rule_named("muon", cautious), problem);
  for (Index i = 0; i < 4; ++i) {
    const float expected = (problem.weights.data()[i] > 0 ? all : none).data()[i];
    CHECK(some.data()[i] == doctest::Approx(expected).epsilon(1e-6));
  }
}

TEST_CASE("heads and blocks that do not fit a matrix are refused") {
  Rng rng(11);
  nn::Parameters one = {{"w", Variable(random_normal({6, 9}, rng), true), nn::Role::hidden}};
  one[0].variable.set_grad(random_normal({6, 9}, rng));
  MuonOptions options = exact();
  options.heads = 4;
  MatrixRule optimizer(one, rule_named("muon", options), 0.1F);
  CHECK_THROWS_WITH_AS(optimizer.step(),
                       "muon: a matrix of 6 rows is not made of the 4 blocks that it should be",
                       Error);
  CHECK_THROWS_WITH_AS(rule_named("dion2", options),
                       "this rule does not know heads or blocks of rows", Error);
}

}  // namespace
}  // namespace muonlab::test
