// A safetensors file: the input itself, or, where it begins as a header does, one whose header is
// the input's first line and whose elements are the rest.
#include "muonlab/nn/safetensors.h"

#include "tests/folder.h"
#include "tests/fuzz/fuzz.h"
#include "tests/safetensors_bytes.h"

namespace muonlab::fuzz {

void read(const std::string& input) {
  static const test::Folder folder;
  const std::size_t end = input.find('\n');
  const bool is_header = input.starts_with('{') && end != std::string::npos;
  nn::read_safetensors(folder.write(
      "input", is_header ? test::pack(input.substr(0, end)) + input.substr(end + 1) : input));
}

std::vector<std::string> seeds() {
  const std::string header =
      R"({"__metadata__":{"format":"pt"},"a.weight":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},)"
      R"("num_batches_tracked":{"dtype":"I64","shape":[],"data_offsets":[8,16]},)"
      R"("empty":{"dtype":"F32","shape":[0,3],"data_offsets":[16,16]}})";
  return {header + '\n' + std::string(16, 'x'), test::pack(header, 16)};
}

}  // namespace muonlab::fuzz
