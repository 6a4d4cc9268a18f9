#include "optim/newton_schulz.h"

#include <array>

namespace muonlab::optim {
namespace {

constexpr std::array standard = {NewtonSchulzStep{3.4445F, -4.7750F, 2.0315F}};

constexpr std::array quintic = {
    NewtonSchulzStep{4.0848F, -6.8946F, 2.9270F}, NewtonSchulzStep{3.9505F, -6.3029F, 2.6377F},
    NewtonSchulzStep{3.7418F, -5.5913F, 2.3037F}, NewtonSchulzStep{2.8769F, -3.1427F, 1.2046F},
    NewtonSchulzStep{2.8366F, -3.0525F, 1.2012F},
};

constexpr std::array polar_express = {
    NewtonSchulzStep{8.156554524902461F, -22.48329292557795F, 15.878769915207462F},
    NewtonSchulzStep{4.042929935166739F, -2.808917465908714F, 0.5000178451051316F},
    NewtonSchulzStep{3.8916678022926607F, -2.772484153217685F, 0.5060648178503393F},
    NewtonSchulzStep{3.285753657755655F, -2.3681294933425376F, 0.46449024233003106F},
    NewtonSchulzStep{2.3465413258596377F, -1.7097828382687081F, 0.42323551169305323F},
};

constexpr std::array cubic = {NewtonSchulzStep{1.5F, -0.5F, 0}};

}  // namespace

std::span<const NewtonSchulzStep> steps_of(Coefficients set) {
  switch (set) {
    case Coefficients::standard: return standard;
    case Coefficients::quintic: return quintic;
    case Coefficients::polar_express: return polar_express;
    case Coefficients::cubic: return cubic;
  }
  return standard;
}

std::string_view name_of(Coefficients set) {
  switch (set) {
    case Coefficients::standard: return "standard";
    case Coefficients::quintic: return "quintic";
    case Coefficients::polar_express: return "polar_express";
    case Coefficients::cubic: return "cubic";
  }
  return "?";
}

}  // namespace muonlab::optim
