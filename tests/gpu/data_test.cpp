#include <algorithm>
#include <cfloat>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <numeric>
#include <vector>

#include <doctest/doctest.h>

#include "muonlab/core/kernels/augment.h"
#include "muonlab/core/kernels/gather.h"
#include "muonlab/core/kernels/random.h"
#include "muonlab/data/augment.h"
#include "muonlab/data/images.h"
#include "muonlab/data/prefetch.h"
#include "tests/random.h"

/// The data's way on the GPU: equal to the CPU's to the bit, but for the rounding of normalize().
namespace muonlab::test {
namespace {

using data::Batch;
using data::Batches;
using data::Dataset;
using data::PixelBatch;
using data::Prefetch;
using kernel::Border;

/// Images whose pixels differ, labelled by their numbers times 3.
Dataset photographs(Index count) {
  Dataset dataset{
      .images = Bytes({count, 3, 6, 7}), .labels = Integers({count}), .classes = 3 * count};
  Rng rng(99);
  for (std::uint8_t& pixel : dataset.images.values()) pixel = rng.bits() & 255;
  for (Index i = 0; i < count; ++i) dataset.labels.data()[i] = static_cast<std::int32_t>(3 * i);
  return dataset;
}

const std::vector<float> mean = {0.4F, 0.5F, 0.6F};
const std::vector<float> deviation = {0.2F, 0.25F, 0.3F};

PixelBatch augmented(const PixelBatch& batch, Rng rng) {
  const PixelBatch moved = data::random_crop(data::random_translation(batch, 2, rng), 1, rng);
  const PixelBatch mirrored = data::alternating_flip(data::random_flip(moved, rng), Rng(6));
  return data::cutout(mirrored, 3, rng);
}

Batch normalized(const PixelBatch& batch) { return data::normalize(batch, mean, deviation); }

Batches augmented_batches(const Dataset& dataset) {
  return {std::make_shared<data::Images>(dataset, augmented, normalized), 8,
          Rng(1, data::order_stream), Rng(2)};
}

/// Whether both ranges have the same batches; images may differ by `tolerance`.
template <class Here, class There>
void check_same_batches(Here&& here, There&& there, float tolerance) {
  auto expected = here.begin();
  for (const Batch& batch : there) {
    CHECK(batch.images.device() == Device::cuda);
    CHECK(values(batch.labels) == values((*expected).labels));
    const std::vector<float> images = values(batch.images);
    const std::vector<float> expected_images = values((*expected).images);
    REQUIRE(images.size() == expected_images.size());
    for (std::size_t i = 0; i < images.size(); ++i) {
      CHECK(std::abs(images[i] - expected_images[i]) <= tolerance);
    }
    ++expected;
  }
  CHECK(expected == here.end());
}

/// y = x(index(i)) by a kernel on the GPU, from and to the CPU.
template <class Kernel, class T>
Array<T> gathered(const Array<T>& x, const Integers& index, const Shape& shape) {
  Array<T> y(shape, Device::cuda);
  run(Device::cuda, Kernel{.x = x.to(Device::cuda), .index = index.to(Device::cuda), .y = y});
  return y.to(Device::cpu);
}

TEST_CASE("batches from a dataset on the GPU are those from the CPU, epoch after epoch") {
  const Dataset dataset = photographs(50);
  Batches here(dataset, 8, Rng(1, data::order_stream));
  Batches there(dataset.to(Device::cuda), 8, Rng(1, data::order_stream));
  CHECK(there.device() == Device::cuda);
  for (int epoch = 0; epoch < 2; ++epoch) check_same_batches(here, there, 0);
  here.seek(1, 3);
  there.seek(1, 3);
  check_same_batches(here, there, 0);
}

TEST_CASE("augmented batches on the GPU are those of the CPU, up to rounding") {
  const Dataset dataset = photographs(50);
  Batches here = augmented_batches(dataset);
  Batches there = augmented_batches(dataset.to(Device::cuda));
  // One side may round scale x, of at most 1 / deviation, before it adds the shift and rounds the
  // sum, which is no larger in size, once more.
  const float bound = FLT_EPSILON * 2 / 0.2F;
  for (int epoch = 0; epoch < 3; ++epoch) check_same_batches(here, there, bound);
  check_same_batches(here, Prefetch(there), bound);
}

TEST_CASE("every augmentation makes the same bytes on both devices") {
  const Dataset dataset = photographs(70);
  Integers numbers({70});
  for (Index i = 0; i < 70; ++i) numbers.data()[i] = static_cast<std::int32_t>(i * i);
  const PixelBatch here{
      .images = dataset.images, .labels = dataset.labels, .numbers = numbers, .epoch = 3};
  const PixelBatch there{.images = here.images.to(Device::cuda),
                         .labels = here.labels.to(Device::cuda),
                         .numbers = numbers.to(Device::cuda),
                         .epoch = 3};
  const std::vector<std::function<PixelBatch(const PixelBatch&, Rng&)>> augmentations = {
      [](const PixelBatch& batch, Rng& rng) { return data::random_crop(batch, 4, rng); },
      [](const PixelBatch& batch, Rng& rng) { return data::random_crop(batch, 100, rng); },
      [](const PixelBatch& batch, Rng& rng) { return data::random_translation(batch, 5, rng); },
      [](const PixelBatch& batch, Rng& rng) { return data::random_flip(batch, rng); },
      [](const PixelBatch& batch, Rng& rng) { return data::alternating_flip(batch, rng); },
      [](const PixelBatch& batch, Rng& rng) { return data::cutout(batch, 4, rng); },
      [](const PixelBatch& batch, Rng& rng) { return data::cutout(batch, 2147483647, rng); }};
  const std::vector<std::uint8_t> before = values(there.images);
  for (std::size_t i = 0; i < augmentations.size(); ++i) {
    CAPTURE(i);
    Rng rng_here(i);
    Rng rng_there(i);
    const PixelBatch result = augmentations[i](there, rng_there);
    CHECK(values(result.images) == values(augmentations[i](here, rng_here).images));
    CHECK(rng_here.state() == rng_there.state());
    CHECK(values(there.images) == before);
  }
  CHECK(values(data::to_unit(there).images) == values(data::to_unit(here).images));
}

TEST_CASE("random integers have the same bits on both devices") {
  for (const Index count : {0, 1, 3, 4, 5, 1001}) {
    const Rng::Reserved random = Rng(5, 9).reserve(count);
    Integers here({count});
    Integers there({count}, Device::cuda);
    for (Integers* y : {&here, &there}) {
      run(y->device(), kernel::RandomIntegers{.y = *y,
                                              .ranges = {{.low = -2147483647, .bound = 4294967295},
                                                         {.low = 7, .bound = 1000}},
                                              .random = random});
    }
    CHECK(values(there) == values(here));
  }
}

TEST_CASE("batches without images, and of images of any number of channels") {
  const PixelBatch none{.images = Bytes({0, 3, 4, 4}, Device::cuda),
                        .labels = Integers({0}, Device::cuda),
                        .numbers = Integers({0}, Device::cuda),
                        .epoch = 0};
  CHECK(augmented(none, Rng(1)).images.shape() == Shape{0, 3, 4, 4});

  constexpr Index channels = 130;  // more than one launch of ScalePixels does
  PixelBatch batch = none;
  batch.images = Bytes({2, channels, 1, 2});
  std::iota(batch.images.values().begin(), batch.images.values().end(), std::uint8_t{0});
  std::vector<float> deviations(channels);
  std::iota(deviations.begin(), deviations.end(), 1.0F);
  const std::vector<float> no_mean(channels, 0.0F);
  const Tensor expected = data::normalize(batch, no_mean, deviations).images;
  batch.images = batch.images.to(Device::cuda);
  CHECK(values(data::normalize(batch, no_mean, deviations).images) == values(expected));
}

TEST_CASE("a dataset is on the GPU once, whatever number of Batches takes from it") {
  const Dataset dataset = photographs(1000).to(Device::cuda);
  CHECK(dataset.to(Device::cuda).images.data() == dataset.images.data());
  const Index before = memory::live_bytes(Device::cuda);
  Batches batches(dataset, 100, Rng(1));
  Batches same(dataset, 100);
  const Index orders = memory::live_bytes(Device::cuda) - before;
  CHECK(orders < 2 * 1000 * 5);  // four bytes an image, rounded up to blocks
}

TEST_CASE("labels on another device than their images are refused") {
  Dataset dataset = photographs(2);
  dataset.images = dataset.images.to(Device::cuda);
  CHECK_THROWS_WITH_AS(Batches(dataset, 1),
                       "images: labels are on cpu, expected them where the images are, on cuda",
                       Error);
}

TEST_CASE("on the GPU, batches are made in the loop, not ahead of it") {
  int made = 0;  // by this thread alone
  const auto count = [&made](const PixelBatch& batch) {
    ++made;
    return data::to_unit(batch);
  };
  const auto images =
      std::make_shared<data::Images>(photographs(42).to(Device::cuda), data::Augmentation(), count);
  Batches batches(images, 4, Rng(1));
  int taken = 0;
  for (const Batch& batch : Prefetch(batches)) {
    taken += batch.labels.count() > 0 ? 1 : 0;
    CHECK(made == taken);
  }
  CHECK(taken == 11);
}

TEST_CASE("sums of scattered rows are in the indices' order, to the bit, run after run") {
  Rng rng(4);
  for (const Shape& shape : {Shape{5, 3}, Shape{1, 1}, Shape{200, 2, 40}, Shape{7}}) {
    const Index rows = shape[0];
    const Index count = 300;
    Integers index({count});
    for (std::int32_t& row : index.values()) row = static_cast<std::int32_t>(rng.below(rows));
    Tensor x({count, shape.count() / rows});
    for (float& value : x.values()) value = rng.normal();
    Tensor here(shape);
    run(Device::cpu, kernel::ScatterAdd{.x = x, .index = index, .y = here});
    for (int repeat = 0; repeat < 2; ++repeat) {
      Tensor there(shape, Device::cuda);
      run(Device::cuda,
          kernel::ScatterAdd{.x = x.to(Device::cuda), .index = index.to(Device::cuda), .y = there});
      CHECK(values(there) == values(here));
    }
  }
}

constexpr std::int32_t smallest = std::numeric_limits<std::int32_t>::min();
constexpr std::int32_t largest = std::numeric_limits<std::int32_t>::max();

TEST_CASE("an index outside its range reads nothing and adds nothing") {
  const Integers index({5}, {1, -1, 3, smallest, largest});
  const Tensor table({3, 2}, {1, 2, 3, 4, 5, 6});
  const std::vector<float> rows = values(gathered<kernel::Gather>(table, index, {5, 2}));
  CHECK(std::vector(rows.begin(), rows.begin() + 2) == std::vector<float>{3, 4});
  CHECK(std::ranges::all_of(rows.begin() + 2, rows.end(), [](float x) { return std::isnan(x); }));

  CHECK(values(gathered<kernel::GatherIntegers>(Integers({3}, {7, 8, 9}), index, {5})) ==
        std::vector<std::int32_t>{8, -1, -1, -1, -1});
  const Bytes pixels({3, 1, 1, 2}, {1, 2, 3, 4, 5, 6});
  CHECK(values(gathered<kernel::GatherPixels>(pixels, index, {5, 1, 1, 2})) ==
        std::vector<std::uint8_t>{3, 4, 0, 0, 0, 0, 0, 0, 0, 0});
  Tensor floats({5, 1, 1, 2}, Device::cuda);
  run(Device::cuda,
      kernel::GatherBytes{
          .x = pixels.to(Device::cuda), .index = index.to(Device::cuda), .y = floats, .scale = 2});
  const std::vector<float> images = values(floats);
  CHECK(std::vector(images.begin(), images.begin() + 2) == std::vector<float>{6, 8});
  CHECK(
      std::ranges::all_of(images.begin() + 2, images.end(), [](float x) { return std::isnan(x); }));

  Tensor sums({3, 2}, Device::cuda);
  const Tensor ten({5, 2}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
  run(Device::cuda,
      kernel::ScatterAdd{.x = ten.to(Device::cuda), .index = index.to(Device::cuda), .y = sums});
  CHECK(values(sums) == std::vector<float>{0, 0, 1, 2, 0, 0});
}

TEST_CASE("an image moved or cut beyond its border is zero there") {
  const Bytes x({2, 1, 1, 3}, {1, 2, 3, 4, 5, 6});
  const Bytes on_gpu = x.to(Device::cuda);
  Bytes y(x.shape(), Device::cuda);
  const Integers by = Integers({2, 2}, {0, 4, 0, smallest}).to(Device::cuda);
  for (const Border border : {Border::zero, Border::reflect}) {
    run(Device::cuda, kernel::Shift{.x = on_gpu, .by = by, .border = border, .y = y});
    const std::vector<std::uint8_t> moved = values(y);
    CHECK(std::vector(moved.begin() + 3, moved.end()) == std::vector<std::uint8_t>{0, 0, 0});
    CHECK(moved[2] == 0);
  }
  const Integers corner = Integers({2, 2}, {largest, 0, 0, 2}).to(Device::cuda);
  run(Device::cuda, kernel::Cutout{.x = on_gpu, .corner = corner, .size = 2147483647, .y = y});
  CHECK(values(y) == std::vector<std::uint8_t>{1, 2, 3, 4, 5, 0});
}

}  // namespace
}  // namespace muonlab::test
