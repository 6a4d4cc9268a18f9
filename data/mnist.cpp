#include "muonlab/data/mnist.h"

#include <algorithm>
#include <sstream>
#include <string>
#include <system_error>

#include "muonlab/data/idx.h"

namespace muonlab::data {
namespace {

namespace fs = std::filesystem;

constexpr Index side = 28;
constexpr Index classes = 10;

constexpr const char* train_images = "train-images-idx3-ubyte";
constexpr const char* train_labels = "train-labels-idx1-ubyte";
constexpr const char* test_images = "t10k-images-idx3-ubyte";
constexpr const char* test_labels = "t10k-labels-idx1-ubyte";

/// The path of the file, plain or gzipped; empty when there is neither. Some downloads have a dot
/// before "idx" in their names.
fs::path find_file(const fs::path& folder, const std::string& name) {
  std::string other = name;
  other[name.find("-idx")] = '.';
  for (const std::string& file : {name, name + ".gz", other, other + ".gz"}) {
    fs::path path = folder / file;
    std::error_code problem;
    const bool found = fs::exists(path, problem);
    check(!problem, path.string(), ": cannot be read, ", problem.message());
    if (found) return path;
  }
  return {};
}

fs::path need_file(const fs::path& folder, const std::string& name) {
  fs::path path = find_file(folder, name);
  check(!path.empty(), folder.string(), ": no file ", name, " or ", name, ".gz");
  return path;
}

bool holds_all(const fs::path& folder) {
  const auto files = {train_images, train_labels, test_images, test_labels};
  return std::ranges::all_of(
      files, [&folder](const char* name) { return !find_file(folder, name).empty(); });
}

Bytes read_images(const fs::path& file) {
  const Bytes images = read_idx(file);
  const Shape& shape = images.shape();
  check(shape.rank() == 3 && shape[1] == side && shape[2] == side, file.string(),
        ": not MNIST images, got shape ", shape, ", expected (n, 28, 28)");
  check(shape[0] > 0, file.string(), ": no images, got shape ", shape, ", expected at least one");
  return images.reshape({shape[0], 1, side, side});
}

Bytes read_labels(const fs::path& file) {
  Bytes labels = read_idx(file);
  check(labels.shape().rank() == 1, file.string(), ": not MNIST labels, got shape ", labels.shape(),
        ", expected (n)");
  return labels;
}

/// The labels as numbers; `name` is the file's.
Integers to_labels(const Bytes& bytes, const std::string& name) {
  for (Index i = 0; i < bytes.count(); ++i) {
    const int label = bytes.data()[i];
    check(label < classes, name, ": not a digit at position ", i, " (the first is 0), got ", label,
          ", expected 0 to 9");
  }
  Integers labels(bytes.shape());
  std::ranges::copy(bytes.values(), labels.data());
  return labels;
}

Dataset read_part(const fs::path& folder, const char* images_name, const char* labels_name) {
  const Bytes images = read_images(need_file(folder, images_name));
  const fs::path labels_file = need_file(folder, labels_name);
  const Bytes labels = read_labels(labels_file);
  const Index count = images.shape()[0];
  check(labels.count() == count, folder.string(), ": a label for each image is needed, got ",
        labels.count(), " in ", labels_name, ", expected ", count, " as in ", images_name);
  return {.images = images, .labels = to_labels(labels, labels_file.string()), .classes = classes};
}

}  // namespace

std::string Mnist::version() const {
  constexpr Version published[] = {{"full", 60'000, 10'000, 0x13A47CA1},
                                   {"mini", 10'000, 2'000, 0x891F54E8}};
  return version_of(train, test, published);
}

Mnist load_mnist(const fs::path& folder) {
  try {
    std::error_code problem;
    const bool is_folder = fs::is_directory(folder, problem);
    check(is_folder, folder.string(), ": cannot be read, ",
          problem ? problem.message() : "it is not a folder");
    return {.train = read_part(folder, train_images, train_labels),
            .test = read_part(folder, test_images, test_labels)};
  } catch (const MemoryError&) {
    throw;
  } catch (const Error& error) {
    std::ostringstream message;
    message << error.what() << "; to fetch MNIST: data/fetch.sh mnist " << folder;
    throw Error(message.str());
  }
}

fs::path find_mnist(const fs::path& named, const fs::path& data) {
  if (!named.empty()) return named;
  const fs::path cache = data / "cache" / "mnist";
  return holds_all(cache) ? cache : data / "mini";
}

}  // namespace muonlab::data
