// Opens the pages of saddle in a browser and counts what is drawn.
#include <string>

#include <doctest/doctest.h>

#include "tests/browser/browser.h"

namespace muonlab::test {
namespace {

const std::string program = MUONLAB_SADDLE;

/// What is in `text` behind `before`, up to `end`.
std::string between(const std::string& text, const std::string& before, const std::string& end) {
  const std::size_t at = text.find(before);
  REQUIRE(at != std::string::npos);
  return text.substr(at + before.size(), text.find(end, at + before.size()) - at - before.size());
}

TEST_CASE("the page of saddle has a dot for every seed, and the way of one") {
  const Folder folder;
  const std::string dom = page_of(folder, program, "--seeds 3");
  CHECK(charts(dom) == 9);
  CHECK(marks(dom, "escape-deep") == 4 * 4 * (3 + 1));  // directions, optimizers, seeds and median
  CHECK(marks(dom, "escape-plane") == 4 * (3 + 1));
  for (const std::string name : {"sgd", "momentum", "adam", "muon"}) {
    CAPTURE(name);
    CHECK(marks(dom, "progress-" + name) == 4);
  }
  CHECK(marks(dom, "loss-deep") == 4);
  CHECK(marks(dom, "loss-plane") == 4);
  CHECK(marks(dom, "paths-plane") == 4 * (1 + 11));  // dots at the start and at every tenth step
  CHECK(has(dom, "sgd: σ = 1 comes half the way after 6"));
  CHECK(has(dom, "muon: σ = 0.03 comes half the way after "));
  CHECK(has(dom, "plane: all come to a minimum"));
  CHECK(has(dom, "./muonlab saddle --seeds 3 --out ."));
  CHECK(tips_shown(folder, "report.html") == 9);
}

TEST_CASE("who never escapes is at the edge, and who diverged is named") {
  const Folder folder;
  const std::string still =
      page_of(folder, program, "--problem deep --start 0 --steps 50 --seeds 2");
  CHECK(has(still, "deep: nobody escapes in direction σ = 0.03 (median)"));
  CHECK(has(still, ">never</text>"));
  CHECK(marks(still, "escape-deep") == 4 * 4 * (2 + 1));
  const std::string lost = page_of(folder, program, "--lr sgd=1e30 --steps 50 --seeds 1");
  CHECK(has(lost, " sgd diverged after 1 step."));
  CHECK(has(lost, "sgd: no direction is taken"));
  CHECK(marks(lost, "loss-deep") == 3);
  CHECK(marks(page_of(folder, program, "--steps 1 --seeds 1"), "escape-deep") == 4 * 4 * (1 + 1));
}

TEST_CASE("a way's title has the steps of the table, though the way is thinned") {
  const Folder folder;
  const std::string dom = page_of(folder, program, "--problem deep --seeds 1");
  const std::string row = between(dom, "<td>σ = 0.03</td><td>", "</td>");
  REQUIRE(row.size() == 4);  // after the first 50 steps some moments are left out
  CHECK(has(dom, ", σ = 0.03 after " + row.substr(0, 1) + ',' + row.substr(1) + " steps</h2>"));
  const std::string one = page_of(folder, program, "--problem deep --steps 8 --seeds 1");
  CHECK(has(one, "muon: σ = 0.03 comes half the way after "));
  CHECK(has(one, "; 3 never</h2>"));
}

TEST_CASE("who comes to a minimum is said in a sentence") {
  const Folder folder;
  const std::string one =
      page_of(folder, program, "--problem plane --lr sgd=1e30 momentum=1e-9 adam=1e-9 --seeds 1");
  CHECK(has(one, "plane: muon comes to a minimum within "));
  const std::string three = page_of(folder, program, "--problem plane --lr sgd=1e30 --seeds 1");
  CHECK(has(three, "plane: momentum, adam and muon come to a minimum within "));
}

TEST_CASE("of many seeds fifty are drawn, and the page stays small") {
  const Folder folder;
  const std::string dom = page_of(folder, program, "--problem plane --seeds 200");
  CHECK(marks(dom, "escape-plane") == 4 * (50 + 1));
  CHECK(has(dom, "(the first 50 of 200)"));
  CHECK(folder.read("report.html").size() < 1'500'000);  // the library that draws is 1.1 MB
}

}  // namespace
}  // namespace muonlab::test
