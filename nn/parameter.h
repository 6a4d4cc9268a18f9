#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "muonlab/autograd/variable.h"

namespace muonlab::nn {

/// What a parameter is for. A layer gives each of its parameters a role; the model marks its two
/// ends, input and head. Optimizers and weight decay look at roles, never at names or ranks.
enum class Role {
  hidden,  ///< matrix or filter bank between two hidden representations
  input,   ///< reads raw input: embedding table, first convolution
  head,    ///< produces the logits
  gain,    ///< scale of a normalization
  bias,    ///< added vector
};

inline const char* name_of(Role role) {
  switch (role) {
    case Role::hidden: return "hidden";
    case Role::input: return "input";
    case Role::head: return "head";
    case Role::gain: return "gain";
    case Role::bias: return "bias";
  }
  return "?";
}

inline std::ostream& operator<<(std::ostream& out, Role role) { return out << name_of(role); }

struct Parameter {
  std::string name;  // path in the model, "body.0.weight"
  Variable variable;
  Role role;
};

using Parameters = std::vector<Parameter>;

/// A tensor that a module keeps and no optimizer changes, such as running statistics.
struct Buffer {
  std::string name;  // path in the model
  Tensor tensor;     // the module's own memory
};

using Buffers = std::vector<Buffer>;

}  // namespace muonlab::nn
