// Runs saddle as a user does. What it must print was computed by NumPy, in double and with seeds of
// its own: the same losses, gradients written by hand, and the three rules as they are published.
#include <cmath>
#include <string>

#include <doctest/doctest.h>

#include "tests/apps/rows.h"
#include "tests/apps/run_app.h"

namespace muonlab::test {
namespace {

const std::string program = MUONLAB_SADDLE;

/// The medians of a row, of SGD, momentum, Adam and Muon; the ranges are in parentheses.
void check_medians(const std::string& text, const std::string& direction,
                   const std::vector<double>& expected) {
  CAPTURE(direction);
  const std::vector<double> medians = numbers(text, direction + "  ");
  REQUIRE(medians.size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    CAPTURE(i);
    const double noise = i == 2 ? 0.2 : 0.05;  // Adam takes few steps, and they differ most
    CHECK(std::abs(medians[i] - expected[i]) <= 1.5 + noise * expected[i]);
  }
}

TEST_CASE("in a deep linear network SGD takes weak directions late, Muon all at one pace") {
  const std::string text = printed(program, "--problem deep --seeds 21");
  check_medians(text, "σ = 1", {61, 59, 9, 50});
  check_medians(text, "σ = 0.3", {181, 127, 12, 19});
  check_medians(text, "σ = 0.1", {479, 279, 24, 14});
  check_medians(text, "σ = 0.03", {1434, 755, 52, 7});
  CHECK(text == printed(program, "--problem deep --seeds 21"));
}

TEST_CASE("in the plane the steps are NumPy's") {
  check_medians(printed(program, "--problem plane --seeds 201"), "y", {71, 70, 44, 136});
}

TEST_CASE("from ten times nearer SGD takes log(10) / log(1 + rate) steps more") {
  const auto steps = [](const std::string& start) {
    return numbers(printed(program, "--problem plane --seeds 1 --start " + start), "y  ").at(0);
  };
  CHECK(std::abs(steps("1e-4") - steps("1e-3") - 24.2) <= 1);
  CHECK(std::abs(steps("1e-6") - steps("1e-3") - 72.5) <= 1);
}

TEST_CASE("on the saddle nobody moves, and a step limit is kept") {
  const std::string still = printed(program, "--problem deep --start 0 --steps 100 --seeds 3");
  CHECK(still.find("\nσ = 0.03   never     never  never  never\n") != std::string::npos);
  const std::string short_run = printed(program, "--problem deep --steps 10 --seeds 3");
  CHECK(short_run.find("\nσ = 1      never     never ") != std::string::npos);
}

TEST_CASE("a walk that diverges takes no direction, though it passes by the half") {
  const std::string text = printed(program, "--lr sgd=3");  // in the plane x <- -2 x
  CHECK(text.find("\nσ = 1      never  ") != std::string::npos);
  CHECK(text.find("\ny          never  ") != std::string::npos);
  const std::string slow = printed(program, "--problem plane --lr sgd=2.1");  // x <- -1.1 x
  CHECK(slow.find("\ny          never  ") != std::string::npos);
}

TEST_CASE("at twice the rate Muon takes half the steps in a deep linear network") {
  const std::string text = printed(program, "--problem deep --lr muon=0.01 sgd=0.2");
  CHECK(text.find("  muon      rate 0.01  ") != std::string::npos);
  const std::vector<double> medians = numbers(text, "σ = 1  ");
  REQUIRE(medians.size() == 4);
  CHECK(std::abs(medians[0] - 30) <= 3);
  CHECK(std::abs(medians[3] - 100) <= 5);
}

TEST_CASE("--out leaves a page") { check_leaves_page(program, "--seeds 2 --steps 100"); }

TEST_CASE("help teaches, lines fit, and what saddle cannot take is refused in one line") {
  CHECK(printed(program, "--help").find("Muon gives all directions") != std::string::npos);
  for (const std::string& line : lines_from(printed(program, "--seeds 3"), "")) {
    CAPTURE(line);
    CHECK(width_of(line) <= 80);
  }
  const Folder folder;
  check_refused(folder, program, "--problem hill",
                "--problem: got 'hill', expected deep, plane or all");
  check_refused(folder, program, "--start=-1",
                "--start: got '-1', expected a number of float32 from 0 to 1");
  check_refused(folder, program, "--lr lion=1",
                "--lr: got 'lion', expected sgd, momentum, adam or muon");
  check_refused(folder, program, "--lr muon=0",
                "--lr: the rate of muon must be a positive number, got '0'");
}

}  // namespace
}  // namespace muonlab::test
