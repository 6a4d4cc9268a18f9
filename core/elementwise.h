#pragma once

#include <cmath>

#ifdef __CUDACC__
#define MUONLAB_HOST_DEVICE __host__ __device__
#else
#define MUONLAB_HOST_DEVICE
#endif

namespace muonlab {

/// Every elementwise function is one struct: its value y and its slope dy/dx, given x and y.
/// The same code is compiled by g++ for the CPU and by nvcc for the GPU. To add one: the struct, a
/// name in Elementwise, a case in visit(); a line in autograd/functions.h and autograd/map.cpp; a
/// row in tests/op_cases.h.

/// x factor for a factor that falls to 0 faster than x grows, where infinity times 0 would be NaN.
MUONLAB_HOST_DEVICE inline float times(float x, float factor) {
  return factor == 0 ? 0 : x * factor;
}

/// max(x, 0); slope 0 at 0. NaN stays NaN.
struct Relu {
  MUONLAB_HOST_DEVICE static float value(float x) { return x < 0 ? 0 : x; }
  MUONLAB_HOST_DEVICE static float slope(float x, float /*y*/) { return x > 0 ? 1.0F : 0.0F; }
};

/// (e^x - e^-x) / (e^x + e^-x).
struct Tanh {
  MUONLAB_HOST_DEVICE static float value(float x) { return std::tanh(x); }
  MUONLAB_HOST_DEVICE static float slope(float /*x*/, float y) { return 1 - y * y; }
};

/// 1 / (1 + e^-x).
struct Sigmoid {
  MUONLAB_HOST_DEVICE static float value(float x) { return 1 / (1 + std::exp(-x)); }
  MUONLAB_HOST_DEVICE static float slope(float /*x*/, float y) { return y * (1 - y); }
};

/// x sigmoid(x). Elfwing, Uchibe, Doya 2017, arXiv:1702.03118.
struct Silu {
  MUONLAB_HOST_DEVICE static float value(float x) { return times(x, Sigmoid::value(x)); }
  MUONLAB_HOST_DEVICE static float slope(float x, float y) {
    return slope_given(y, Sigmoid::value(x));
  }
  MUONLAB_HOST_DEVICE static float slope_given(float y, float sigmoid) {
    return sigmoid + times(y, 1 - sigmoid);
  }
};

/// x Phi(x), Phi the normal distribution. Hendrycks, Gimpel 2016, arXiv:1606.08415.
struct Gelu {
  MUONLAB_HOST_DEVICE static float value(float x) { return times(x, phi(x)); }
  MUONLAB_HOST_DEVICE static float slope(float x, float /*y*/) {
    return phi(x) + times(x * 0.39894228F, std::exp(-0.5F * x * x));  // 1 / sqrt(2 pi)
  }
  MUONLAB_HOST_DEVICE static float phi(float x) {
    return 0.5F * std::erfc(-0.70710678F * x);  // 1 / sqrt(2); erfc keeps the left tail's digits
  }
};

/// The same paper's approximation, x (1 + tanh t) / 2 with t = sqrt(2 / pi) (x + 0.044715 x^3):
/// x sigmoid(2 t), which keeps the left tail's digits.
struct GeluTanh {
  MUONLAB_HOST_DEVICE static float value(float x) { return times(x, Sigmoid::value(twice_t(x))); }
  MUONLAB_HOST_DEVICE static float slope(float x, float /*y*/) {
    return slope_given(x, Sigmoid::value(twice_t(x)));
  }
  MUONLAB_HOST_DEVICE static float slope_given(float x, float sigmoid) {
    return sigmoid + times(x * 1.5957691F * (1 + 3 * 0.044715F * x * x), sigmoid * (1 - sigmoid));
  }
  MUONLAB_HOST_DEVICE static float twice_t(float x) {
    return 1.5957691F * (x + 0.044715F * x * x * x);  // 2 sqrt(2 / pi)
  }
};

struct Exp {
  MUONLAB_HOST_DEVICE static float value(float x) { return std::exp(x); }
  MUONLAB_HOST_DEVICE static float slope(float /*x*/, float y) { return y; }
};

/// Natural logarithm.
struct Log {
  MUONLAB_HOST_DEVICE static float value(float x) { return std::log(x); }
  MUONLAB_HOST_DEVICE static float slope(float x, float /*y*/) { return 1 / x; }
};

/// -1, 0 or 1, flat everywhere, so that it is no function of variables. NaN stays NaN.
struct Sign {
  MUONLAB_HOST_DEVICE static float value(float x) { return x > 0 ? 1 : x < 0 ? -1 : x; }
  MUONLAB_HOST_DEVICE static float slope(float /*x*/, float /*y*/) { return 0; }
};

/// |x|; slope 0 at 0.
struct Abs {
  MUONLAB_HOST_DEVICE static float value(float x) { return std::fabs(x); }
  MUONLAB_HOST_DEVICE static float slope(float x, float /*y*/) { return Sign::value(x); }
};

struct Square {
  MUONLAB_HOST_DEVICE static float value(float x) { return x * x; }
  MUONLAB_HOST_DEVICE static float slope(float x, float /*y*/) { return 2 * x; }
};

struct Sqrt {
  MUONLAB_HOST_DEVICE static float value(float x) { return std::sqrt(x); }
  MUONLAB_HOST_DEVICE static float slope(float /*x*/, float y) { return 0.5F / y; }
};

enum class Elementwise {
  relu,
  tanh,
  sigmoid,
  silu,
  gelu,
  gelu_tanh,
  exp,
  log,
  sign,
  abs,
  square,
  sqrt
};

/// Calls visitor(F{}) with the struct that `function` names.
template <class Visitor>
void visit(Elementwise function, const Visitor& visitor) {
  switch (function) {
    case Elementwise::relu: return visitor(Relu{});
    case Elementwise::tanh: return visitor(Tanh{});
    case Elementwise::sigmoid: return visitor(Sigmoid{});
    case Elementwise::silu: return visitor(Silu{});
    case Elementwise::gelu: return visitor(Gelu{});
    case Elementwise::gelu_tanh: return visitor(GeluTanh{});
    case Elementwise::exp: return visitor(Exp{});
    case Elementwise::log: return visitor(Log{});
    case Elementwise::sign: return visitor(Sign{});
    case Elementwise::abs: return visitor(Abs{});
    case Elementwise::square: return visitor(Square{});
    case Elementwise::sqrt: return visitor(Sqrt{});
  }
}

/// The four operations on two numbers.
struct Add {
  MUONLAB_HOST_DEVICE static float value(float a, float b) { return a + b; }
};
struct Sub {
  MUONLAB_HOST_DEVICE static float value(float a, float b) { return a - b; }
};
struct Mul {
  MUONLAB_HOST_DEVICE static float value(float a, float b) { return a * b; }
};
struct Div {
  MUONLAB_HOST_DEVICE static float value(float a, float b) { return a / b; }
};

enum class Arithmetic { add, sub, mul, div };

template <class Visitor>
void visit(Arithmetic function, const Visitor& visitor) {
  switch (function) {
    case Arithmetic::add: return visitor(Add{});
    case Arithmetic::sub: return visitor(Sub{});
    case Arithmetic::mul: return visitor(Mul{});
    case Arithmetic::div: return visitor(Div{});
  }
}

}  // namespace muonlab
