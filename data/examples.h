#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "muonlab/core/rng.h"
#include "muonlab/core/tensor.h"

namespace muonlab::data {

/// The examples of one step, as images or as tokens, and what is right for each.
struct Batch {
  Tensor images = {};    // (batch, channels, height, width)
  Integers tokens = {};  // (batch, length)
  Integers labels;       // of images (batch), of tokens (batch, length)
};

/// Which examples a batch has.
struct Draw {
  Integers numbers;                      // (batch), on the device of the examples
  Index epoch = 0;                       // from 0
  std::optional<Rng> augmentation = {};  // of the batch alone; none: the examples as they are
};

/// What batches are made of: examples, numbered from 0, all on one device. A data set of another
/// kind is a class of this.
class Examples {
 public:
  Examples() = default;
  virtual ~Examples() = default;
  Examples(const Examples&) = delete;
  Examples& operator=(const Examples&) = delete;

  virtual Index size() const = 0;
  virtual Device device() const = 0;

  /// How many different labels there can be.
  virtual Index classes() const = 0;

  /// Memory that they take.
  virtual Index bytes() const = 0;

  /// How many of what there are, and a checksum: "60000 images, checksum 0a1b2c3d".
  virtual std::string content() const = 0;

  /// The examples of these numbers, each within [0, size()). May be called from any thread: equal
  /// draws give equal batches.
  virtual Batch batch(const Draw& draw) const = 0;

  /// Whether a batch takes more than copies, so that another thread should make it.
  virtual bool take_work() const { return true; }
};

/// Some of other examples, of which it keeps no copy.
class Subset final : public Examples {
 public:
  /// Throws unless every number is within [0, all->size()).
  Subset(std::shared_ptr<const Examples> all, const Integers& numbers);

  Index size() const override { return numbers_.count(); }
  Device device() const override { return all_->device(); }
  Index classes() const override { return all_->classes(); }
  Index bytes() const override;
  std::string content() const override;
  Batch batch(const Draw& draw) const override;
  bool take_work() const override { return all_->take_work(); }

 private:
  std::shared_ptr<const Examples> all_;
  Integers numbers_;  // (size), on device()
};

/// x(numbers(i), ...) for each i, on x's device. x is (n, ...).
Integers taken(const Integers& x, const Integers& numbers);

/// As eight hexadecimal digits.
std::string hexadecimal(std::uint32_t checksum);

}  // namespace muonlab::data
