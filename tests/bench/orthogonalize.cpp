// Orthogonalization, and how near it comes: fast is easy when it need not be right. Operations are
// those of the form, so the form with the highest GFLOP/s need not be the fastest.

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "muonlab/core/linalg.h"
#include "muonlab/core/math.h"
#include "muonlab/optim/orthogonalize_cost.h"
#include "tests/bench/benchmarks.h"
#include "tests/random.h"

namespace muonlab::bench {
namespace {

using math::Op;
using optim::Coefficients;
using optim::Form;
using optim::OrthogonalizeOptions;

/// A matrix made from its singular value decomposition, so that its polar factor is known:
/// g = (u s v^T)^T with s from 1 down to 0.01, each value the same fraction of the one before.
struct Example {
  Tensor g, polar;  // (n, m) with n <= m
  Tensor u, v;      // (m, n), (n, n)
};

Example make_example(Index n, Index m) {
  Rng rng(0);
  const Tensor u = linalg::orthonormal_columns(test::random_normal({m, n}, rng));
  const Tensor v = linalg::orthonormal_columns(test::random_normal({n, n}, rng));
  Tensor s({n});
  for (Index i = 0; i < n; ++i) {
    s.data()[i] = std::pow(0.01F, static_cast<float>(i) / static_cast<float>(n - 1));
  }
  return {.g = math::matmul(math::mul(v, s), u, Op::none, Op::transpose),
          .polar = math::matmul(v, u, Op::none, Op::transpose),
          .u = u,
          .v = v};
}

/// Made once for a shape: the decompositions take longer than what is measured.
const Example& example(Index n, Index m) {
  static std::map<std::pair<Index, Index>, Example> all;
  auto found = all.find({n, m});
  if (found == all.end()) found = all.emplace(std::pair(n, m), make_example(n, m)).first;
  return found->second;
}

struct Verdict {
  double error;            // |o - polar| / |polar|
  double lowest, highest;  // singular values of o, in the directions of g's
};

Verdict judge(const Example& e, const Tensor& o) {
  const Tensor rows = math::matmul(e.v, o, Op::transpose);  // u^T when o is exact
  const Tensor columns = math::transpose(e.u);
  constexpr double infinity = std::numeric_limits<double>::infinity();
  Verdict verdict = {
      .error = test::relative_error(o, e.polar), .lowest = infinity, .highest = -infinity};
  for (Index i = 0; i < rows.shape()[0]; ++i) {
    const double value = test::dot(rows.slice(i, i + 1), columns.slice(i, i + 1));
    verdict.lowest = std::min(verdict.lowest, value);
    verdict.highest = std::max(verdict.highest, value);
  }
  return verdict;
}

void add_one(Index n, Index m, const OrthogonalizeOptions& options) {
  if (optim::plan_for(n, m, options).precision != *options.precision) return;  // float32 has a row
  const std::string name =
      fmt::format("orthogonalize/{}x{}/{}/{}/{}", n, m, optim::name_of(options.coefficients),
                  optim::name_of(options.form), name_of(*options.precision));
  const auto verdict = std::make_shared<std::optional<Verdict>>();  // of all runs of the benchmark
  add(name, [n, m, options, verdict](benchmark::State& state) {
    const Example& e = example(n, m);
    Tensor o;
    while (state.KeepRunning()) o = optim::orthogonalize(e.g, options);
    count_flops(state, static_cast<double>(optim::flops(n, m, options)), *options.precision);
    if (!*verdict) *verdict = judge(e, o);
    state.counters["error"] = (*verdict)->error;
    state.counters["lowest"] = (*verdict)->lowest;
    state.counters["highest"] = (*verdict)->highest;
  });
}

}  // namespace

void add_orthogonalize() {
  constexpr std::pair<Index, Index> shapes[] = {{128, 256}, {256, 784}, {512, 2048}, {768, 3072}};
  constexpr Form forms[] = {Form::plain, Form::symmetric, Form::gram};
  for (const auto& [n, m] : shapes) {
    for (const Form form : forms) {  // each with the usual coefficients
      for (const Precision precision : precisions) {
        add_one(n, m, {.precision = precision, .form = form});
      }
    }
    for (const Coefficients set : optim::all_coefficients()) {  // each in the fastest form
      for (const Precision precision : precisions) {
        add_one(n, m, {.coefficients = set, .precision = precision});
      }
    }
  }
}

}  // namespace muonlab::bench
