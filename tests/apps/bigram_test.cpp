// Text trains as images do: a table of which byte follows which, in an experiment of its own.
#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "apps/training/training.h"
#include "muonlab/data/windows.h"
#include "muonlab/nn/embedding.h"
#include "muonlab/optim/adam.h"

namespace muonlab::test {
namespace {

using app::Experiment;
using app::Model;

// W. Blake, 1794.
constexpr std::string_view verse =
    "Tyger Tyger, burning bright, In the forests of the night: "
    "What immortal hand or eye, Could frame thy fearful symmetry? ";

constexpr Index length = 16;

/// Logits of the byte that comes next, for each byte.
Model bigram(Rng& rng) {
  auto table = std::make_unique<nn::Embedding>(256, 256, rng);
  nn::Embedding& next = *table;
  return {std::move(table), [&next](const data::Batch& batch) { return next(batch.tokens); }};
}

/// A loss in bits for a byte, and its own count of what is right.
Experiment bigram_experiment() {
  const auto windows = std::make_shared<data::Windows>(data::bytes_as_tokens(verse), length, 256);
  Experiment experiment = {
      .protocol = "bigram", .data = "verse", .train = windows, .test = windows, .batch_size = 3};
  experiment.make_model = bigram;
  experiment.loss = [](const Variable& logits, const data::Batch& batch) {
    return scale(1 / std::log(2.0F), cross_entropy(logits, batch.labels));
  };
  return experiment;
}

const app::Contender adamw = {
    .name = "adamw", .about = "", .lr = 0.1F, .routes = [](const app::Tuning& tuning) {
      return std::vector{
          optim::use<optim::AdamW>(app::all_roles, {.lr = tuning.lr, .weight_decay = 0})};
    }};

/// What no table can beat on the windows, by counting: the entropy of the next byte where this one
/// is known, in bits, and how often the most frequent one comes.
app::Evaluation best() {
  std::map<char, std::map<char, int>> counts;
  const std::size_t all = (verse.size() - 1) / length * length;
  for (std::size_t i = 0; i < all; ++i) ++counts[verse[i]][verse[i + 1]];
  double bits = 0;
  int right = 0;
  for (const auto& [byte, nexts] : counts) {
    int total = 0;
    int most = 0;
    for (const auto& [next, count] : nexts) {
      total += count;
      most = std::max(most, count);
    }
    right += most;
    for (const auto& [next, count] : nexts) bits += count * std::log2(double(total) / count);
  }
  const auto bytes = static_cast<double>(all);
  return {.loss = bits / bytes, .accuracy = right / bytes};
}

TEST_CASE("a bigram model of bytes learns to the entropy of its text") {
  const Experiment experiment = bigram_experiment();
  app::Training training(adamw, 0, experiment, Device::cpu);
  const app::Evaluation before = evaluate(training.model, experiment, experiment.test);
  CHECK(before.loss > 8);  // bits; logits start at random
  for (Index epoch = 0; epoch < 300; ++epoch) {
    training.position = {};
    train_epoch(training, epoch, [] {});
  }
  const app::Evaluation after = evaluate(training.model, experiment, experiment.test);
  const app::Evaluation bound = best();
  CHECK(after.loss > bound.loss);
  CHECK(after.loss < bound.loss + 0.02);
  CHECK(after.accuracy == bound.accuracy);
  CHECK(training.position.loss_sum == doctest::Approx(3 * after.loss).epsilon(0.05));
}

}  // namespace
}  // namespace muonlab::test
