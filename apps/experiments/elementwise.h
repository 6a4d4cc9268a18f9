#pragma once

#include <span>

#include "muonlab/optim/hybrid.h"
#include "muonlab/optim/rules.h"

namespace muonlab::app {

/// An optimizer that treats every number of every parameter alike, as tables and pages know it.
struct ElementwiseRule {
  const char* name;
  const char* about;    // one line
  const char* formula;  // g: gradient, m: its mean, v: its mean square, w: weights
  int state;            // copies of the parameters
  optim::Evidence evidence;
  const char* source;
  float lr;
  optim::Route (*route)(float lr);  // for all roles
};

/// Those that comparisons know beside AdamW and SGD, which they tune by themselves.
std::span<const ElementwiseRule> elementwise_rules();

}  // namespace muonlab::app
