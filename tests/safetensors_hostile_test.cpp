#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "muonlab/core/rng.h"
#include "muonlab/nn/safetensors.h"
#include "tests/folder.h"
#include "tests/safetensors_bytes.h"

/// Files that were cut, damaged or made to do harm.
namespace muonlab::test {
namespace {

namespace fs = std::filesystem;
using nn::read_safetensors;

/// A file of one tensor "a" with this entry and `data` bytes of zeros.
std::string pack_one(const std::string& entry, std::size_t data = 0) {
  return pack(R"({"a":)" + entry + "}", data);
}

/// What read_safetensors says of a file DIR/file with this content.
std::string error(const std::string& content) {
  const Folder folder;
  const fs::path file = folder.write("file", content);
  return folder.error([&file] { read_safetensors(file); });
}

TEST_CASE("a safetensors file cut short anywhere is refused, and so is one that is too long") {
  const std::string whole = pack_one(R"({"dtype":"F32","shape":[2,3],"data_offsets":[0,24]})", 24);
  CHECK(error(whole) == "no error");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CAPTURE(size);
    CHECK(error(whole.substr(0, size)).starts_with("DIR/file: cut short, got "));
  }
  CHECK(error("1234567") == "DIR/file: cut short, got 7 bytes, expected at least 8");
  CHECK(error(whole.substr(0, 30)) ==
        "DIR/file: cut short, got 22 bytes of the header, expected 57");
  CHECK(error(whole.substr(0, whole.size() - 1)) ==
        "DIR/file: cut short, got 23 bytes after the header, expected 24");
  CHECK(error(whole + "x") == "DIR/file: too long, got 25 bytes after the header, expected 24");
}

TEST_CASE("a header of a size that cannot be is refused") {
  const auto sized = [](std::uint64_t size) { return bytes_of(size) + "{}"; };
  const std::string message = "DIR/file: not a safetensors file, got a header of ";
  CHECK(error(sized(0)) == message + "0 bytes, expected 2 to 100000000");
  CHECK(error(sized(100'000'001)) == message + "100000001 bytes, expected 2 to 100000000");
  CHECK(error(sized(~std::uint64_t{0})) ==
        message + "18446744073709551615 bytes, expected 2 to 100000000");
  CHECK(error(sized(100'000'000)) ==
        "DIR/file: cut short, got 2 bytes of the header, expected 100000000");
  CHECK(error(sized(3)) == "DIR/file: cut short, got 2 bytes of the header, expected 3");
}

TEST_CASE("a header that is not the JSON of a header is refused") {
  const std::string not_json = "DIR/file: the header is not valid JSON";
  const std::string not_ours = "DIR/file: not a safetensors file, its header begins with ";
  CHECK(error(pack("[]")) == not_ours + R"("[", expected "{")");
  CHECK(error(pack(" {}")) == not_ours + R"(" ", expected "{")");
  CHECK(error(pack("\xEF\xBB\xBF{}")) == not_ours + R"("\ufffd", expected "{")");
  CHECK(error(pack("{]")) == not_json);
  CHECK(error(pack("{} x")) == not_json);
  CHECK(error(pack("{}//")) == not_json);
  CHECK(error(pack(std::string("{}\0\0", 4))) == not_json);
  CHECK(error(pack("{\"\xFF\":1}")) == not_json);
  CHECK(error(pack_one(R"({"dtype":1e999})")) == not_json);
  CHECK(error(pack(R"({"a":)")) == not_json);
}

TEST_CASE("a header with names given twice, or built in another way than headers are, is refused") {
  const std::string tensor = R"(DIR/file: tensor "a": )";
  CHECK(error(pack(R"({"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},"a":{}})")) ==
        tensor + "its name is there twice");
  CHECK(error(pack(R"({"__metadata__":{},"__metadata__":{}})")) ==
        "DIR/file: __metadata__: its name is there twice");
  CHECK(error(pack_one(R"({"dtype":"F32","dtype":"F32"})")) ==
        tensor + R"("dtype" is there twice)");
  CHECK(error(pack_one("0")) == tensor + "not an object");
  CHECK(error(pack_one("[]")) == tensor + "not an object");
  CHECK(error(pack_one("null")) == tensor + "not an object");
  CHECK(error(pack_one(std::string(1'000'000, '['))) == tensor + "not an object");
  CHECK(error(pack_one(R"({"shape":[[]]})")) == tensor + "nested too deep");
  CHECK(error(pack_one(R"({"shape":[{}]})")) == tensor + "nested too deep");
  CHECK(error(pack_one(R"({"b":{}})")) == tensor + "nested too deep");
  CHECK(error(pack(R"({"__metadata__":"pt"})")) == "DIR/file: __metadata__: not an object");
  CHECK(error(pack(R"({"__metadata__":{"a":null}})")) ==
        "DIR/file: __metadata__: got null, expected a string");
  CHECK(error(pack(R"({"__metadata__":{"a":1}})")) ==
        "DIR/file: __metadata__: got 1, expected a string");
  CHECK(error(pack(R"({"__metadata__":{"a":[]}})")) ==
        "DIR/file: __metadata__: got [], expected a string");
}

TEST_CASE("a tensor that is not described as the format demands is refused") {
  const auto says = [](const std::string& entry) { return error(pack_one(entry, 24)); };
  const auto shaped = [&says](const std::string& shape) {
    return says(R"({"dtype":"F32","data_offsets":[0,24],"shape":)" + shape + "}");
  };
  const auto placed = [&says](const std::string& offsets) {
    return says(R"({"dtype":"F32","shape":[2,3],"data_offsets":)" + offsets + "}");
  };
  const std::string tensor = R"(DIR/file: tensor "a": )";
  CHECK(says("{}") == tensor + "dtype null is not supported, convert to F32");
  CHECK(says(R"({"dtype":"F16"})") == tensor + R"(dtype "F16" is not supported, convert to F32)");
  CHECK(says(R"({"dtype":"F32"})") == tensor + "shape: got null, expected a list of whole numbers");
  for (const std::string shape :
       {"6", "[-1]", "[6.0]", "[6e0]", "[\"6\"]", "[9223372036854775808]", "[1E9]"}) {
    CAPTURE(shape);
    CHECK(shaped(shape).starts_with(tensor + "shape: got "));
    CHECK(shaped(shape).ends_with(", expected a list of whole numbers"));
  }
  CHECK(shaped("[1,1,1,2,3]") == tensor + "a list is too long, expected at most 4 axes");
  CHECK(shaped("[4294967296,4294967296]") ==
        tensor + "shape: the number of elements overflows, got (4294967296, 4294967296)");
  CHECK(shaped("[2,2]") ==
        tensor + "got 24 bytes, expected 4 for each of the 4 elements of (2, 2)");
  CHECK(shaped("[4611686018427387910]") ==  // times 4 it is 24, modulo 2^64
        tensor +
            "got 24 bytes, expected 4 for each of the 4611686018427387910 elements of "
            "(4611686018427387910)");
  CHECK(shaped("[0]") == tensor + "got 24 bytes, expected 4 for each of the 0 elements of (0)");
  CHECK(placed("[0,25]") ==
        tensor + "got 25 bytes, expected 4 for each of the 6 elements of (2, 3)");
  for (const std::string offsets : {"[24,0]", "[]", "[24]", "[0,12,24]"}) {
    CAPTURE(offsets);
    CHECK(placed(offsets).ends_with("data_offsets: got " + offsets +
                                    ", expected where its bytes begin and end"));
  }
  CHECK(placed("[0,99999999999999999999]") ==
        tensor + "data_offsets: got [0,1e+20], expected a list of whole numbers");
}

TEST_CASE("tensors that overlap, leave a hole or reach beyond the file are refused") {
  const auto says = [](const std::string& a, const std::string& b) {
    const std::string entry = R"({"dtype":"F32","shape":[2],"data_offsets":)";
    return error(pack(R"({"a":)" + entry + a + R"(},"b":)" + entry + b + "}}", 16));
  };
  CHECK(says("[0,8]", "[8,16]") == "no error");
  CHECK(says("[8,16]", "[0,8]") == "no error");
  CHECK(says("[0,8]", "[0,8]") ==
        R"(DIR/file: tensor "b": its bytes begin at 0, expected 8, where those before it end)");
  CHECK(says("[4,12]", "[0,8]") ==
        R"(DIR/file: tensor "a": its bytes begin at 4, expected 8, where those before it end)");
  CHECK(says("[0,8]", "[12,20]") ==
        R"(DIR/file: tensor "b": its bytes begin at 12, expected 8, where those before it end)");
  CHECK(says("[4,12]", "[12,20]") ==
        R"(DIR/file: tensor "a": its bytes begin at 4, expected 0, where those before it end)");
  // A terabyte is refused before anything is allocated for it.
  CHECK(error(pack_one(R"({"dtype":"F32","shape":[274877906944],"data_offsets":[0,1099511627776]})",
                       8)) ==
        "DIR/file: cut short, got 8 bytes after the header, expected 1099511627776");
}

TEST_CASE("a name from a file is shown on one line, however long or strange") {
  CHECK(error(pack(R"({"a\n\u001b[2J\u007f\u00fc":0})")) ==
        R"(DIR/file: tensor "a\n\u001b[2J\u007f\u00fc": not an object)");
  CHECK(error(pack("{\"" + std::string(100'000, 'x') + "\":0}")) ==
        "DIR/file: tensor \"" + std::string(59, 'x') + "...: not an object");
}

/// `bytes` with one change at random: a bit, a byte from JSON, one inserted, one gone, or the end.
std::string mutate(std::string bytes, Rng& rng) {
  static constexpr std::string_view alphabet("{}[]\",:\\ -.0123456789eF\0\xFF", 25);
  const auto below = [&rng](std::size_t bound) {
    return static_cast<std::size_t>(rng.below(static_cast<Index>(bound)));
  };
  if (bytes.empty()) return bytes;
  const std::size_t at = below(bytes.size());
  const char byte = alphabet[below(alphabet.size())];
  switch (below(5)) {
    case 0: bytes[at] = static_cast<char>(bytes[at] ^ 1 << below(8)); break;
    case 1: bytes[at] = byte; break;
    case 2: bytes.insert(at, 1, byte); break;
    case 3: bytes.erase(at, 1); break;
    default: bytes.resize(at); break;
  }
  return bytes;
}

TEST_CASE("a file with bytes changed at random is read or refused in one line") {
  const std::string whole = pack(R"({"__metadata__":{"k":"v"},"a":{"dtype":"F32","shape":[2,9],)"
                                 R"("data_offsets":[0,72]},"b":{"dtype":"F32","shape":[],)"
                                 R"("data_offsets":[72,76]}})",
                                 76);
  const Folder folder;
  const auto read = [&folder] { read_safetensors(folder.path / "file"); };
  Rng rng(1);
  int valid = 0;
  for (int trial = 0; trial < 5000; ++trial) {
    std::string bytes = whole;
    for (Index changes = rng.below(3); changes >= 0; --changes) bytes = mutate(bytes, rng);
    // Half of them get a length of the header that fits, and so further.
    if (trial % 2 == 0 && bytes.size() > 8 + 76) {
      bytes.replace(0, 8, bytes_of(std::uint64_t{bytes.size() - 8 - 76}));
    }
    fs::remove(folder.path / "file");  // truncating a file can mean a wait for the disk
    folder.write("file", bytes);
    const std::string message = folder.error(read);
    CAPTURE(message);
    const auto is_plain = [](char c) { return ' ' <= c && c <= '~'; };
    CHECK(std::all_of(message.begin(), message.end(), is_plain));
    const bool refused = message.starts_with("DIR/file: ");
    CHECK((refused || message == "no error"));
    valid += refused ? 0 : 1;
  }
  CHECK(valid > 200);  // where only elements or a name changed
  CHECK(valid < 2500);
}

}  // namespace
}  // namespace muonlab::test
