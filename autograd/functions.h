#pragma once

#include <vector>

#include "muonlab/autograd/variable.h"
#include "muonlab/core/kernels/conv2d.h"
#include "muonlab/core/kernels/matmul.h"
#include "muonlab/core/kernels/pool.h"
#include "muonlab/core/rng.h"

/// The reference page of every differentiable function. Each one computes its result and records
/// one pullback per input. All throw muonlab::Error when shapes do not fit.
namespace muonlab {

// Element by element; formulas and sources in core/elementwise.h.

Variable relu(const Variable& x);       ///< max(x, 0)
Variable tanh(const Variable& x);       ///< hyperbolic tangent
Variable sigmoid(const Variable& x);    ///< 1 / (1 + e^-x)
Variable silu(const Variable& x);       ///< x sigmoid(x)
Variable gelu(const Variable& x);       ///< x Phi(x), exact
Variable gelu_tanh(const Variable& x);  ///< gelu by its tanh approximation
Variable exp(const Variable& x);        ///< e^x
Variable log(const Variable& x);        ///< natural logarithm
Variable abs(const Variable& x);        ///< |x|, of slope 0 at 0
Variable square(const Variable& x);     ///< x^2
Variable sqrt(const Variable& x);       ///< square root

// Arithmetic, element by element; axes of size 1 and missing leading axes repeat, as in NumPy.

Variable add(const Variable& a, const Variable& b);
Variable sub(const Variable& a, const Variable& b);
Variable mul(const Variable& a, const Variable& b);
Variable div(const Variable& a, const Variable& b);
Variable scale(float alpha, const Variable& x);  ///< alpha x

inline Variable operator+(const Variable& a, const Variable& b) { return add(a, b); }
inline Variable operator-(const Variable& a, const Variable& b) { return sub(a, b); }
inline Variable operator*(const Variable& a, const Variable& b) { return mul(a, b); }
inline Variable operator/(const Variable& a, const Variable& b) { return div(a, b); }
inline Variable operator*(float alpha, const Variable& x) { return scale(alpha, x); }

// Products.

/// op(a) op(b): (..., m, k) times (..., k, n) is (..., m, n). The leading axes must agree, unless b
/// is a single matrix, which serves all. Op::transpose takes the matrices of an operand transposed.
Variable matmul(const Variable& a, const Variable& b, kernel::Op op_a = kernel::Op::none,
                kernel::Op op_b = kernel::Op::none);

/// x w^T + bias: (..., in), (out, in), (out) to (..., out).
Variable linear(const Variable& x, const Variable& weight, const Variable& bias);

/// x w^T: (..., in), (out, in) to (..., out).
Variable linear(const Variable& x, const Variable& weight);

// Images: (batch, channels, height, width).

/// A cross-correlation of images with filters, as everywhere in the field. LeCun et al. 1989.
///
///     y(n, o, i, j) = bias(o) + sum over c, u, v of
///                     weight(o, c, u, v) x(n, c, i s + u d - p, j s + v d - p)
///
/// Stride s, padding p and dilation d are in the options; x is 0 outside. With groups, c runs over
/// the input channels of o's group alone. Shapes: x (n, in, h, w), weight (out, in / groups, kh,
/// kw) and bias (out) to (n, out, oh, ow), where oh = (h + 2 p - d (kh - 1) - 1) / s + 1, rounded
/// down.
Variable conv2d(const Variable& x, const Variable& weight, const Variable& bias,
                Conv2dOptions options = {});

/// The same without a bias.
Variable conv2d(const Variable& x, const Variable& weight, Conv2dOptions options = {});

/// y(n, c, i, j) = the largest of x(n, c, i s + u - p, j s + v - p) over (u, v) within a window,
/// with stride s and padding p; outside x lies -infinity. The gradient goes to the first of equals
/// (which may be padding when all are -infinity), and a NaN counts as larger than all before it.
/// (n, c, h, w) to (n, c, (h + 2 p - size) / s + 1, ...), rounded down. A window has at most 256
/// elements.
Variable max_pool2d(const Variable& x, Pool2dOptions options);

/// The mean of each window; shapes as for max_pool2d(). Padding counts as zeros, so each sum is
/// divided by the window's area.
Variable avg_pool2d(const Variable& x, Pool2dOptions options);

/// The mean of each plane: (n, c, h, w) to (n, c). Lin, Chen, Yan 2013, arXiv:1312.4400.
Variable global_avg_pool2d(const Variable& x);

struct BatchNormResult {
  Variable y;
  Tensor mean;      ///< of the batch, (channels)
  Tensor variance;  ///< of the batch, (channels); biased: divided by the number of values
};

/// y = gain (x - mean) / sqrt(variance + eps) + bias, mean and (biased) variance of each channel
/// over the batch and all positions: (n, channels, ...), (channels), (channels) to (n, channels,
/// ...). Throws unless a channel has more than one value. Ioffe, Szegedy 2015, arXiv:1502.03167.
BatchNormResult batch_norm(const Variable& x, const Variable& gain, const Variable& bias,
                           float eps = 1e-5F);

/// The same with a given mean and variance (channels), which are constants, such as running
/// statistics.
Variable batch_norm(const Variable& x, const Variable& gain, const Variable& bias,
                    const Tensor& mean, const Tensor& variance, float eps = 1e-5F);

/// gain (x - mean) / sqrt(variance + eps) + bias, mean and (biased) variance of each image over
/// each of `groups` equal runs of channels: shapes as for batch_norm. Wu, He 2018,
/// arXiv:1803.08494.
Variable group_norm(const Variable& x, Index groups, const Variable& gain, const Variable& bias,
                    float eps = 1e-5F);

// Shapes.

/// The same numbers under another shape of equal count.
Variable reshape(const Variable& x, Shape shape);

/// The axes in another order: axis i of the result is axis axes[i] of x.
Variable permute(const Variable& x, const std::vector<int>& axes);

/// Entries [begin, end) of an axis; -1 is the last.
Variable slice(const Variable& x, int axis, Index begin, Index end);

/// The parts one after another along an axis; all other sizes must agree.
Variable concatenate(const std::vector<Variable>& parts, int axis);

// Reductions.

Variable sum(const Variable& x);             ///< of all elements, shape ()
Variable sum(const Variable& x, int axis);   ///< over one axis, which disappears
Variable mean(const Variable& x);            ///< of all elements, shape ()
Variable mean(const Variable& x, int axis);  ///< over one axis, which disappears

// Rows: over the last axis.

Variable softmax(const Variable& x);      ///< exp(x) / sum of exp(x)
Variable log_softmax(const Variable& x);  ///< x - log(sum of exp(x))

/// gain (x - mean) / sqrt(variance + eps) + bias, mean and (biased) variance over the last axis:
/// (..., n), (n), (n) to (..., n). Ba, Kiros, Hinton 2016, arXiv:1607.06450.
Variable layer_norm(const Variable& x, const Variable& gain, const Variable& bias,
                    float eps = 1e-5F);

// Regularization, tables, losses.

/// x with each element set to 0 with probability p, the others multiplied by 1 / (1 - p), so that
/// the mean stays. p within [0, 1). Srivastava et al. 2014.
Variable dropout(const Variable& x, float p, Rng& rng);

/// Rows of a table: (n, dim) and indices (...) within [0, n) to (..., dim).
Variable embedding(const Variable& table, const Integers& index);

enum class Reduction { mean, sum };

struct CrossEntropyOptions {
  float label_smoothing = 0;  ///< within [0, 1]: this much of the target is spread over all classes
  Reduction reduction = Reduction::mean;  ///< over rows
};

/// -log softmax(logits)[label]: (..., classes) and labels (...) within [0, classes) to ().
/// On the GPU a check would have to wait for all earlier work; there, a label outside makes the
/// loss and the gradient of its row NaN. Label smoothing: Szegedy et al. 2015, arXiv:1512.00567.
Variable cross_entropy(const Variable& logits, const Integers& labels,
                       CrossEntropyOptions options = {});

}  // namespace muonlab
