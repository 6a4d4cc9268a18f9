#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "muonlab/core/precision.h"
#include "muonlab/core/tensor.h"
#include "muonlab/optim/newton_schulz.h"

namespace muonlab::optim {

/// How the products of the steps are computed. The result is the same but for rounding; which is
/// fastest depends on the shape and the precision. n is the shorter side, M the longer, T the
/// number of steps.
enum class Form {
  automatic,  ///< what the cost model in optim/orthogonalize_cost.h finds fastest
  plain,      ///< every product in whole: T (4 n^2 M + 2 n^3) FLOPs
  symmetric,  ///< of symmetric products one half, mirrored: T (3 n^2 M + n^3)
  /// Steps are taken on the (n, n) matrix X X^T, and X is multiplied after every third only: in
  /// five steps 6 n^2 M + 14 n^3. In float32, because rounding errors grow until then. Dao-AILab
  /// 2025, https://github.com/Dao-AILab/gram-newton-schulz
  gram,
};

/// "automatic", "plain", ...
std::string_view name_of(Form form);

struct OrthogonalizeOptions {
  int steps = 5;  ///< Newton-Schulz steps, at least 1
  Coefficients coefficients = Coefficients::standard;
  std::vector<NewtonSchulzStep> sequence = {};  ///< steps of your own, instead of `coefficients`
  /// Of the products, see orthogonalize(); unless told, what the device is fastest in.
  std::optional<Precision> precision = {};
  Form form = Form::automatic;
};

/// The steps that the options ask for. Throws unless there is at least one, and when a sequence of
/// their own is not safe: see check_safe().
std::vector<NewtonSchulzStep> steps_of(const OrthogonalizeOptions& options);

/// A matrix with the singular vectors of `g` and singular values near 1: about U V^T of the
/// singular value decomposition U S V^T. (m, n) to (m, n). How near depends on the coefficients;
/// singular values below about a thousandth of |g| stay smaller. Zero gives exactly zero, and the
/// scale of g does not matter, from the smallest denormal number to the largest: orthogonalize(c g)
/// is orthogonalize(g) for c > 0.
///
/// In bfloat16 bands are wider, see Coefficients, and no direction turns round: docs/rounding.md
/// says why, and for which matrices. Products are float32 all the same, in up to twice the time on
/// a CPU and ten times on a GPU, where rounding could turn one: with steps that leave it no room
/// (quintic, polar_express, cubic5, most of one's own), and where the shorter side is below 64,
/// because errors in a few elements can line up. plan_for() in optim/orthogonalize_cost.h tells.
///
/// Throws unless g is a matrix and there is at least one step. Jordan et al. 2024,
/// https://kellerjordan.github.io/posts/muon/; Newton-Schulz iteration: Higham 2008, "Functions of
/// Matrices", chapter 8.
Tensor orthogonalize(const Tensor& g, const OrthogonalizeOptions& options = {});

/// orthogonalize() of each matrix of a stack (k, m, n), to the bit, in its own memory.
void orthogonalize_in_place(Tensor& stack, const OrthogonalizeOptions& options = {});

/// How many matrices of a shape are best computed at a time: small ones together keep all threads
/// busy, and more than the CPU's caches hold would be slower.
std::size_t stack_size(const Shape& matrix, Device device);

/// orthogonalize() of each of several matrices of one shape, to the bit, in stacks of that size.
/// Throws also when the shapes differ.
std::vector<Tensor> orthogonalize(std::span<const Tensor> matrices,
                                  const OrthogonalizeOptions& options = {});

}  // namespace muonlab::optim
