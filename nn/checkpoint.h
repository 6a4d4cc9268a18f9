#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "nn/module.h"
#include "nn/safetensors.h"

namespace muonlab::nn {

/// Every parameter of `module`, then every buffer, under its name. The tensors are the module's
/// own.
std::vector<NamedTensor> state(const Module& module);

/// Gives every parameter and buffer of `module` the value that `tensors` have under its name: in
/// place, so that optimizers keep seeing it, and on the device where it is. Throws, and changes
/// nothing, when names or shapes are not the module's; the message begins with `source`.
void load_state(Module& module, const std::vector<NamedTensor>& tensors, const std::string& source);

/// Makes `path` hold state(module) as a safetensors file: PyTorch's modules of the same names and
/// shapes load it. Throws when that fails, and leaves what was there.
void save(const Module& module, const std::filesystem::path& path);

/// load_state() from the safetensors file at `path`. Throws, and changes nothing, when the file is
/// not valid or not this module's.
void load(Module& module, const std::filesystem::path& path);

}  // namespace muonlab::nn
