#include "muonlab/data/cifar10.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <sstream>
#include <vector>

#include "muonlab/core/files.h"

namespace muonlab::data {
namespace {

namespace fs = std::filesystem;

constexpr Index classes = 10;
constexpr Index image_bytes = Index{3} * 32 * 32;
constexpr Index record_bytes = 1 + image_bytes;

constexpr const char* train_files[] = {"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin",
                                       "data_batch_4.bin", "data_batch_5.bin"};
constexpr const char* test_files[] = {"test_batch.bin"};

/// How many images are left in a file.
Index images_in(const files::Reader& file) { return file.remaining() / record_bytes; }

files::Reader open(const fs::path& path) {
  files::Reader file(path);
  const Index size = file.remaining();
  check(size > 0 && size % record_bytes == 0, file.name(), ": not CIFAR-10, got ", size,
        " bytes, expected a multiple of ", record_bytes);
  check(images_in(file) <= cifar10_limit, file.name(), ": too large, got ", images_in(file),
        " images, expected at most ", cifar10_limit);
  return file;
}

/// Reads one image into place.
void read_image(files::Reader& file, Index number, std::span<std::uint8_t> image,
                std::int32_t& label) {
  std::array<std::uint8_t, record_bytes> record;
  file.read(std::as_writable_bytes(std::span(record)));
  label = record.front();
  check(label < classes, file.name(), ": not a label at image ", number, " (the first is 0), got ",
        label, ", expected 0 to 9");
  std::ranges::copy(std::span(record).subspan(1), image.begin());
}

Dataset read_part(const fs::path& folder, std::span<const char* const> names) {
  std::vector<files::Reader> parts;
  Index total = 0;
  for (const char* name : names) total += images_in(parts.emplace_back(open(folder / name)));

  Dataset dataset{
      .images = Bytes({total, 3, 32, 32}), .labels = Integers({total}), .classes = classes};
  std::span<std::uint8_t> images = dataset.images.values();
  std::int32_t* label = dataset.labels.data();
  for (files::Reader& file : parts) {
    const Index count = images_in(file);
    for (Index i = 0; i < count; ++i) {
      read_image(file, i, images.first(image_bytes), *label++);
      images = images.subspan(image_bytes);
    }
  }
  return dataset;
}

}  // namespace

std::string Cifar10::version() const {
  constexpr Version published[] = {{"full", 50'000, 10'000, 0x012391D8}};
  return version_of(train, test, published);
}

Cifar10 load_cifar10(const fs::path& folder) {
  try {
    return {.train = read_part(folder, train_files), .test = read_part(folder, test_files)};
  } catch (const MemoryError&) {
    throw;
  } catch (const Error& error) {
    std::ostringstream message;
    message << error.what() << "; to fetch CIFAR-10: data/fetch.sh cifar10 " << folder;
    throw Error(message.str());
  }
}

fs::path find_cifar10(const fs::path& named, const fs::path& data) {
  return named.empty() ? data / "cache" / "cifar10" : named;
}

}  // namespace muonlab::data
