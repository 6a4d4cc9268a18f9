#include "apps/keeping/checkpoints.h"

#include <filesystem>
#include <fmt/format.h>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "apps/kit/sealed_json.h"
#include "tests/folder.h"

namespace muonlab::test {
namespace {

namespace fs = std::filesystem;
using app::Checkpoints;
using app::Json;
using app::read_checkpoint;
using Names = std::vector<std::string>;

const std::vector<nn::NamedTensor> tensors = {{"model.x", Tensor({3}, {1, 2, 3})}};

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
  CHECK(folder.names("a/kept") == Names{"000002.json", "000002.safetensors", "000003.json",
                                        "000003.safetensors", "7.json", "notes.json"});
  CHECK(checkpoints.last() == kept / "000003.json");
  const app::Checkpoint last = read_checkpoint(kept);
  CHECK(last.file == kept / "000003.json");
  CHECK(last.json["i"] == 3);
  CHECK(last.tensors[0].tensor.values()[2] == 3);
  CHECK(read_checkpoint(kept / "000002.json").json["i"] == 2);

  Checkpoints(read_checkpoint(kept / "000002.json")).write({{"i", 4}}, tensors);
  CHECK(folder.names("a/kept") == Names{"000002.json", "000002.safetensors", "000004.json",
                                        "000004.safetensors", "7.json", "notes.json"});
}

TEST_CASE("what killed programs left is gone before anything is written, and no checkpoint is") {
  const Folder folder;
  Checkpoints checkpoints(folder.path);
  checkpoints.write({{"i", 1}}, tensors);
  const Names good = {"000001.json", "000001.safetensors", "notes.partial"};
  folder.write("notes.partial", "");
  folder.write("000001.json.partial", "");
  folder.write("000002.safetensors", "");
  folder.write("000003.json.partial", "");
  folder.write("000004.safetensors.partial", "");
  CHECK(folder.error([&] {
    checkpoints.write({}, {{"\xFF", Tensor({1})}});
  }) == "cannot write DIR/000002.safetensors: a tensor's name is not UTF-8");
  CHECK(folder.names("") == good);
}

TEST_CASE("a program that was killed between the two renames leaves the checkpoint before") {
  const Folder folder;
  Checkpoints(folder.path).write({{"i", 1}}, tensors);
  fs::copy(folder.path / "000001.safetensors", folder.path / "000002.safetensors");
  folder.write("000002.json.partial", folder.read("000001.json"));
  const app::Checkpoint last = read_checkpoint(folder.path);
  CHECK(last.json["i"] == 1);
  Checkpoints(last).write({{"i", 2}}, tensors);
  CHECK(folder.names("") ==
        Names{"000001.json", "000001.safetensors", "000002.json", "000002.safetensors"});
  CHECK(read_checkpoint(folder.path).json["i"] == 2);
}

TEST_CASE("what could not be read again is not written") {
  const Folder folder;
  Checkpoints checkpoints(folder.path);
  checkpoints.write({{"i", 1}}, tensors);
  std::string long_text;
  long_text.resize(16'000'000, 'x');
  CHECK(folder.error([&] {
    checkpoints.write({{"a", long_text}}, tensors);
  }) == "cannot write DIR/000002.json: got 16000071 bytes, expected at most 16000000");
  CHECK(folder.names("") == Names{"000001.json", "000001.safetensors"});
  CHECK(checkpoints.last() == folder.path / "000001.json");
}

TEST_CASE("the highest number is the last, and a higher one is no checkpoint's") {
  const Folder folder;
  Checkpoints(folder.path).write({{"i", 1}}, tensors);
  folder.write("9223372036854775807.json", "{}");
  folder.write("1000000000.json", "{}");
  CHECK(read_checkpoint(folder.path).json["i"] == 1);
  folder.write("999999999.json", "{}");
  const app::Checkpoint first = read_checkpoint(folder.path / "000001.json");
  CHECK(folder.error([&] { Checkpoints(first).write({}, tensors); }) ==
        "cannot write into DIR: no number is left after 999999999");
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
    folder.write("000001.json", app::sealed(rest));
    return folder.error([&] { read_checkpoint(folder.path); });
  };
  std::string long_text;
  long_text.resize(16'000'000, ' ');
  std::string long_list;
  for (int i = 0; i < 199'000; ++i) long_list += "{},";
  CHECK(error("") == "DIR/000001.json: not a checkpoint, not valid JSON");
  CHECK(error("\"tensors\": [" + long_list + "0]}") ==  // in quadratic time, hours
        "DIR/000001.json: tensors: got [" + long_list.substr(0, 59) + "..., expected an object");
  CHECK(error("\"tensors\": [" + long_list + long_list + "0]}") ==  // destroying it takes memory
        "DIR/000001.json: not a checkpoint, a list has more than 200000 items");
  CHECK(error("\"a\": " + std::string(1'000'000, '[')) ==
        "DIR/000001.json: not a checkpoint, nested too deep");
  CHECK(error(long_text) ==
        "DIR/000001.json: not a checkpoint, got 16000021 bytes, expected at most 16000000");
  std::string fields;
  for (int i = 0; i < 999; ++i) fields += fmt::format("\"a:{}\": 0, ", i);
  CHECK(error(fields + "\"b\": 1}") ==
        "DIR/000001.json: not a checkpoint, an object has more than 1000 fields");
  CHECK(error(fields.substr(fields.find(' ', 8)) + "\"b\\\"\": {\"c\": 1}}") ==
        "DIR/000001.json: tensors: is missing");
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
