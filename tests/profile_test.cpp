#include "muonlab/core/profile.h"

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "muonlab/core/tensor.h"

namespace muonlab::test {
namespace {

using profile::Entry;
using profile::Recorder;
using profile::Recording;
using profile::Section;

void step() {
  {
    const Section forward("forward");
    const Tensor held({1000});
  }
  const Section optimizer("optimizer");
  const Section inner("orthogonalize");
  std::this_thread::sleep_for(std::chrono::milliseconds(2));
}

TEST_CASE("sections are added up by name and place, those within after the one around") {
  Recorder recorder;
  { const Section unseen("before"); }
  {
    const Recording recording(recorder);
    step();
    { const Section last("last"); }
    step();
    std::thread([] { const Section unseen("another thread's"); }).join();
  }
  { const Section unseen("after"); }
  const std::vector<Entry> entries = recorder.entries();
  std::string names;
  for (const Entry& entry : entries) names += std::to_string(entry.depth) + entry.name + ' ';
  REQUIRE(names == "0forward 0optimizer 1orthogonalize 0last ");
  CHECK(entries[2].seconds >= 0.004);
  CHECK(entries[1].seconds >= entries[2].seconds);
  CHECK(entries[0].peak_bytes >= entries[0].live_bytes + 4000);
}

TEST_CASE("a recording within another one takes over until it ends") {
  Recorder outer;
  Recorder inner;
  const Recording recording(outer);
  {
    const Recording other(inner);
    const Section section("b");
  }
  { const Section section("a"); }
  REQUIRE(outer.entries().size() == 1);
  REQUIRE(inner.entries().size() == 1);
  CHECK(outer.entries()[0].name == "a");
  CHECK(inner.entries()[0].name == "b");
}

}  // namespace
}  // namespace muonlab::test
