#include "muonlab/data/dataset.h"

#include "muonlab/core/crc32.h"
#include "muonlab/data/examples.h"

namespace muonlab::data {

std::uint32_t checksum(const Dataset& dataset, std::uint32_t before) {
  const Bytes images = dataset.images.to(Device::cpu);
  const Integers labels = dataset.labels.to(Device::cpu);
  return crc32(std::as_bytes(labels.values()), crc32(std::as_bytes(images.values()), before));
}

std::string version_of(const Dataset& train, const Dataset& test,
                       std::span<const Version> published) {
  const std::uint32_t sum = checksum(test, checksum(train));
  for (const auto& [name, train_size, test_size, known] : published) {
    if (train.size() == train_size && test.size() == test_size && sum == known) return name;
  }
  return std::to_string(train.size()) + " + " + std::to_string(test.size()) + " images, checksum " +
         hexadecimal(sum);
}

}  // namespace muonlab::data
