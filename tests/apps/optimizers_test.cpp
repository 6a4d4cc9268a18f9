#include <sstream>
#include <string>

#include <doctest/doctest.h>

#include "apps/experiments/elementwise.h"
#include "muonlab/optim/rules.h"
#include "tests/apps/run_app.h"

namespace muonlab::test {
namespace {

const std::string program = MUONLAB_OPTIMIZERS;

TEST_CASE("the gallery lists every optimizer, in lines that fit a terminal") {
  const Folder folder;
  const Outcome run = run_app(folder, program, "");
  CHECK(run.status == 0);
  for (const auto& rule : optim::named_rules()) {
    CAPTURE(rule.name);
    CHECK(run.out.find('\n' + std::string(rule.name) + ' ') != std::string::npos);
    CHECK(run.out.find("    " + std::string(rule.formula) + '\n') != std::string::npos);
  }
  for (const auto& rule : app::elementwise_rules()) {
    CHECK(run.out.find('\n' + std::string(rule.name) + ' ') != std::string::npos);
  }
  std::istringstream lines(run.out);
  for (std::string line; std::getline(lines, line);) {
    CAPTURE(line);
    CHECK(line.size() <= 96);
  }
}

TEST_CASE("a card says what a rule keeps and takes") {
  const Folder folder;
  const Outcome run = run_app(folder, program, "normuon");
  CHECK(run.status == 0);
  CHECK(run.out.starts_with("normuon: Muon, then the rows of an update are taken to one size\n"));
  CHECK(run.out.find("  momentum (768, 3072)\n") != std::string::npos);
  CHECK(run.out.find("  row_square (768, 1)\n") != std::string::npos);
  CHECK(run.out.find("  work      1.00 of Muon's operations\n") != std::string::npos);
  CHECK(run.out.find("mnist_compare --optimizers muon,normuon") != std::string::npos);
}

TEST_CASE("a name that no optimizer has is refused, and a near one suggested") {
  const Folder folder;
  const Outcome run = run_app(folder, program, "normoun");
  CHECK(run.status == 2);
  CHECK(run.error.starts_with("error: NAME: got 'normoun', expected "));
  CHECK(run.error.find("did you mean normuon?") != std::string::npos);
}

}  // namespace
}  // namespace muonlab::test
