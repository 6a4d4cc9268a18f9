#include "muonlab/nn/checkpoint.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "muonlab/nn/layers.h"
#include "muonlab/nn/safetensors.h"
#include "tests/folder.h"
#include "tests/random.h"

namespace muonlab::test {
namespace {

namespace fs = std::filesystem;
using nn::load;
using nn::save;

/// The module of tests/goldens/safetensors.py.
class Net : public nn::Module {
 public:
  explicit Net(std::uint64_t seed) : rng_(seed) {}

  Variable operator()(const Integers& symbols) { return norm_(fc_(table_(symbols))); }

 private:
  Rng rng_;
  nn::Embedding& table_ = add<nn::Embedding>("table", 4, 3, rng_);
  nn::Linear& fc_ = add<nn::Linear>("fc", 3, 4, rng_);
  nn::LayerNorm& norm_ = add<nn::LayerNorm>("norm", 4);
};

std::vector<float> values(const nn::Module& module) {
  std::vector<float> all;
  for (const nn::Parameter& parameter : module.parameters()) {
    const auto some = parameter.variable.value().values();
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

std::vector<nn::NamedTensor> named_tensors(const nn::Module& module) {
  std::vector<nn::NamedTensor> tensors;
  for (const nn::Parameter& parameter : module.parameters()) {
    tensors.push_back({parameter.name, parameter.variable.value()});
  }
  return tensors;
}

TEST_CASE("a module loads what another one saved, in place") {
  const Folder folder;
  const Net saved(1);
  Net loaded(2);
  const std::vector<nn::NamedTensor> before = named_tensors(loaded);
  REQUIRE(values(loaded) != values(saved));
  save(saved, folder.path / "net.safetensors");
  load(loaded, folder.path / "net.safetensors");
  CHECK(values(loaded) == values(saved));
  const std::vector<nn::NamedTensor> after = named_tensors(loaded);
  for (std::size_t i = 0; i < before.size(); ++i) {
    CHECK(after[i].tensor.data() == before[i].tensor.data());
  }
}

/// Running statistics, as a normalization keeps them.
class Block : public nn::Module {
 public:
  Rng rng = Rng(0);
  nn::BatchNorm2d& bn = add<nn::BatchNorm2d>("bn", 2);
  nn::Linear& fc = add<nn::Linear>("fc", 2, 2, rng);
};

TEST_CASE("buffers are saved and loaded beside the parameters, under PyTorch's names") {
  const Folder folder;
  const fs::path file = folder.path / "file";
  Block saved;
  saved.bn.buffers()[0].tensor.copy_from(Tensor({2}, {3, 4}));
  save(saved, file);
  std::string names;
  for (const auto& [name, tensor] : nn::read_safetensors(file)) names += name + ' ';
  CHECK(names == "bn.weight bn.bias fc.weight fc.bias bn.running_mean bn.running_var ");
  Block loaded;
  const Tensor mean = loaded.bn.buffers()[0].tensor;  // shares the module's memory
  load(loaded, file);
  CHECK(mean.values()[1] == 4);

  nn::write_safetensors(file, named_tensors(loaded));
  CHECK(folder.error([&] { load(loaded, file); }) ==
        "DIR/file: not the parameters and buffers of this module, missing \"bn.running_mean\"");
}

TEST_CASE("a module computes what PyTorch does with PyTorch's file, and writes the same file") {
  const fs::path golden = fs::path(MUONLAB_SOURCE_DIR) / "tests/goldens/from_torch.safetensors";
  Net net(1);
  load(net, golden);
  const Tensor y = net(Integers({4}, {0, 1, 2, 3})).value();
  const Tensor expected({4, 4}, {-1.23720503F, 2.78667045F, 0.23225461F, -1.75746977F,   // of 0
                                 -2.23077893F, 2.74430680F, 0.24499317F, -1.05538106F,   // of 1
                                 -2.05265188F, 2.73239446F, 0.24228589F, -0.76441360F,   // of 2
                                 4.21689510F, 2.78656697F, 0.11562015F, -1.14901972F});  // of 3
  CHECK(relative_error(y, expected) < 1e-6);  // both computed in float32
  const Folder folder;
  save(net, folder.path / "ours");
  fs::copy_file(golden, folder.path / "theirs");
  CHECK(folder.read("ours") == folder.read("theirs"));
}

TEST_CASE("a file that does not fit the module changes nothing") {
  const Folder folder;
  const fs::path file = folder.path / "file";
  Net net(1);
  const std::vector<float> before = values(net);
  const std::vector<nn::NamedTensor> other = named_tensors(Net(2));
  REQUIRE(other.back().name == "norm.bias");
  const auto load_error = [&] {
    std::string message = folder.error([&] { load(net, file); });
    CHECK(values(net) == before);
    return message;
  };

  auto tensors = other;
  tensors.pop_back();
  nn::write_safetensors(file, tensors);
  CHECK(load_error() ==
        R"(DIR/file: not the parameters and buffers of this module, missing "norm.bias")");

  tensors.push_back({"norm.beta", Tensor({4}, {0, 0, 0, 0})});
  nn::write_safetensors(file, tensors);
  CHECK(load_error() ==
        "DIR/file: not the parameters and buffers of this module, missing \"norm.bias\", "
        "unexpected \"norm.beta\"");

  tensors = other;
  tensors.push_back({"fc.scale", Tensor({}, {1})});
  nn::write_safetensors(file, tensors);
  CHECK(load_error() ==
        R"(DIR/file: not the parameters and buffers of this module, unexpected "fc.scale")");

  tensors = other;
  tensors.back().tensor = Tensor({1, 4}, {0, 0, 0, 0});
  nn::write_safetensors(file, tensors);
  CHECK(load_error() == R"(DIR/file: tensor "norm.bias": got shape (1, 4), expected (4))");

  nn::write_safetensors(file, other);
  fs::resize_file(file, fs::file_size(file) - 1);
  CHECK(load_error() == "DIR/file: cut short, got 143 bytes after the header, expected 144");

  fs::remove(file);
  CHECK(load_error() == "DIR/file: cannot be read, No such file or directory");
}

TEST_CASE("a module that cannot be saved leaves what was there") {
  const Folder folder;
  const Net net(1);
  folder.write("file", "old");
  CHECK(folder.error([&] { save(net, folder.path / "file" / "net.safetensors"); }) ==
        "cannot make the folder DIR/file: Not a directory");
  CHECK(folder.read("file") == "old");
  CHECK(folder.entries() == 1);
}

}  // namespace
}  // namespace muonlab::test
