// Opens the pages of orthogonalize in a browser and counts what is drawn.
#include <string>

#include <doctest/doctest.h>

#include "tests/browser/browser.h"

namespace muonlab::test {
namespace {

const std::string program = MUONLAB_ORTHOGONALIZE;

TEST_CASE("the page of the 2x2 shows the plane, and the tutorial's matrix as Gram-Schmidt's") {
  const Folder folder;
  const std::string dom = page_of(folder, program, "");
  CHECK(charts(dom) == 5);
  constexpr int columns = 7;                                 // two dots, two arrows and their heads
  CHECK(marks(dom, "plane-standard") == 7 * (1 + columns));  // before, five steps, U V^T
  CHECK(marks(dom, "gram-schmidt") == 3 * columns);
  CHECK(marks(dom, "values-standard") == 2);
  CHECK(marks(dom, "error") == 1 + 6);  // a line, and a circle for each step
  CHECK(marks(dom, "polynomial-standard") == 2);
  CHECK(has(dom, "half-axes 1.0 and 0.0075, 5 steps one with 0.80 and 0.70"));
  CHECK(has(dom, "is Gram-Schmidt's Q, within 0.0008; it is 0.050 off U Vᵀ"));
  CHECK(has(dom, "0.998 -0.050\n  0.050  0.998"));
  CHECK(has(dom, "but for the last digit, Q of M = Q R."));
  CHECK(has(dom, "<h1 id=\"heading\">5 steps towards U Vᵀ</h1>"));
  CHECK(has(page_of(folder, program, "--steps 1"), "standard: 1 step takes σ from "));
  CHECK(has(dom, "./muonlab orthogonalize --out ."));
  CHECK(tips_shown(folder, "report.html") == 5);
}

TEST_CASE("the page of the spectrum has a line for every singular value, and for every step") {
  const Folder folder;
  const std::string dom =
      page_of(folder, program, "--example spectrum --set standard,polar_express");
  CHECK(charts(dom) == 8);
  for (const std::string set : {"standard", "polar_express"}) {
    CAPTURE(set);
    CHECK(marks(dom, "values-" + set) == 100 + 5);  // and five quantiles
    CHECK(marks(dom, "spectrum-" + set) == 1 + 5);  // before, and the steps
  }
  CHECK(marks(dom, "spectra") == 1 + 2);
  CHECK(marks(dom, "error") == 2 * (1 + 6));
  CHECK(marks(dom, "polynomial-standard") == 1 + 1);       // one step, all steps
  CHECK(marks(dom, "polynomial-polar_express") == 5 + 1);  // five different steps, all of them
  CHECK(has(dom, "standard: 58 of 100 singular values lie between 0.5 and 1.5 after 5 steps"));
  CHECK(has(dom, "polar_express comes nearest to U Vᵀ in 5 steps: error 0.532"));
  CHECK(tips_shown(folder, "report.html") == 8);
}

TEST_CASE("a small matrix is drawn with its elements, a large one with some singular values") {
  const Folder folder;
  const std::string small = page_of(folder, program, "'3,1,0;1,2,1' --set taylor");
  CHECK(squares(small, "matrix") == 6);
  CHECK(squares(small, "matrix-taylor") == 6);
  std::string rows;
  for (int row = 0; row < 300; ++row) {
    for (int column = 0; column < 210; ++column) {
      rows += std::to_string((7 * row + 13 * column + row * column) % 101 - 50) +
              (column < 209 ? "," : "\n");
    }
  }
  folder.write("large.csv", rows);
  const std::string large = page_of(folder, program, "large.csv --steps 1");
  CHECK(marks(large, "values-standard") == 200 + 5);
  CHECK(squares(large, "matrix") == 0);
  CHECK(has(large, "200 of 210 singular values are drawn"));
  CHECK(has(large, " of 210 singular values lie between 0.5 and 1.5 after 1 step, "));
}

TEST_CASE("a file's name stays a text") {
  const Folder folder;
  const std::string name = "<img src=x onerror=document.title=1>.csv";
  folder.write(name, "1,2,3");
  const std::string dom = page_of(folder, program, "'" + name + "'");
  CHECK(has(dom, "&lt;img src=x"));
  CHECK(!has(dom, "<img src=x"));
}

TEST_CASE("a matrix that lacks directions, a row, a number and zero have pages") {
  const Folder folder;
  CHECK(has(page_of(folder, program, "'1,2;2,4'"), "M has rank 1 of 2"));
  CHECK(marks(page_of(folder, program, "1,2,3,4,5"), "values-standard") == 1);
  CHECK(marks(page_of(folder, program, "5 --set all --steps 1"), "error") == 8 * (1 + 2));
  const std::string zero = page_of(folder, program, "'0,0;0,0'");
  CHECK(marks(zero, "values-standard") == 2);
  CHECK(tips_shown(folder, "report.html") == charts(zero));
}

}  // namespace
}  // namespace muonlab::test
