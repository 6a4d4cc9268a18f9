#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "muonlab/autograd/functions.h"
#include "muonlab/core/kernels/map.h"
#include "muonlab/core/math.h"

namespace muonlab::test {
namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();
constexpr float nan = std::numeric_limits<float>::quiet_NaN();
constexpr double smallest = std::numeric_limits<float>::min();
constexpr double greatest = std::numeric_limits<float>::max();

/// A function in double, and what its results and slopes may lose.
struct Case {
  std::string name;
  Elementwise function;
  double (*value)(double);
  double (*slope)(double);
  float from, to;      // where they are compared
  double error;        // of a value, relative
  double slope_error;  // of a slope, relative to the largest
};

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }
double phi(double x) { return std::erfc(-x / std::sqrt(2.0)) / 2; }
double density(double x) { return std::exp(-x * x / 2) / std::sqrt(2 * std::acos(-1.0)); }
double twice_t(double x) { return 2 * std::sqrt(2 / std::acos(-1.0)) * (x + 0.044715 * x * x * x); }
double square(double x) { return x * x; }

// Two units in the last place are 2.4e-7. What a slope loses in 1 - sigmoid counts x times; what
// gelu_tanh loses in its argument counts as often as that is large, in its tail 88 times.
const std::vector<Case> cases = {
    {"tanh", Elementwise::tanh, [](double x) { return std::tanh(x); },
     [](double x) { return 1 - square(std::tanh(x)); }, -20, 20, 2e-7, 2e-7},
    {"sigmoid", Elementwise::sigmoid, sigmoid,
     [](double x) { return sigmoid(x) * (1 - sigmoid(x)); }, -87, 87, 2e-7, 2e-7},
    {"silu", Elementwise::silu, [](double x) { return x * sigmoid(x); },
     [](double x) { return sigmoid(x) * (1 + x * (1 - sigmoid(x))); }, -87, 87, 3e-7, 1.2e-6},
    {"gelu", Elementwise::gelu, [](double x) { return x * phi(x); },
     [](double x) { return phi(x) + x * density(x); }, -12.8F, 20, 4e-7, 3e-7},
    {"gelu_tanh", Elementwise::gelu_tanh, [](double x) { return x * sigmoid(twice_t(x)); },
     [](double x) {
       const double s = sigmoid(twice_t(x));
       const double dt = 2 * std::sqrt(2 / std::acos(-1.0)) * (1 + 3 * 0.044715 * x * x);
       return s + x * s * (1 - s) * dt;
     },
     -10, 20, 2e-5, 3e-6},
    {"exp", Elementwise::exp, [](double x) { return std::exp(x); },
     [](double x) { return std::exp(x); }, -87.3F, 88.72F, 1e-7, 1e-7},
    {"log", Elementwise::log, [](double x) { return std::log(x); }, [](double x) { return 1 / x; },
     0.01F, 100, 1e-7, 1e-7},
};

/// Evenly from `from` to `to`, and every power of two times a few mantissas between them.
Tensor grid(float from, float to) {
  std::vector<float> points;
  constexpr int steps = 200000;
  for (int i = 0; i <= steps; ++i) {
    points.push_back(std::clamp(from + (to - from) * static_cast<float>(i) / steps, from, to));
  }
  for (int exponent = -126; exponent < 128; ++exponent) {
    for (int k = 0; k < 64; ++k) {
      for (const float sign : {-1.0F, 1.0F}) {
        const float x = sign * std::ldexp(1 + static_cast<float>(k) / 64, exponent);
        if (from <= x && x <= to) points.push_back(x);
      }
    }
  }
  return Tensor({static_cast<Index>(points.size())}, points);
}

Tensor slopes(Elementwise function, const Tensor& x) {
  const Tensor y = math::map(function, x);
  const Tensor dy = math::full(x.shape(), 1);
  Tensor dx(x.shape());
  run(x.device(), kernel::MapGrad{.function = function, .x = x, .y = y, .dy = dy, .dx = dx});
  return dx;
}

TEST_CASE("elementwise functions agree with double to the last digits, tails included") {
  for (const Case& c : cases) {
    CAPTURE(c.name);
    const Tensor x = grid(c.from, c.to);
    const Tensor y = math::map(c.function, x);
    double worst = 0;
    for (Index i = 0; i < x.count(); ++i) {
      const double expected = c.value(x.data()[i]);
      if (std::abs(expected) < smallest) continue;  // flushed to zero
      const double error = std::abs(y.data()[i] - expected) / std::abs(expected);
      worst = error <= worst ? worst : error;  // a NaN stays
    }
    CHECK(worst < c.error);
  }
}

TEST_CASE("slopes of elementwise functions agree with double") {
  for (const Case& c : cases) {
    CAPTURE(c.name);
    const Tensor x = grid(c.from, c.to);
    const Tensor dx = slopes(c.function, x);
    double worst = 0;
    for (Index i = 0; i < x.count(); ++i) {
      const double expected = c.slope(x.data()[i]);
      if (std::abs(expected) < smallest || std::abs(expected) > greatest) continue;
      const double error = std::abs(dx.data()[i] - expected) / std::max(1.0, std::abs(expected));
      worst = error <= worst ? worst : error;
    }
    CHECK(worst < c.slope_error);
  }
}

TEST_CASE("log keeps its digits over all magnitudes") {
  const Tensor x = grid(0x1p-126F, 0x1.fffffep127F);
  const Tensor y = math::map(Elementwise::log, x);
  for (Index i = 0; i < x.count(); ++i) {
    const double expected = std::log(double{x.data()[i]});
    REQUIRE(std::abs(y.data()[i] - expected) <= 1e-7 * std::abs(expected));
  }
}

/// f at x, computed at every place of a vector and of what is left over after one.
float at(Elementwise function, float x) {
  const Tensor y = math::map(function, math::full({37}, x));
  for (const float value : y.values()) {
    CHECK((value == y.data()[0] || (std::isnan(value) && std::isnan(y.data()[0]))));
  }
  return y.data()[0];
}

TEST_CASE("a NaN stays one, and infinities have their limits") {
  for (const Case& c : cases) {
    CAPTURE(c.name);
    CHECK(std::isnan(at(c.function, nan)));
    CHECK(std::isnan(at(c.function, -nan)));
  }
  CHECK(at(Elementwise::tanh, infinity) == 1);
  CHECK(at(Elementwise::tanh, -infinity) == -1);
  CHECK(at(Elementwise::sigmoid, infinity) == 1);
  CHECK(at(Elementwise::sigmoid, -infinity) == 0);
  CHECK(at(Elementwise::silu, infinity) == infinity);
  CHECK(at(Elementwise::gelu, infinity) == infinity);
  CHECK(at(Elementwise::gelu_tanh, infinity) == infinity);
  for (const float low : {-infinity, -1e30F}) {
    CHECK(at(Elementwise::silu, low) == 0);
    CHECK(at(Elementwise::gelu, low) == 0);
    CHECK(at(Elementwise::gelu_tanh, low) == 0);
  }
  CHECK(at(Elementwise::exp, infinity) == infinity);
  CHECK(at(Elementwise::exp, -infinity) == 0);
  CHECK(at(Elementwise::exp, 88.73F) == infinity);
  CHECK(at(Elementwise::exp, -200) == 0);
  CHECK(at(Elementwise::exp, 0) == 1);
  CHECK(at(Elementwise::log, infinity) == infinity);
  CHECK(at(Elementwise::log, 1) == 0);
  CHECK(at(Elementwise::log, 0) == -infinity);
  CHECK(std::isnan(at(Elementwise::log, -1)));
  CHECK(std::isnan(at(Elementwise::log, -infinity)));
}

TEST_CASE("slopes have their limits at infinities and very large numbers") {
  const auto slope = [](Variable (*f)(const Variable&), float x) {
    const Variable v(math::full({37}, x), true);
    sum(f(v)).backward();
    return v.grad()->data()[0];
  };
  for (const float far : {infinity, 1e30F}) {
    CAPTURE(far);
    for (const auto f : {silu, gelu, gelu_tanh}) {
      CHECK(slope(f, far) == 1);
      CHECK(slope(f, -far) == 0);
    }
  }
}

}  // namespace
}  // namespace muonlab::test
