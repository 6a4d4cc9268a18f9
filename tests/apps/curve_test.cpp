#include "apps/training/curve.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <doctest/doctest.h>

#include "apps/keeping/run_json.h"
#include "muonlab/core/rng.h"
#include "tests/folder.h"

namespace muonlab::test {
namespace {

using app::Curve;

std::vector<float> some_losses(Index count) {
  Rng rng(1);
  std::vector<float> losses;
  for (Index i = 0; i < count; ++i) losses.push_back(static_cast<float>(rng.below(1000)) / 64);
  return losses;
}

void add(Curve& curve, const std::vector<float>& losses, std::size_t from, std::size_t to) {
  for (std::size_t i = from; i < to; ++i) {
    curve.add(losses[i], 0.25 * static_cast<double>(i + 1));
  }
}

TEST_CASE("up to the limit a curve keeps every step") {
  const std::vector<float> losses = some_losses(2000);
  Curve curve(2000, 2000);
  add(curve, losses, 0, losses.size());
  CHECK(curve.bucket() == 1);
  REQUIRE(curve.points().size() == 2000);
  REQUIRE(curve.buckets().size() == 2000);
  for (std::size_t i = 0; i < losses.size(); ++i) {
    CHECK(curve.points()[i].step == static_cast<Index>(i) + 1);
    CHECK(curve.points()[i].loss == losses[i]);
    CHECK(curve.buckets()[i].mean == losses[i]);
  }
}

TEST_CASE("a longer curve keeps the lowest and the highest of each bucket where they were") {
  for (const Index count : {2001, 2814, 49'999, 50'000}) {
    CAPTURE(count);
    const std::vector<float> losses = some_losses(count);
    Curve curve(count, 2000);
    add(curve, losses, 0, losses.size());
    CHECK(curve.is_consistent());
    CHECK(curve.points().size() <= 2000);
    CHECK(curve.points().size() > 900);
    std::size_t next = 0;
    for (std::size_t number = 0; number < curve.buckets().size(); ++number) {
      const auto width = static_cast<std::size_t>(curve.bucket());
      const auto begin = losses.begin() + static_cast<std::ptrdiff_t>(number * width);
      const auto end = losses.begin() +
                       static_cast<std::ptrdiff_t>(std::min((number + 1) * width, losses.size()));
      std::vector<float> kept;
      double sum = 0;
      for (auto loss = begin; loss != end; ++loss) sum += *loss;
      while (next < curve.points().size() && curve.points()[next].step <= end - losses.begin()) {
        const auto& [step, loss] = curve.points()[next++];
        CHECK(loss == losses[static_cast<std::size_t>(step) - 1]);
        kept.push_back(loss);
      }
      const bool has_ends = std::ranges::min(kept) == *std::min_element(begin, end) &&
                            std::ranges::max(kept) == *std::max_element(begin, end);
      CHECK(has_ends);
      CHECK(curve.buckets()[number].mean ==
            doctest::Approx(sum / static_cast<double>(end - begin)).epsilon(1e-12));
      CHECK(curve.buckets()[number].seconds == 0.25 * static_cast<double>(end - losses.begin()));
    }
    CHECK(next == curve.points().size());
  }
}

TEST_CASE("however many runs there are, a curve has a few points") {
  Curve curve(1'000'000, 1);
  for (int i = 0; i < 1000; ++i) curve.add(1, i);
  CHECK(curve.points().size() == 2);
  CHECK(curve.is_consistent());
}

app::Run run_with(const Curve& curve) {
  return {
      .optimizer = "sgd", .lr = 0.1F, .seed = 0, .parameters = 1, .state_bytes = 0, .curve = curve};
}

TEST_CASE("a curve that was stored at any step goes on with the same bits") {
  const std::vector<float> losses = some_losses(61);
  Curve whole(61, 20);
  add(whole, losses, 0, losses.size());
  const std::string text = to_json(run_with(whole)).dump();
  for (std::size_t step = 0; step <= losses.size(); ++step) {
    CAPTURE(step);
    Curve first(61, 20);
    add(first, losses, 0, step);
    const app::Json json = app::Json::parse(to_json(run_with(first)).dump());
    app::Run run = to_run(app::Fields(json, "FILE"), 1);
    REQUIRE(run.curve.has_value());
    add(*run.curve, losses, step, losses.size());
    CHECK(to_json(run).dump() == text);
  }
}

TEST_CASE("a curve that claims what cannot be is refused") {
  Curve curve(6, 4);  // two buckets of three steps
  add(curve, {1, 2, 3, 1, 2, 3}, 0, 6);
  const app::Json good = to_json(run_with(curve));
  const auto set = [&good](const std::string& field, const app::Json& value) {
    app::Json json = good;
    json["curve"][field] = value;
    return Folder().error([&] { to_run(app::Fields(json, "F"), 1); });
  };
  CHECK(set("steps", 6) == "no error");
  const std::string order =
      "F: curve.point_steps: got [1,3,4,6], expected one or two steps in every bucket, in order";
  CHECK(set("steps", 5) == order);
  CHECK(set("steps", 7) == order);
  CHECK(set("bucket", 2) == order);
  CHECK(set("bucket", 0) == "F: curve.bucket: got 0, expected a whole number of at least 1");
  CHECK(set("point_steps", {3, 1, 4, 6}).ends_with("in order"));
  CHECK(set("point_steps", {1, 2, 3, 6}).ends_with("in order"));
  CHECK(set("point_steps", {1, 3, 4}) == "F: curve.point_losses: got [1,3,1,3], expected 3 losses");
  CHECK(set("point_losses", {1, 2, -1, 2}) ==
        "F: curve.point_losses[2]: got -1, expected a number from 0 to 3.4028234663852886e+38");
  CHECK(set("seconds", {1}) == "F: curve.seconds: got [1], expected 2 seconds");
  CHECK(set("seconds", {2, 1}).starts_with("F: curve.seconds[1]: got 1, expected a number from 2"));
  CHECK(set("means", "x") == "F: curve.means: got \"x\", expected a list");
}

}  // namespace
}  // namespace muonlab::test
