#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "muonlab/core/tensor.h"

namespace muonlab::data {

/// Labelled images, all on one device. Pixels stay bytes, a quarter of the memory, until a batch is
/// made.
struct Dataset {
  Bytes images;       // (n, channels, height, width)
  Integers labels;    // (n), each within [0, classes)
  Index classes = 0;  // how many different labels there can be

  /// Number of images.
  Index size() const { return images.shape()[0]; }

  /// The same on `device`: images and labels are copied unless they are there already.
  Dataset to(Device device) const {
    return {.images = images.to(device), .labels = labels.to(device), .classes = classes};
  }
};

/// CRC-32 of all pixels and then all labels, four bytes each; continues the checksum `before`.
std::uint32_t checksum(const Dataset& dataset, std::uint32_t before = 0);

/// A published data set, recognized by its content.
struct Version {
  const char* name;
  Index train;  // images
  Index test;
  std::uint32_t checksum;  // of the training images and then the test images
};

/// The name of the published version that these images are, else their description:
/// "60000 + 10000 images, checksum 1a2b3c4d".
std::string version_of(const Dataset& train, const Dataset& test,
                       std::span<const Version> published);

/// The images of a batch as bytes: what augmentations work on. All on one device.
struct PixelBatch {
  Bytes images;      // (batch, channels, height, width)
  Integers labels;   // (batch)
  Integers numbers;  // (batch): each image's place in the dataset
  Index epoch;       // from 0
};

}  // namespace muonlab::data
