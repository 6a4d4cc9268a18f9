#include "muonlab/optim/newton_schulz.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "muonlab/core/error.h"

namespace muonlab::optim {
namespace {

using Step = NewtonSchulzStep;
using Steps = std::span<const Step>;

constexpr Step jordan = {3.4445F, -4.7750F, 2.0315F};
constexpr Step flat = {2.0F, -1.5F, 0.5F};  // p(1) = 1, p'(1) = 0

/// The step for singular values that are `factor` times too large.
constexpr Step divided(Step step, double factor) {
  const double cube = factor * factor * factor;
  return {static_cast<float>(step.a / factor), static_cast<float>(step.b / cube),
          static_cast<float>(step.c / (cube * factor * factor))};
}

/// Coefficients that are published as multiples of 1/1024.
constexpr Step per_1024(float a, float b, float c) { return {a / 1024, b / 1024, c / 1024}; }

constexpr std::array standard = {jordan};

constexpr std::array quintic = {
    Step{4.0848F, -6.8946F, 2.9270F}, Step{3.9505F, -6.3029F, 2.6377F},
    Step{3.7418F, -5.5913F, 2.3037F}, Step{2.8769F, -3.1427F, 1.2046F},
    Step{2.8366F, -3.0525F, 1.2012F},
};

constexpr std::array you6 = {
    per_1024(3955, -8306, 5008), per_1024(3735, -6681, 3463), per_1024(3799, -6499, 3211),
    per_1024(4019, -6385, 2906), per_1024(2677, -3029, 1162), per_1024(2172, -1833, 682),
};

constexpr std::array polar_express = {
    Step{8.156554524902461F, -22.48329292557795F, 15.878769915207462F},
    Step{4.042929935166739F, -2.808917465908714F, 0.5000178451051316F},
    Step{3.8916678022926607F, -2.772484153217685F, 0.5060648178503393F},
    Step{3.285753657755655F, -2.3681294933425376F, 0.46449024233003106F},
    Step{2.3465413258596377F, -1.7097828382687081F, 0.42323551169305323F},
};

constexpr std::array deepseek = {jordan, jordan, jordan, jordan, jordan,
                                 jordan, jordan, jordan, flat,   flat};

constexpr std::array cubic5 = {
    divided({3.3656577F, -3.3420992F, 0}, 1.01),
    Step{2.5744352F, -1.4957376F, 0},
    Step{2.5368962F, -1.4312570F, 0},
    Step{2.4418906F, -1.2764040F, 0},
    Step{2.2230472F, -0.9630650F, 0},
};

constexpr std::array cubic = {Step{1.5F, -0.5F, 0}};

constexpr std::array taylor = {Step{1.875F, -1.25F, 0.375F}};

struct Entry {
  Coefficients set;
  std::string_view name;
  Steps steps;
};

constexpr Entry table[] = {
    {Coefficients::standard, "standard", standard},
    {Coefficients::quintic, "quintic", quintic},
    {Coefficients::you6, "you6", you6},
    {Coefficients::polar_express, "polar_express", polar_express},
    {Coefficients::deepseek, "deepseek", deepseek},
    {Coefficients::cubic5, "cubic5", cubic5},
    {Coefficients::cubic, "cubic", cubic},
    {Coefficients::taylor, "taylor", taylor},
};

const Entry& entry_of(Coefficients set) {
  for (const Entry& entry : table) {
    if (entry.set == set) return entry;
  }
  return table[0];
}

double value_of(const Step& step, double s) {
  const double t = s * s;
  return s * (step.a + t * (step.b + t * step.c));
}

/// The least that p(s) / s = a + b t + c t^2, t = s^2, is for s in (0, most].
double lowest_slope(const Step& step, double most) {
  const double end = most * most;
  const double turn = step.c == 0 ? end : -step.b / (2.0 * step.c);
  const auto at = [&step](double t) { return step.a + t * (step.b + t * step.c); };
  return std::min({at(0), at(end), at(std::clamp(turn, 0.0, end))});
}

/// The most that p is there: at the end, or where p' = a + 3 b t + 5 c t^2 = 0.
double highest(const Step& step, double most) {
  const double a = step.a, b = 3.0 * step.b, c = 5.0 * step.c;
  const double root = std::sqrt(std::max(0.0, b * b - 4 * a * c));
  double best = value_of(step, most);
  for (const double t : {c == 0 ? -a / b : (-b - root) / (2 * c), (-b + root) / (2 * c)}) {
    if (0 < t && t < most * most) best = std::max(best, value_of(step, std::sqrt(t)));
  }
  return best;
}

constexpr double margin = 1.005;  // far more than rounding to float32 lifts s
constexpr double limit = 2;

/// What `steps` make of s while rounding lifts what each of them gets.
double lifted(Steps steps, double s) {
  for (const Step& step : steps) s = value_of(step, margin * s);
  return s;
}

/// Throws: among 10,000 singular values, the one that ends lowest or highest.
void refuse(Steps steps, bool lowest) {
  double worst = 1;
  double extreme = lifted(steps, worst);
  for (int i = 9999; i >= 1; --i) {
    const double s = i * 1e-4;
    const double end = lifted(steps, s);
    if (lowest ? end >= extreme : end <= extreme) continue;
    worst = s;
    extreme = end;
  }
  check(false, "newton_schulz: step ", steps.size(), " takes the singular value ", worst, " to ",
        extreme, " when rounding lifts it by 0.5 %; all up to 1 must stay positive and end at ",
        limit, " or less");
}

}  // namespace

std::span<const Coefficients> all_coefficients() {
  static constexpr auto all = [] {
    std::array<Coefficients, std::size(table)> sets{};
    for (std::size_t i = 0; i < sets.size(); ++i) sets[i] = table[i].set;
    return sets;
  }();
  return all;
}

std::span<const NewtonSchulzStep> steps_of(Coefficients set) { return entry_of(set).steps; }

std::string_view name_of(Coefficients set) { return entry_of(set).name; }

Coefficients coefficients_named(std::string_view name) {
  std::string names;
  for (const Entry& entry : table) {
    if (entry.name == name) return entry.set;
    names += (names.empty() ? "" : ", ") + std::string(entry.name);
  }
  throw Error("coefficients: there is no set \"" + std::string(name) + "\", only " + names);
}

std::vector<NewtonSchulzStep> repeat_last(Steps steps, int count) {
  check(!steps.empty(), "newton_schulz: a sequence of steps is needed, got none");
  check(count >= 1, "newton_schulz: at least 1 step is needed, got ", count);
  std::vector<Step> all(steps.begin(), steps.end());
  all.resize(static_cast<std::size_t>(count), steps.back());
  return all;
}

void check_safe(Steps steps) {
  double most = 1;  // singular values lie within (0, most] before the next step
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const Step& step = steps[i];
    check(std::isfinite(step.a) && std::isfinite(step.b) && std::isfinite(step.c),
          "newton_schulz: step ", i + 1, " has a coefficient that is not finite");
    most *= margin;
    if (!(lowest_slope(step, most) > 0)) refuse(steps.first(i + 1), true);
    most = highest(step, most);
    if (!std::isfinite(most) || (i + 1 == steps.size() && most > limit))
      refuse(steps.first(i + 1), false);
  }
}

}  // namespace muonlab::optim
