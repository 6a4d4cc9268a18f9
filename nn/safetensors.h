#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "muonlab/core/files.h"
#include "muonlab/core/tensor.h"

/// The file format in which PyTorch's users exchange weights: the length of a header (8 bytes,
/// little endian), the header (JSON: the type, shape and place of every tensor by its name), and
/// the elements, row-major. https://github.com/huggingface/safetensors
namespace muonlab::nn {

struct NamedTensor {
  std::string name;
  Tensor tensor;
};

/// Writes the tensors to `path`, from any device, bit for bit and in this order; on failure the old
/// file stays. Throws when the file cannot be written, or when a name is not UTF-8, is taken by
/// another tensor, or is "__metadata__", which the format keeps for remarks. Returns the file's
/// size and checksum.
files::Seal write_safetensors(const std::filesystem::path& path,
                              const std::vector<NamedTensor>& tensors);

/// The tensors of a file, on the CPU, in the order of their elements. The file may come from
/// anywhere: its claims are checked against its size before they cost memory. Throws, in one line
/// that names the file and the tensor, when it breaks the format's rules, or when a tensor is not
/// float32 or has more than 4 axes. PyTorch's integers NAME.num_batches_tracked, which no module
/// here has, are left out.
std::vector<NamedTensor> read_safetensors(const std::filesystem::path& path);

/// A tensor's name for error messages: in quotes, on one line, cut when it is long.
std::string quote(const std::string& name);

}  // namespace muonlab::nn
