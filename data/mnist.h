#pragma once

#include <filesystem>
#include <string>

#include "muonlab/data/dataset.h"

namespace muonlab::data {

/// Handwritten digits of 28 x 28 pixels, 0 (paper) to 255 (ink), in ten classes.
/// LeCun, Bottou, Bengio, Haffner 1998, "Gradient-based learning applied to document recognition".
struct Mnist {
  Dataset train;  // images (n, 1, 28, 28)
  Dataset test;   // images (n, 1, 28, 28)

  /// "full" for the 60,000 and 10,000 images of MNIST, "mini" for those in data/mini; for any
  /// other images the description by version_of().
  std::string version() const;
};

/// Reads the four IDX files of MNIST, with any number of images. Each may be gzipped, with .gz
/// after its name, and may have a dot before "idx" ("train-images.idx3-ubyte"). Throws when a file
/// is missing or cannot be read, or holds anything but digits and their labels; the message ends
/// with the command that fetches the set.
Mnist load_mnist(const std::filesystem::path& folder);

/// Where MNIST is: `named` unless it is empty, else data/cache/mnist, where fetch.sh puts it, when
/// all four files are there, else data/mini, which comes with muonlab.
std::filesystem::path find_mnist(const std::filesystem::path& named,
                                 const std::filesystem::path& data);

}  // namespace muonlab::data
