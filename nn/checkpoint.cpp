#include "nn/checkpoint.h"

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "nn/safetensors.h"

namespace muonlab::nn {
namespace {

using TensorsByName = std::map<std::string, Tensor>;

void check_names(const std::string& file, const TensorsByName& tensors,
                 const Parameters& parameters) {
  std::set<std::string> unexpected;
  for (const auto& [name, tensor] : tensors) unexpected.insert(name);
  std::string missing;
  for (const Parameter& parameter : parameters) {
    if (unexpected.erase(parameter.name) == 0 && missing.empty()) missing = parameter.name;
  }
  std::string difference;
  if (!missing.empty()) difference += ", missing " + quote(missing);
  if (!unexpected.empty()) difference += ", unexpected " + quote(*unexpected.begin());
  check(difference.empty(), file, ": not the parameters of this module", difference);
}

void check_shapes(const std::string& file, const TensorsByName& tensors,
                  const Parameters& parameters) {
  for (const Parameter& parameter : parameters) {
    const Shape& got = tensors.at(parameter.name).shape();
    const Shape& expected = parameter.variable.shape();
    check(got == expected, file, ": tensor ", quote(parameter.name), ": got shape ", got,
          ", expected ", expected);
  }
}

}  // namespace

void save(const Module& module, const std::filesystem::path& path) {
  std::vector<NamedTensor> tensors;
  for (const Parameter& parameter : module.parameters()) {
    tensors.push_back({parameter.name, parameter.variable.value()});
  }
  write_safetensors(path, tensors);
}

void load(Module& module, const std::filesystem::path& path) {
  TensorsByName tensors;
  for (auto& [name, tensor] : read_safetensors(path)) tensors.emplace(name, tensor);
  Parameters parameters = module.parameters();
  check_names(path.string(), tensors, parameters);
  check_shapes(path.string(), tensors, parameters);
  for (Parameter& parameter : parameters) {
    parameter.variable.value().copy_from(tensors.at(parameter.name));
  }
}

}  // namespace muonlab::nn
