// Runs the tool that data/fetch.sh builds, as it does.
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <png.h>
#include <string>
#include <sys/wait.h>
#include <vector>

#include <doctest/doctest.h>

#include "muonlab/core/shape.h"
#include "tests/folder.h"

namespace muonlab::test {
namespace {

namespace fs = std::filesystem;

struct Outcome {
  int status;
  std::string output;
};

/// Runs `cifar10_from_png arguments` in the folder.
Outcome run(const Folder& folder, const std::string& arguments) {
  const std::string command = "cd '" + folder.path.string() +
                              "' && '" MUONLAB_CIFAR10_FROM_PNG "' " + arguments + " >output 2>&1";
  const int status = std::system(command.c_str());
  return {WEXITSTATUS(status), folder.read("output")};
}

/// Byte `channel` of a pixel; different from its neighbours in every direction.
std::uint8_t value(Index row, Index pixel, Index channel) {
  return static_cast<std::uint8_t>(100 * row + 7 * pixel + 50 * channel);
}

void write_png(const Folder& folder, const std::string& name, Index rows, Index width = 1024,
               png_uint_32 format = PNG_FORMAT_RGB) {
  std::vector<std::uint8_t> values;
  for (Index row = 0; row < rows; ++row) {
    for (Index pixel = 0; pixel < width; ++pixel) {
      for (Index c = 0; c < Index{PNG_IMAGE_SAMPLE_CHANNELS(format)}; ++c) {
        values.push_back(value(row, pixel, c));
      }
    }
  }
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<png_uint_32>(width);
  image.height = static_cast<png_uint_32>(rows);
  image.format = format;
  const std::string path = (folder.path / name).string();
  REQUIRE(png_image_write_to_file(&image, path.c_str(), 0, values.data(), 0, nullptr) != 0);
}

/// The record of the binary version.
std::string record(Index row, int label) {
  std::string bytes{static_cast<char>(label)};
  for (Index channel = 0; channel < 3; ++channel) {
    for (Index pixel = 0; pixel < 1024; ++pixel) {
      bytes += static_cast<char>(value(row, pixel, channel));
    }
  }
  return bytes;
}

TEST_CASE("rows of pixels become records, with the labels of all files in order") {
  const Folder folder;
  folder.write("labels.json", "[3, 0, 9]");
  write_png(folder, "a.png", 2);
  write_png(folder, "b.png", 1);
  const Outcome outcome = run(folder, "labels.json a.png b.png");
  CHECK(outcome.output == "");
  CHECK(outcome.status == 0);
  CHECK(folder.read("a.bin") == record(0, 3) + record(1, 0));
  CHECK(folder.read("b.bin") == record(0, 9));
}

TEST_CASE("labels that do not fit are refused in one line") {
  const Folder folder;
  write_png(folder, "a.png", 2);
  const auto output = [&folder](const std::string& labels) {
    folder.write("labels.json", labels);
    const Outcome outcome = run(folder, "labels.json a.png");
    CHECK(outcome.status == 1);
    return outcome.output;
  };
  CHECK(
      output("[1, 10]") ==
      "error: labels.json: not a label at position 1 (the first is 0), got 10, expected 0 to 9\n");
  CHECK(
      output("[-1, 1]") ==
      "error: labels.json: not a label at position 0 (the first is 0), got -1, expected 0 to 9\n");
  CHECK(output("[1, [2]]") ==
        "error: labels.json: not a label at position 1 (the first is 0), got array, expected 0 to "
        "9\n");
  CHECK(output("{}") == "error: labels.json: not labels, expected a JSON array\n");
  CHECK(output("[1, 2") == "error: labels.json: not labels, expected a JSON array\n");
  CHECK(output(std::string(1 << 21, ' ')) ==
        "error: labels.json: too large for labels, got 2097152 bytes, expected at most 1048576\n");
  CHECK(output("[1]") ==
        "error: a.png: a label for each row is needed, got 1, expected at least 2\n");
  CHECK_FALSE(fs::exists(folder.path / "a.bin"));
  CHECK(
      output("[1, 2, 3]") ==
      "error: labels.json: a label for each row is needed, got 1 more than the images have rows\n");
}

TEST_CASE("a file that is no PNG of CIFAR-10 is refused in one line") {
  const Folder folder;
  folder.write("labels.json", "[1, 2]");
  const auto output = [&folder] {
    const Outcome outcome = run(folder, "labels.json a.png");
    CHECK(outcome.status == 1);
    CHECK_FALSE(fs::exists(folder.path / "a.bin"));
    return outcome.output;
  };
  CHECK(output() == "error: a.png: cannot be read, No such file or directory\n");
  folder.write("a.png", "no picture");
  CHECK(output() == "error: a.png: cannot be read, Not a PNG file\n");
  write_png(folder, "a.png", 2, 32);
  CHECK(output() == "error: a.png: not CIFAR-10, got rows of 32 pixels, expected 1024\n");
  write_png(folder, "a.png", 2, 1024, PNG_FORMAT_GRAY);
  CHECK(output() == "error: a.png: not 8-bit RGB, got libpng's format 0, expected 2\n");
  write_png(folder, "a.png", 2);
  const std::string png = folder.read("a.png");
  for (std::size_t size = 0; size < png.size(); size += 101) {
    CAPTURE(size);
    folder.write("a.png", png.substr(0, size));
    CHECK(output().starts_with("error: a.png: cannot be read, "));
  }
}

TEST_CASE("arguments that are missing are named") {
  const Folder folder;
  const Outcome outcome = run(folder, "labels.json");
  CHECK(outcome.status == 2);
  CHECK(outcome.output == "error: expected LABELS.json IMAGES.png ...; see --help\n");
  CHECK(run(folder, "--help").output.starts_with("usage: cifar10_from_png LABELS.json"));
}

}  // namespace
}  // namespace muonlab::test
