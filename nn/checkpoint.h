#pragma once

#include <filesystem>

#include "nn/module.h"

namespace muonlab::nn {

/// Makes `path` hold every parameter of `module` under its name, as a safetensors file: PyTorch's
/// modules of the same names and shapes load it. Throws when that fails, and leaves what was there.
void save(const Module& module, const std::filesystem::path& path);

/// Gives every parameter of `module` the value that the safetensors file at `path` has under its
/// name: in place, so that optimizers keep seeing it, and on the device where it is. Throws, and
/// changes nothing, when the file is not valid or has other names or shapes than the module.
void load(Module& module, const std::filesystem::path& path);

}  // namespace muonlab::nn
