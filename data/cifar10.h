#pragma once

#include <array>
#include <filesystem>
#include <string>

#include "muonlab/data/dataset.h"

namespace muonlab::data {

/// Photographs of 32 x 32 pixels in red, green and blue, 0 to 255, in ten classes: airplane,
/// automobile, bird, cat, deer, dog, frog, horse, ship, truck.
/// Krizhevsky 2009, "Learning multiple layers of features from tiny images".
struct Cifar10 {
  Dataset train;  // images (n, 3, 32, 32)
  Dataset test;   // images (n, 3, 32, 32)

  /// "full" for the 50,000 and 10,000 images of CIFAR-10; for any other images the description
  /// by version_of().
  std::string version() const;
};

/// The usual arguments of normalize(): for each channel, with pixels within [0, 1], the mean over
/// all training images, and the average of the training images' own deviations. The deviation over
/// all pixels is (0.2470, 0.2435, 0.2616).
inline constexpr std::array<float, 3> cifar10_mean = {0.4914F, 0.4822F, 0.4465F};
inline constexpr std::array<float, 3> cifar10_deviation = {0.2023F, 0.1994F, 0.2010F};

/// The most images that one file may hold; the original ones hold 10,000 each.
inline constexpr Index cifar10_limit = 100'000;

/// Reads the binary version of CIFAR-10: data_batch_1.bin to data_batch_5.bin, one after the other,
/// and test_batch.bin. Each is a sequence of images, at least one: a byte of label, 1024 bytes of
/// red, 1024 of green, 1024 of blue, row-major. Throws when a file is missing or cannot be read, or
/// holds anything else; the message ends with the command that fetches the set.
Cifar10 load_cifar10(const std::filesystem::path& folder);

/// Where CIFAR-10 is: `named` unless it is empty, else data/cache/cifar10, where fetch.sh puts it.
std::filesystem::path find_cifar10(const std::filesystem::path& named,
                                   const std::filesystem::path& data);

}  // namespace muonlab::data
