#include "muonlab/nn/safetensors.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <filesystem>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/folder.h"
#include "tests/safetensors_bytes.h"

namespace muonlab::test {
namespace {

namespace fs = std::filesystem;
using nn::NamedTensor;
using nn::read_safetensors;
using nn::write_safetensors;

TEST_CASE("tensors come back from a file in the same order, bit for bit") {
  using Limits = std::numeric_limits<float>;
  const Tensor special({2, 4}, {Limits::quiet_NaN(), Limits::infinity(), -Limits::infinity(), -0.0F,
                                Limits::denorm_min(), -Limits::denorm_min(), Limits::max(),
                                std::bit_cast<float>(0xFFC12345U)});  // NaN with a payload
  const std::vector<NamedTensor> tensors = {
      {"special", special},
      {"scalar", Tensor({}, {2.5F})},
      {"none", Tensor({0})},
      {"no.rows", Tensor({3, 0, Index{1} << 40, Index{1} << 40})},
      {"", Tensor({1, 1, 1, 2}, {1, 2})},
      {"Gr\u00fc\u00dfe \"\\\n", Tensor({1}, {3})},
      {"slice", special.slice(1, 2)}};
  const Folder folder;
  const fs::path file = folder.path / "file";
  write_safetensors(file, tensors);
  const std::vector<NamedTensor> read = read_safetensors(file);
  REQUIRE(read.size() == tensors.size());
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    CAPTURE(i);
    CHECK(read[i].name == tensors[i].name);
    CHECK(read[i].tensor.shape() == tensors[i].tensor.shape());
    CHECK(std::ranges::equal(std::as_bytes(read[i].tensor.values()),
                             std::as_bytes(tensors[i].tensor.values())));
  }
}

TEST_CASE("files have the bytes that the reference implementation writes") {
  const Folder folder;
  const fs::path file = folder.path / "file";
  std::string elements;
  for (const float value : {0.0F, 1.0F, 2.0F, 3.0F, 4.0F, 5.0F}) elements += bytes_of(value);
  write_safetensors(file, {{"attn.0", Tensor({1, 2, 3}, {0, 1, 2, 3, 4, 5})}});
  CHECK(folder.read("file") ==
        pack(R"({"attn.0":{"dtype":"F32","shape":[1,2,3],"data_offsets":[0,24]}})") + elements);
  write_safetensors(file, {{"attn0", Tensor({1, 1, 2, 3}, {0, 1, 2, 3, 4, 5})}});
  CHECK(folder.read("file") ==
        pack(R"({"attn0":{"dtype":"F32","shape":[1,1,2,3],"data_offsets":[0,24]}}       )") +
            elements);
  write_safetensors(file, {});
  CHECK(folder.read("file") == pack("{}      "));
  CHECK(read_safetensors(file).empty());
}

TEST_CASE("a header may be in any order, with remarks, spaces and fields of later versions") {
  const Folder folder;
  const fs::path file = folder.write("file", pack(R"({"b": {"shape": [], "data_offsets": [4, 8],
      "dtype": "F32", "later": [1]}, "__metadata__": {"format": "pt"},
      "a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}   )") +
                                                 bytes_of(1.0F) + bytes_of(2.0F));
  const std::vector<NamedTensor> tensors = read_safetensors(file);
  REQUIRE(tensors.size() == 2);
  CHECK(tensors[0].name == "a");
  CHECK(tensors[0].tensor.item() == 1);
  CHECK(tensors[1].name == "b");
  CHECK(tensors[1].tensor.item() == 2);
}

TEST_CASE("remarks that are null are none, as in the reference implementation") {
  const Folder folder;
  const fs::path file = folder.write(
      "file", pack(R"({"__metadata__":null,"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]}})") +
                  bytes_of(5.0F));
  const std::vector<NamedTensor> tensors = read_safetensors(file);
  REQUIRE(tensors.size() == 1);
  CHECK(tensors[0].tensor.item() == 5);
}

TEST_CASE("the counters of PyTorch's batch normalization are left out, other integers refused") {
  const Folder folder;
  const auto file = [&folder](const std::string& name, const std::string& offsets) {
    return folder.write("file", pack("{\"" + name + R"(":{"dtype":"I64","shape":[],)" +
                                         R"("data_offsets":)" + offsets + R"(},"bn.weight":)" +
                                         R"({"dtype":"F32","shape":[1],"data_offsets":[8,12]}})",
                                     12));
  };
  const auto tensors = read_safetensors(file("bn.num_batches_tracked", "[0,8]"));
  REQUIRE(tensors.size() == 1);
  CHECK(tensors[0].name == "bn.weight");
  const auto error = [&](const std::string& name, const std::string& offsets) {
    return folder.error([&] { read_safetensors(file(name, offsets)); });
  };
  CHECK(error("bn.count", "[0,8]") ==
        R"(DIR/file: tensor "bn.count": dtype "I64" is not supported, convert to F32)");
  CHECK(error("num_batches_tracked", "[0,4]") ==
        R"(DIR/file: tensor "num_batches_tracked": got 4 bytes, expected 8 for each of the 1 )"
        "elements of ()");
}

TEST_CASE("a header of many tensors is read in time that grows no faster than it") {
  std::string header = R"({"__metadata__":{})";
  for (int i = 0; i < 100'000; ++i) {
    header += ",\"" + std::to_string(i) + R"(":{"dtype":"F32","shape":[0],"data_offsets":[0,0]})";
  }
  const Folder folder;
  const fs::path file = folder.write("file", pack(header + "}"));
  CHECK(read_safetensors(file).size() == 100'000);  // in quadratic time, minutes
}

/// What write_safetensors says of these tensors for DIR/file.
std::string write_error(const std::vector<NamedTensor>& tensors) {
  const Folder folder;
  std::string message = folder.error([&] { write_safetensors(folder.path / "file", tensors); });
  CHECK(folder.entries() == 0);
  return message;
}

TEST_CASE("names that a file cannot hold are refused before there is a file") {
  const Tensor tensor({1}, {0});
  CHECK(write_error({{"a", tensor}, {"b", tensor}, {"a", tensor}}) ==
        R"(cannot write DIR/file: the name "a" is taken)");
  CHECK(write_error({{"__metadata__", tensor}}) ==
        R"(cannot write DIR/file: the name "__metadata__" is taken)");
  CHECK(write_error({{"\xFF", tensor}}) == "cannot write DIR/file: a tensor's name is not UTF-8");
}

}  // namespace
}  // namespace muonlab::test
