#pragma once

#include <functional>
#include <string>

#include "muonlab/data/dataset.h"
#include "muonlab/data/examples.h"

namespace muonlab::data {

/// Changes images at random, on their bytes. data/augment.h has the parts. May be called from
/// another thread, so what it captures must not change.
using Augmentation = std::function<PixelBatch(const PixelBatch&, Rng)>;

/// Makes the batch that a model is given: floats from bytes. May be called from another thread.
using Conversion = std::function<Batch(const PixelBatch&)>;

/// The images of a dataset as examples. They are augmented where a draw has a random stream, and
/// then converted.
///
///     Images(cifar.train, augmented, normalized);
class Images final : public Examples {
 public:
  /// Without a conversion, pixels become byte / 255. Throws unless there is a label for each image,
  /// on the images' device.
  explicit Images(Dataset dataset, Augmentation augment = {}, Conversion convert = {});

  Index size() const override { return dataset_.size(); }
  Device device() const override { return dataset_.images.device(); }
  Index classes() const override { return dataset_.classes; }
  Index bytes() const override;
  std::string content() const override;
  Batch batch(const Draw& draw) const override;
  bool take_work() const override { return augment_ || convert_; }

 private:
  Dataset dataset_;
  Augmentation augment_;
  Conversion convert_;
};

}  // namespace muonlab::data
