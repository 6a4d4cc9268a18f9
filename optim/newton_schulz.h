#pragma once

#include <span>
#include <string_view>

namespace muonlab::optim {

/// One Newton-Schulz step, X <- a X + b (X X^T) X + c (X X^T)^2 X. It leaves the singular vectors
/// and takes every singular value s to a s + b s^3 + c s^5.
struct NewtonSchulzStep {
  float a, b, c;
};

/// Published sequences of steps. All take singular values in (0, 1] towards 1; they differ in how
/// fast small values grow and how near to 1 the values end.
enum class Coefficients {
  /// The same quintic each step; 0.68 to 1.13 after five for s >= 0.01.
  /// Jordan et al. 2024, https://kellerjordan.github.io/posts/muon/
  standard,
  /// Five different quintics; 0.978 to 1.032 for s >= 0.01. Jiacheng You 2024.
  quintic,
  /// Five quintics, each the best for the interval that the one before leaves, with a safety
  /// factor of 1.02; 0.859 to 1.141 for s >= 0.001. Amsel, Persson, Musco, Gower 2025,
  /// arXiv:2505.16932.
  polar_express,
  /// (3 s - s^3) / 2, Newton's own: slow for small s, exact in the limit. Bjorck, Bowie 1971.
  cubic,
};

/// The sequence of a set, where steps beyond its end repeat the last.
std::span<const NewtonSchulzStep> steps_of(Coefficients set);

/// "standard", "quintic", ...: as the command line and tables spell it.
std::string_view name_of(Coefficients set);

}  // namespace muonlab::optim
