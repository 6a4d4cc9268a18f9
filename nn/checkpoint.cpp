#include "muonlab/nn/checkpoint.h"

#include <map>
#include <set>
#include <utility>

namespace muonlab::nn {
namespace {

using TensorsByName = std::map<std::string, Tensor>;

void check_names(const std::string& source, const TensorsByName& tensors,
                 const std::vector<NamedTensor>& own) {
  std::set<std::string> unexpected;
  for (const auto& [name, tensor] : tensors) unexpected.insert(name);
  std::string missing;
  for (const auto& [name, tensor] : own) {
    if (unexpected.erase(name) == 0 && missing.empty()) missing = name;
  }
  std::string difference;
  if (!missing.empty()) difference += ", missing " + quote(missing);
  if (!unexpected.empty()) difference += ", unexpected " + quote(*unexpected.begin());
  check(difference.empty(), source, ": not the parameters and buffers of this module", difference);
}

void check_shapes(const std::string& source, const TensorsByName& tensors,
                  const std::vector<NamedTensor>& own) {
  for (const auto& [name, tensor] : own) {
    const Shape& got = tensors.at(name).shape();
    const Shape& expected = tensor.shape();
    check(got == expected, source, ": tensor ", quote(name), ": got shape ", got, ", expected ",
          expected);
  }
}

}  // namespace

std::vector<NamedTensor> state(const Module& module) {
  std::vector<NamedTensor> tensors;
  for (const Parameter& parameter : module.parameters()) {
    tensors.push_back({parameter.name, parameter.variable.value()});
  }
  for (const Buffer& buffer : module.buffers()) tensors.push_back({buffer.name, buffer.tensor});
  return tensors;
}

void load_state(Module& module, const std::vector<NamedTensor>& tensors,
                const std::string& source) {
  TensorsByName by_name;
  for (const auto& [name, tensor] : tensors) {
    const bool is_new = by_name.emplace(name, tensor).second;
    check(is_new, source, ": two tensors are called ", quote(name));
  }
  std::vector<NamedTensor> own = state(module);
  check_names(source, by_name, own);
  check_shapes(source, by_name, own);
  for (auto& [name, tensor] : own) tensor.copy_from(by_name.at(name));
}

void save(const Module& module, const std::filesystem::path& path) {
  write_safetensors(path, state(module));
}

void load(Module& module, const std::filesystem::path& path) {
  load_state(module, read_safetensors(path), path.string());
}

}  // namespace muonlab::nn
