#include "muonlab/data/images.h"

#include <utility>

#include "muonlab/core/kernels/augment.h"
#include "muonlab/core/kernels/gather.h"
#include "muonlab/data/augment.h"

namespace muonlab::data {

Images::Images(Dataset dataset, Augmentation augment, Conversion convert)
    : dataset_(std::move(dataset)), augment_(std::move(augment)), convert_(std::move(convert)) {
  const Shape& shape = dataset_.images.shape();
  const Integers& labels = dataset_.labels;
  check(shape.rank() == 4, "images: they have shape ", shape,
        ", expected (n, channels, height, width)");
  check(labels.shape() == Shape{shape[0]}, "images: labels have shape ", labels.shape(),
        ", expected ", Shape{shape[0]}, ", one for each image");
  check(labels.device() == device(), "images: labels are on ", labels.device(),
        ", expected them where the images are, on ", device());
}

Index Images::bytes() const {
  return dataset_.images.count() + dataset_.labels.count() * Index{sizeof(std::int32_t)};
}

std::string Images::content() const {
  return std::to_string(size()) + " images, checksum " + hexadecimal(checksum(dataset_));
}

Batch Images::batch(const Draw& draw) const {
  const Shape shape = dataset_.images.shape().with(0, draw.numbers.count());
  const Integers labels = taken(dataset_.labels, draw.numbers);
  if (!take_work()) {
    Tensor images(shape, device());
    run(device(),
        kernel::GatherBytes{
            .x = dataset_.images, .index = draw.numbers, .y = images, .scale = 1.0F / 255});
    return {.images = images, .labels = labels};
  }
  Bytes images(shape, device());
  run(device(), kernel::GatherPixels{.x = dataset_.images, .index = draw.numbers, .y = images});
  PixelBatch batch{
      .images = images, .labels = labels, .numbers = draw.numbers, .epoch = draw.epoch};
  if (augment_ && draw.augmentation) batch = augment_(batch, *draw.augmentation);
  return convert_ ? convert_(batch) : to_unit(batch);
}

}  // namespace muonlab::data
