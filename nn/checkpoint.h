#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "muonlab/nn/module.h"
#include "muonlab/nn/safetensors.h"

namespace muonlab::nn {

/// Every parameter of `module`, then every buffer, under its name. The tensors are the module's
/// own.
std::vector<NamedTensor> state(const Module& module);

/// Copies `tensors` into the parameters and buffers of `module` that have their names: in place, so
/// that optimizers still refer to them, and on any device. Throws, and changes nothing, when names
/// or shapes are not the module's; the message begins with `source`.
void load_state(Module& module, const std::vector<NamedTensor>& tensors, const std::string& source);

/// Writes state(module) to `path` as a safetensors file, which PyTorch's modules of the same names
/// and shapes can load. Throws on failure and keeps the old file.
void save(const Module& module, const std::filesystem::path& path);

/// load_state() from the safetensors file at `path`. Throws, and changes nothing, when the file is
/// not valid or not this module's.
void load(Module& module, const std::filesystem::path& path);

}  // namespace muonlab::nn
