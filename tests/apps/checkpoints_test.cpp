#include "apps/comparison/checkpoints.h"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <span>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "core/crc32.h"
#include "tests/folder.h"

namespace muonlab::test {
namespace {

namespace fs = std::filesystem;
using app::Checkpoints;
using app::Json;
using app::read_checkpoint;

const std::vector<nn::NamedTensor> tensors = {{"model.x", Tensor({3}, {1, 2, 3})}};

std::string names_in(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) {
    names.push_back(entry.path().filename().string());
  }
  std::ranges::sort(names);
  std::string text;
  for (const std::string& name : names) text += name + ' ';
  return text;
}

TEST_CASE("a checkpoint is read back, the last two are kept, and other files are left alone") {
  const Folder folder;
  const fs::path kept = folder.path / "a" / "kept";
  Checkpoints checkpoints(kept);
  CHECK(checkpoints.last().empty());
  folder.write("a/kept/notes.json", "{}");
  folder.write("a/kept/7.json", "{}");
  for (int i = 1; i <= 3; ++i) {
    folder.write("a/kept/000002.safetensors.partial", "killed while writing");
    checkpoints.write({{"i", i}}, tensors);
  }
  CHECK(names_in(kept) ==
        "000004.json 000004.safetensors 000005.json 000005.safetensors 7.json notes.json ");
  CHECK(checkpoints.last() == kept / "000005.json");
  const app::Checkpoint last = read_checkpoint(kept);
  CHECK(last.file == kept / "000005.json");
  CHECK(last.json["i"] == 3);
  CHECK(last.tensors[0].tensor.values()[2] == 3);
  CHECK(read_checkpoint(kept / "000004.json").json["i"] == 2);

  Checkpoints(read_checkpoint(kept / "000004.json")).write({{"i", 5}}, tensors);
  CHECK(names_in(kept) ==
        "000004.json 000004.safetensors 000006.json 000006.safetensors 7.json notes.json ");
}

TEST_CASE("a folder with another comparison's checkpoints is refused") {
  const Folder folder;
  Checkpoints(folder.path).write({}, tensors);
  CHECK(folder.error([&] { Checkpoints{folder.path}; }) ==
        "--checkpoint: DIR holds a comparison's checkpoints; go on with it by --resume DIR, or "
        "name another folder");
  folder.write("file", "");
  CHECK(folder.error([&] { Checkpoints{folder.path / "file"}; }) ==
        "cannot make the folder DIR/file: Not a directory");
}

TEST_CASE("what is no checkpoint is refused") {
  const Folder folder;
  folder.write("1.json", "{}");
  fs::create_directory(folder.path / "000001.json");
  const auto error = [&folder](const std::string& name) {
    return folder.error([&] { read_checkpoint(folder.path / name); });
  };
  CHECK(error("missing") == "DIR/missing: cannot be read, No such file or directory");
  CHECK(error("1.json") ==
        "DIR/1.json: not a checkpoint, expected a folder of them, or a file such as 000001.json");
  CHECK(error("000001.json") ==
        "DIR/000001.json: no checkpoint is in it, expected a file such as 000001.json");
}

TEST_CASE("every changed byte and every cut is seen, and the checkpoint before is offered") {
  const Folder folder;
  Checkpoints checkpoints(folder.path);
  checkpoints.write({{"i", 1}}, tensors);
  checkpoints.write({{"i", 2}}, tensors);
  const std::string offer = "; the checkpoint before it is whole: --resume DIR/000001.json";
  const auto error = [&folder] { return folder.error([&] { read_checkpoint(folder.path); }); };
  for (const std::string name : {"000002.json", "000002.safetensors"}) {
    const std::string good = folder.read(name);
    const std::string damaged = "DIR/" + name + ": damaged, its checksum does not match" + offer;
    for (std::size_t i = 0; i < good.size(); ++i) {
      std::string bad = good;
      bad[i] = static_cast<char>(bad[i] ^ 1);
      folder.write(name, bad);
      CHECK(error() == damaged);
    }
    for (const std::size_t size : {std::size_t{0}, std::size_t{5}, good.size() - 1}) {
      folder.write(name, good.substr(0, size));
      CHECK(error() == (name == "000002.json"
                            ? damaged
                            : fmt::format("DIR/{}: damaged, got {} bytes, expected {}{}", name,
                                          size, good.size(), offer)));
    }
    folder.write(name, good);
  }
  fs::remove(folder.path / "000002.safetensors");
  CHECK(error() == "DIR/000002.safetensors: cannot be read, No such file or directory" + offer);
  fs::remove(folder.path / "000001.safetensors");
  CHECK(error() == "DIR/000002.safetensors: cannot be read, No such file or directory");
}

TEST_CASE("a file that is sealed and hostile is refused") {
  const Folder folder;
  Checkpoints(folder.path).write({}, tensors);
  const auto error = [&folder](const std::string& rest) {
    const auto sum = crc32(std::as_bytes(std::span(rest)));
    folder.write("000001.json", fmt::format("{{\"crc32\": \"{:08x}\",{}", sum, rest));
    return folder.error([&] { read_checkpoint(folder.path); });
  };
  std::string long_text;
  long_text.resize(16'000'000, ' ');
  CHECK(error("") == "DIR/000001.json: not a checkpoint, not valid JSON");
  CHECK(error("\"a\": " + std::string(1'000'000, '[')) ==
        "DIR/000001.json: not a checkpoint, nested too deep");
  CHECK(error(long_text) ==
        "DIR/000001.json: not a checkpoint, got 16000021 bytes, expected at most 16000000");
  CHECK(error("\"a\": 1}") == "DIR/000001.json: tensors: is missing");
  CHECK(error("\"tensors\": [1]}") == "DIR/000001.json: tensors: got [1], expected an object");
  CHECK(error("\"tensors\": {\"bytes\": -1}}") ==
        "DIR/000001.json: tensors.bytes: got -1, expected a whole number of at least 0");
  CHECK(error("\"tensors\": {\"bytes\": 1e30}}") ==
        "DIR/000001.json: tensors.bytes: got 1e+30, expected a whole number of at least 0");
  CHECK(error("\"tensors\": {\"bytes\": 18446744073709551615}}") ==
        "DIR/000001.json: tensors.bytes: got 18446744073709551615, expected a whole number of at "
        "least 0");
  CHECK(error("\"tensors\": {\"bytes\": 1, \"crc32\": \"\\u001b[2J\"}}") ==
        "DIR/000001.json: tensors.crc32: got \"\\u001b[2J\", expected a text on one line");
}

}  // namespace
}  // namespace muonlab::test
