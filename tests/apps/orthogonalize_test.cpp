// Runs orthogonalize as a user does. The figures that it must print were computed by NumPy in
// double: the steps as X <- a X + b (X X^T) X + c (X X^T)^2 X, numpy.linalg.svd and
// numpy.linalg.qr.
#include <string>

#include <doctest/doctest.h>

#include "tests/apps/rows.h"
#include "tests/apps/run_app.h"

namespace muonlab::test {
namespace {

const std::string program = MUONLAB_ORTHOGONALIZE;

constexpr double half_digit = 0.00051;  // of three after the point
constexpr double bfloat16_band = 0.03;

TEST_CASE("the tutorial's 2x2 is what NumPy makes of it, beside U V^T and Gram-Schmidt's Q") {
  const std::string text = printed(program, "");
  CHECK(text == printed(program, "--example 2x2"));
  check_row(text, "M  ", {10, 0.5, 10.0252, 0.0748}, half_digit);
  check_row(text, "X = M / |M|", {0.9975, 0.0499, 1, 0.0075, 0.7018}, half_digit);
  check_row(text, "step 1", {0.6993, 0.0339, 0.7010, 0.0257, 0.7206}, half_digit);
  check_row(text, "step 2", {1.1110, 0.0515, 1.1136, 0.0884, 0.6496}, half_digit);
  check_row(text, "step 5", {0.6967, -0.0052, 0.8004, 0.6965, 0.2569}, half_digit);
  check_row(text, "exact, U Vᵀ", {1, 0, 1, 1, 0}, half_digit);
  check_row(text, "Gram-Schmidt, Q", {0.9988, -0.0499, 1, 1, 0.0500}, half_digit);

  const auto second_row = [&text](const std::string& name) {
    return numbers(lines_from(text, name).at(1), "");
  };
  CHECK(second_row("M  ") == std::vector{0.5, 0.1});
  CHECK(second_row("step 5") == std::vector{-0.005, 0.8});
  CHECK(second_row("exact, U Vᵀ") == std::vector{0.0, 1.0});
  // The tutorial's figure is 0.998 -0.050; 0.050 0.998.
  CHECK(second_row("Gram-Schmidt, Q") == std::vector{0.05, 0.999});
  CHECK(text.find("Gram-Schmidt's on the columns of M") != std::string::npos);
}

TEST_CASE("the tutorial's spectrum, before and after five steps") {
  const std::string text = printed(program, "--example spectrum");
  CHECK(text.starts_with("M: 100 x 100, singular values 1 to 3.16e-05; products in float32\n"));
  check_row(text, "X = M / |M|", {0.4346, 0.1526, 0.0023, 3.9e-5, 1.4e-5, 0.9605}, half_digit);
  check_row(text, "step 1", {1.1365, 0.5088, 0.0080, 1.3e-4, 4.7e-5, 0.9031}, half_digit);
  check_row(text, "step 4", {1.2014, 1.0857, 0.3221, 0.0055, 0.0019, 0.6891}, half_digit);
  check_row(text, "step 5", {1.1997, 1.1058, 0.6934, 0.0190, 0.0067, 0.6010}, half_digit);
  check_row(text, "0.68 to 1.5", {55}, 0);  // how many are there: before none, after 55
  check_row(text, "0.32 to 0.68", {4, 7}, 0);
  check_row(text, "0.15 to 0.32", {7, 8}, 0);
  check_row(text, "0.0032 to 0.0068", {8, 1}, 0);
  check_row(text, "6.8e-06 to 1.5e-05", {1}, 0);
}

TEST_CASE("sets are compared side by side") {
  const std::string text = printed(program, "--example spectrum --set standard,polar_express");
  check_row(text, "1 ", {0.9031, 0.8886}, half_digit);
  check_row(text, "5 ", {0.6010, 0.5319}, half_digit);
  check_row(text, "standard  ", {1.1997, 1.1058, 0.6934, 0.0190, 0.0067, 0.6010}, half_digit);
  check_row(text, "polar_express", {1.1411, 1.1157, 0.8774, 0.0387, 0.0136, 0.5319}, half_digit);
  check_row(text, "0.68 to 1.5", {55, 61}, 0);

  const std::string all = printed(program, "--set all --steps 2");
  CHECK(
      all.find("step  standard  quintic   you6  polar_express  deepseek  cubic5  cubic  taylor") !=
      std::string::npos);
  check_row(all, "standard  ", {1.1110, 0.0515, 1.1136, 0.0884, 0.6496}, half_digit);
}

TEST_CASE("steps that converge end at U V^T of a wide matrix") {
  const std::string text = printed(program, "'3,1,0;1,2,1' --set taylor --steps 15");
  check_row(text, "M  ", {3.6586, 1.6170}, half_digit);
  check_row(text, "step 15", {1, 1, 0}, half_digit);
  CHECK(lines_from(text, "step 16").empty());
}

TEST_CASE("in bfloat16 the figures are near those of float32") {
  const std::string text = printed(program, "--example spectrum --precision bfloat16");
  CHECK(text.starts_with("M: 100 x 100, singular values 1 to 3.16e-05; products in bfloat16\n"));
  const std::vector<double> values = numbers(text, "step 5");
  REQUIRE(values.size() == 6);
  CHECK(std::abs(values[0] - 1.1997) < bfloat16_band);
  CHECK(std::abs(values[5] - 0.6010) < bfloat16_band);
}

TEST_CASE("what is computed in float32 although bfloat16 was asked for is named") {
  const auto line = [](const std::string& arguments) {
    const auto lines =
        lines_from(printed(program, arguments + " --precision bfloat16"), "In float32");
    return lines.empty() ? "" : lines.front();
  };
  CHECK(line("--example spectrum") == "");
  CHECK(line("--example spectrum --set all") ==
        "In float32 all the same: quintic, polar_express, cubic5.");
  CHECK(line("'3,1;1,2' --set all") == "In float32 all the same: every set.");
}

TEST_CASE("what has no direction stays zero, and is said") {
  const std::string one = printed(program, "'1,2;2,4'");
  CHECK(one.find("M has rank 1 of 2: what it lacks stays zero, ") != std::string::npos);
  const std::vector<double> values = numbers(one, "step 5");
  REQUIRE(values.size() == 5);
  CHECK(values[3] == 0);
  const std::string zero = printed(program, "'0,0;0,0'");
  CHECK(zero.find("M has rank 0 of 2") != std::string::npos);
  check_row(zero, "step 5", {0, 0, 0, 0, 1}, 0);
  check_row(printed(program, "5"), "step 1", {0.701, 0.299}, half_digit);
  check_row(printed(program, "1e-30,0"), "step 1", {0.701, 0.299}, half_digit);
  check_row(printed(program, "-1e30,0"), "step 1", {0.701, 0.299}, half_digit);
}

TEST_CASE("everything fits into a terminal of 80 columns") {
  for (const char* arguments :
       {"", "--example spectrum", "--example spectrum --set standard,quintic,you6,polar_express",
        "--set all", "--example spectrum --set all", "'1,2;2,4'", "'1,2,3,4,5;1,2,3,4,6'"}) {
    CAPTURE(arguments);
    for (const std::string& line : lines_from(printed(program, arguments), "")) {
      CAPTURE(line);
      CHECK(width_of(line) <= 80);
    }
  }
}

TEST_CASE("more work than hours is refused before it begins") {
  const Folder folder;
  std::string row = "1";
  for (int i = 1; i < 2048; ++i) row += ",1";
  std::string rows;
  for (int i = 0; i < 2048; ++i) rows += row + '\n';
  folder.write("large.csv", rows);
  check_refused(folder, program, "large.csv --set all --steps 100",
                "--steps: 100 steps of 8 sets are too many for a matrix (2048, 2048), expected "
                "sets x steps at most 64; take a part of the matrix, fewer sets or steps");
}

TEST_CASE("--out leaves a page") {
  check_leaves_page(program, "");
  check_leaves_page(program, "'1,2,3' --set cubic,taylor --steps 2");
}

TEST_CASE("help teaches, and wrong options are refused in one line") {
  const std::string help = printed(program, "--help");
  for (const char* word : {"M = U S Vᵀ", "deepseek (10)", "--example spectrum", "--precision"}) {
    CHECK(help.find(word) != std::string::npos);
  }
  const Folder folder;
  check_refused(folder, program, "--steps 101",
                "--steps: got '101', expected a whole number from 1 to 100");
  check_refused(folder, program, "--example 3x3", "--example: got '3x3', expected 2x2 or spectrum");
  check_refused(folder, program, "1,2 --example 2x2", "--example: not beside a MATRIX");
  check_refused(folder, program, "--precision half",
                "--precision: got 'half', expected float32 or bfloat16");
  check_refused(folder, program, "--color", "unknown option --color (--help shows what there is)");
}

}  // namespace
}  // namespace muonlab::test
