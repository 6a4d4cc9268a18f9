#include "muonlab/data/examples.h"

#include <memory>
#include <vector>

#include <doctest/doctest.h>

#include "muonlab/data/images.h"
#include "muonlab/data/windows.h"

namespace muonlab::test {
namespace {

using data::Images;
using data::Subset;
using data::Windows;

data::Dataset small_set() {
  data::Dataset set = {.images = Bytes({4, 1, 1, 2}), .labels = Integers({4}), .classes = 3};
  for (Index i = 0; i < 8; ++i) set.images.data()[i] = static_cast<std::uint8_t>(10 * i);
  for (Index i = 0; i < 4; ++i) set.labels.data()[i] = static_cast<std::int32_t>(i % 3);
  return set;
}

std::vector<std::int32_t> values(const Integers& x) {
  return {x.values().begin(), x.values().end()};
}

std::string text_of(const Integers& tokens) {
  return {tokens.values().begin(), tokens.values().end()};
}

TEST_CASE("images that differ in a pixel or a label have other contents") {
  const std::string content = Images(small_set()).content();
  CHECK(content.starts_with("4 images, checksum "));
  CHECK(Images(small_set()).content() == content);
  data::Dataset other = small_set();
  other.images.data()[7] ^= 1;
  CHECK(Images(other).content() != content);
  other = small_set();
  other.labels.data()[0] = 2;
  CHECK(Images(other).content() != content);
}

TEST_CASE("a subset gives the examples of its numbers, which a draw counts anew") {
  const auto all = std::make_shared<Images>(small_set());
  const Subset some(all, Integers({3}, {3, 0, 2}));
  CHECK(some.size() == 3);
  CHECK(some.classes() == 3);
  CHECK(some.bytes() == all->bytes() + 12);
  const data::Batch batch = some.batch({.numbers = Integers({2}, {2, 0})});
  CHECK(values(batch.labels) == std::vector{2, 0});
  CHECK(batch.images.data()[0] == doctest::Approx(40 / 255.0));
  CHECK(batch.images.data()[3] == doctest::Approx(70 / 255.0));
  CHECK(some.content() != Subset(all, Integers({3}, {0, 3, 2})).content());
  CHECK_THROWS_WITH_AS(Subset(all, Integers({1}, {4})), "subset: there is no example 4 of 4",
                       Error);
  CHECK_THROWS_AS(Subset(all, Integers({1}, {-1})), Error);
}

TEST_CASE("a text's windows follow each other, and their labels are the tokens that come next") {
  const Windows windows(data::bytes_as_tokens("to be or not"), 4, 256);
  CHECK(windows.size() == 2);
  CHECK(windows.bytes() == 9 * 4);
  const data::Batch batch = windows.batch({.numbers = Integers({2}, {1, 0})});
  CHECK(batch.tokens.shape() == Shape{2, 4});
  CHECK(text_of(batch.tokens) == "e orto b");
  CHECK(text_of(batch.labels) == " or o be");
  CHECK(batch.images.count() == 0);
  CHECK(windows.content() != Windows(data::bytes_as_tokens("to by or not"), 4, 256).content());
}

TEST_CASE("bytes above 127 are tokens above 127") {
  CHECK(values(data::bytes_as_tokens("a\xC3\xBC")) == std::vector{97, 0xC3, 0xBC});
}

TEST_CASE("texts that make no window, and tokens that no class is of, are refused") {
  const auto error = [](const Integers& tokens, Index length, Index classes) -> std::string {
    try {
      const Windows windows(tokens, length, classes);
    } catch (const Error& problem) {
      return problem.what();
    }
    return "";
  };
  const Integers four({4}, {0, 1, 2, 3});
  CHECK(error(four, 3, 4).empty());
  CHECK(error(four, 4, 4) == "windows: 4 tokens make no window of 4 and the token after it");
  CHECK(error(Integers(), 1, 4) == "windows: 0 tokens make no window of 1 and the token after it");
  CHECK(error(four, 0, 4) == "windows: the length is 0, expected at least 1");
  CHECK(error(four, 3, 3) == "windows: got a token 3, expected it within [0, 3)");
  CHECK_FALSE(error(Integers({2}, {0, -1}), 1, 3).empty());
}

}  // namespace
}  // namespace muonlab::test
