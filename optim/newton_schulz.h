#pragma once

#include <span>
#include <string_view>
#include <vector>

namespace muonlab::optim {

/// One Newton-Schulz step, X <- a X + b (X X^T) X + c (X X^T)^2 X. It leaves the singular vectors
/// and takes every singular value s to a s + b s^3 + c s^5. With c = 0 it needs one product less.
struct NewtonSchulzStep {
  float a, b, c;
};

/// Published sequences of steps. All take singular values in (0, 1] towards 1; they differ in how
/// fast small values grow and how near to 1 the values end. "Band" is where singular values from s
/// to 1 end, after five steps where nothing else is said: within 0.001 in float32, and in bfloat16
/// in the second band, which docs/rounding.md proves. A set without one is computed in float32.
enum class Coefficients {
  /// The same quintic each step. Band 0.68 to 1.13 from s = 0.01, 0.68 to 1.20 from 0.003; in
  /// bfloat16 0.65 to 1.23. Jordan et al. 2024, https://kellerjordan.github.io/posts/muon/
  standard,
  /// Five different quintics. Band 0.978 to 1.032 from s = 0.01. Jiacheng You 2024,
  /// https://github.com/NVIDIA-NeMo/Emerging-Optimizers
  quintic,
  /// Six different quintics. Band after six steps 0.996 to 1.000 from s = 0.003; in bfloat16 0.86
  /// to 1.17. Jiacheng You 2025, https://github.com/KellerJordan/modded-nanogpt
  you6,
  /// Five quintics, each the best for the interval that the one before leaves. The coefficients
  /// contain a factor of safety: what rounding lifts above 1, up to 1.02, still ends in the band.
  /// Band 0.859 to 1.141 from s = 0.001. Amsel, Persson, Musco, Gower 2025, arXiv:2505.16932.
  polar_express,
  /// Standard for eight steps, then two that converge. Band after ten 0.999 to 1.001 from
  /// s = 0.001; in bfloat16 0.98 to 1.03. DeepSeek-V4 2026,
  /// https://github.com/NVIDIA-NeMo/Emerging-Optimizers
  deepseek,
  /// Five cubics: a product of two small matrices less in each step. Band 0.774 to 1.300 from
  /// s = 0.01. The first step divides by 1.01, because it would take 1.004 below zero.
  /// arXiv:2606.00371.
  cubic5,
  /// (3 s - s^3) / 2, Newton's own: slow for small s, exact in the limit. Band after fifteen 0.999
  /// to 1 from s = 0.01; in bfloat16 0.99 to 1.01. Bjorck, Bowie 1971,
  /// https://doi.org/10.1137/0708036
  cubic,
  /// (15 s - 10 s^3 + 3 s^5) / 8, the quintic that converges fastest near 1. Band after ten 0.999
  /// to 1 from s = 0.01; in bfloat16 0.98 to 1.02. Higham 2008, "Functions of Matrices", chapter 8.
  taylor,
};

/// Every set, in the order of the list above.
std::span<const Coefficients> all_coefficients();

/// The sequence of a set, where steps beyond its end repeat the last.
std::span<const NewtonSchulzStep> steps_of(Coefficients set);

/// `count` steps, at least 1, of a sequence that repeats its last beyond its end. Throws when the
/// sequence is empty.
std::vector<NewtonSchulzStep> repeat_last(std::span<const NewtonSchulzStep> steps, int count);

/// "standard", "quintic", ...: as the command line and tables spell it.
std::string_view name_of(Coefficients set);

/// The set with this name. Throws an Error that lists the names when there is none.
Coefficients coefficients_named(std::string_view name);

/// Throws unless all steps keep singular values from 0 to 1 positive and the last leaves them at
/// most 2, also when rounding lifts the largest by 0.5 % in each step. Else the update of a
/// gradient of rank 1, whose singular value is 1, could be an ascent, or its steps could blow up.
/// The Error names the step and the singular value at which it goes wrong worst.
void check_safe(std::span<const NewtonSchulzStep> steps);

}  // namespace muonlab::optim
